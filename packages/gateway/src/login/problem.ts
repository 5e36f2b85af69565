import { asGatewayError, type GatewayError } from '../core/errors.ts';
import type { RequestFacts } from '../http/facts.ts';
import { errorPage } from '../http/pages/index.ts';
import { page, type Reply } from '../http/reply.ts';
import { type LoginContext, loginHref } from './context.ts';

/** Starting again with the same account would end in the same place, and a provider that knows somebody asks nothing. */
const OTHER_ACCOUNT: ReadonlySet<string> = new Set([
  'account_not_allowed',
  'user_claim_missing',
  'wrong_domain',
  'wrong_tenant',
]);

/** How somebody goes on after a sign-in that failed. */
export interface WayOn {
  readonly href: string;
  readonly label: string;
}

/** @param provider - at which it failed */
export function wayOn(error: GatewayError, returnTo: string, provider: string | undefined): WayOn {
  return provider !== undefined && OTHER_ACCOUNT.has(error.code)
    ? { href: loginHref(returnTo, provider, true), label: 'Use another account' }
    : { href: loginHref(returnTo), label: 'Start again' };
}

/** The page for a sign-in that failed: what a person may know, the stable code for support, and a way to start again. */
export function problemPage(
  facts: RequestFacts,
  error: GatewayError,
  action: WayOn,
  headers: Reply['headers'] = [],
): Reply {
  return page(
    error.status,
    errorPage({
      status: error.status,
      title: 'Sign-in did not work',
      message: error.publicMessage ?? 'Something went wrong while signing you in.',
      hint: `${error.publicHint ?? 'Please start again.'} (${error.code})`,
      requestId: facts.requestId,
      action,
    }),
    headers,
  );
}

/** Reports a sign-in that failed, and says with which error; what is not one of ours becomes one. */
export function signInFailed(
  context: Pick<LoginContext, 'report'>,
  facts: RequestFacts,
  provider: string | undefined,
  caught: unknown,
): GatewayError {
  const error = asGatewayError(caught, 'during sign-in');
  context.report({
    kind: 'sign-in-failed',
    requestId: facts.requestId,
    error,
    ...(provider === undefined ? {} : { provider }),
  });
  return error;
}
