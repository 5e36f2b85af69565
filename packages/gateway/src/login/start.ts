import { GatewayError } from '../core/errors.ts';
import type { RequestFacts } from '../http/facts.ts';
import { chooserPage, frameEscapePage } from '../http/pages/index.ts';
import { methodNotAllowed, page, type Reply, redirect } from '../http/reply.ts';
import { safeOwnPage, safeReturnTo } from '../http/return-to.ts';
import type { LiveSession } from '../session/live.ts';
import { type LoginContext, loginHref, redirectUriOf } from './context.ts';
import { hintsOf } from './hints.ts';
import { passwordForm } from './password.ts';
import { problemPage, signInFailed, wayOn } from './problem.ts';
import { keepTransaction, newTransaction } from './transaction.ts';

/** Values of Sec-Fetch-Dest for a page that another page holds. */
const FRAMED = new Set(['iframe', 'frame', 'embed', 'object', 'fencedframe']);

/**
 * `GET /.auth/login[/<provider>]?return_to=…&login_hint=…&prompt=…&account=other`
 *
 * Somebody who is signed in just goes on: a sign-in page is never shown above a session that still opens everything
 * (CVE-2026-34454). To change the account, sign out.
 *
 * @param providerName - from the path, if it names one
 * @param live - the session of the request, when it is valid
 */
export async function startLogin(
  context: LoginContext,
  facts: RequestFacts,
  providerName: string | undefined,
  live: LiveSession | undefined,
): Promise<Reply> {
  if (facts.method !== 'GET') return methodNotAllowed('GET');
  const params = new URLSearchParams(facts.query);
  const returnTo = returnToOf(params, facts.origin);
  if (live !== undefined) return redirect(303, returnTo);
  if (FRAMED.has(facts.header('sec-fetch-dest') ?? '')) {
    return page(200, frameEscapePage({ href: loginHref(returnTo, providerName) }));
  }
  const all = [...context.providers.values()];
  const provider =
    providerName === undefined && all.length === 1 ? all[0] : context.providers.get(providerName ?? '');
  if (provider === undefined && providerName === undefined) {
    const providers = all.map(({ name, title }) => ({ title, href: loginHref(returnTo, name) }));
    return page(200, chooserPage({ providers }));
  }
  if (provider?.kind === 'form') return passwordForm(context, provider, returnTo);
  try {
    if (provider === undefined) {
      throw new GatewayError(
        'unknown_provider',
        404,
        'sign-in was asked of a provider that is not configured',
        {
          publicMessage: 'There is no such way to sign in here.',
        },
      );
    }
    const transaction = newTransaction(context.random, {
      provider: provider.name,
      redirectUri: redirectUriOf(facts.origin, provider),
      returnTo,
      createdAt: context.clock(),
    });
    const url = await provider.authorizationUrl(transaction, {
      ...hintsOf(params),
      otherAccount: params.get('account') === 'other',
    });
    const cookies = keepTransaction(context, facts.header('cookie'), transaction);
    return redirect(
      302,
      url.href,
      cookies.map((cookie) => ['set-cookie', cookie] as const),
    );
  } catch (caught) {
    const error = signInFailed(context, facts, provider?.name, caught);
    return problemPage(facts, error, wayOn(error, returnTo, provider?.name));
  }
}

/** Our own parameter, or App Service's; `…_url` is its older name. */
function returnToOf(params: URLSearchParams, origin: string): string {
  if (params.has('return_to')) return safeReturnTo(params.get('return_to'), origin);
  const theirs = params.get('post_login_redirect_uri') ?? params.get('post_login_redirect_url');
  return safeOwnPage(theirs, origin, '/');
}
