import { GatewayError } from '../core/errors.ts';
import type { RequestFacts } from '../http/facts.ts';
import { errorPage, passwordPage } from '../http/pages/index.ts';
import { methodNotAllowed, page, type Reply } from '../http/reply.ts';
import { safeReturnTo } from '../http/return-to.ts';
import type { FormProvider } from '../identity/provider.ts';
import type { LiveSession } from '../session/live.ts';
import { type LoginContext, loginHref } from './context.ts';
import { establish } from './establish.ts';
import { fromOurOwnPage } from './own-page.ts';
import { problemPage, signInFailed } from './problem.ts';

/** Failures that another try on the same page can mend. */
const TRY_AGAIN = new Set(['wrong_password', 'too_many_attempts', 'sign_in_busy']);

/** The page with the fields. */
export function passwordForm(
  context: Pick<LoginContext, 'providers'>,
  provider: FormProvider,
  returnTo: string,
  failed?: { readonly error: GatewayError; readonly username: string },
): Reply {
  const { error } = failed ?? {};
  const problem =
    error === undefined
      ? undefined
      : {
          message: error.publicMessage ?? 'Sign-in did not work.',
          ...(error.publicHint === undefined ? {} : { hint: error.publicHint }),
        };
  const headers: Reply['headers'] =
    error?.retryAfter === undefined ? [] : [['retry-after', String(Math.ceil(error.retryAfter / 1000))]];
  return page(
    error?.status ?? 200,
    passwordPage({
      providerTitle: provider.title,
      action: `/.auth/login/${encodeURIComponent(provider.name)}`,
      returnTo,
      asksUsername: provider.asksUsername,
      ...(failed === undefined ? {} : { username: failed.username }),
      ...(problem === undefined ? {} : { problem }),
      ...(context.providers.size > 1 ? { othersHref: loginHref(returnTo) } : {}),
    }),
    headers,
  );
}

/**
 * `POST /.auth/login/<provider>`
 *
 * @param readForm - reads the body; not called for a request that another site sent
 * @param live - the session of the request, when it is valid
 */
export async function passwordLogin(
  context: LoginContext,
  facts: RequestFacts,
  providerName: string,
  readForm: () => Promise<URLSearchParams>,
  live: LiveSession | undefined,
): Promise<Reply> {
  const provider = context.providers.get(providerName);
  if (provider?.kind !== 'form') return methodNotAllowed('GET');
  // Without this, a stranger's page could sign a person in to the stranger's account, and read what they do there.
  if (!fromOurOwnPage(facts)) {
    const error = new GatewayError('cross_site_sign_in', 403, 'a sign-in form that no page of ours sent');
    signInFailed(context, facts, provider.name, error);
    return crossSite(facts, provider);
  }
  const form = await readForm();
  const username = provider.asksUsername ? (form.get('username') ?? '') : '';
  const returnTo = form.get('return_to');
  try {
    const password = form.get('password') ?? '';
    const signedIn = await provider.authenticate({ username, password, clientAddress: facts.clientAddress });
    return await establish(context, facts, signedIn, returnTo, live);
  } catch (caught) {
    const error = signInFailed(context, facts, provider.name, caught);
    const safe = safeReturnTo(returnTo, facts.origin);
    if (TRY_AGAIN.has(error.code)) return passwordForm(context, provider, safe, { error, username });
    return problemPage(facts, error, { href: loginHref(safe, provider.name), label: 'Start again' });
  }
}

function crossSite(facts: RequestFacts, provider: FormProvider): Reply {
  return page(
    403,
    errorPage({
      status: 403,
      title: 'Nobody was signed in',
      message: 'This sign-in was sent by another site.',
      hint: 'To sign in, use the form on this site.',
      requestId: facts.requestId,
      action: { href: loginHref('/', provider.name), label: 'Sign in' },
    }),
  );
}
