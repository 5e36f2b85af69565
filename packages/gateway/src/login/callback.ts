import { GatewayError } from '../core/errors.ts';
import type { RequestFacts } from '../http/facts.ts';
import { methodNotAllowed, type Reply, redirect } from '../http/reply.ts';
import { safeReturnTo } from '../http/return-to.ts';
import type { LoginTransaction, ValidatedCallback } from '../identity/provider.ts';
import type { LiveSession } from '../session/live.ts';
import { type LoginContext, redirectUriOf } from './context.ts';
import { establish } from './establish.ts';
import { once } from './once.ts';
import { problemPage, signInFailed, wayOn } from './problem.ts';
import { clearTransaction, findTransaction, TRANSACTION_LIFE_MS } from './transaction.ts';

/** Parameters of an authorization response that decide something (RFC 6749 section 4.1.2, RFC 9207). */
const SINGLE = ['state', 'code', 'iss', 'error', 'error_description', 'response'] as const;

/**
 * `GET /.auth/login/<provider>/callback`, the redirect URI. In order: parameters single, state known to this browser,
 * state not used before, code redeemed, old session ended, new session made, on to the page that was wanted.
 *
 * @param live - the session of the request, when it is valid
 */
export async function finishLogin(
  context: LoginContext,
  facts: RequestFacts,
  providerName: string,
  live: LiveSession | undefined,
): Promise<Reply> {
  if (facts.method !== 'GET') return methodNotAllowed('GET');
  let transaction: LoginTransaction | undefined;
  const clear = (): [string, string][] =>
    transaction === undefined ? [] : [['set-cookie', clearTransaction(context, transaction.state)]];
  try {
    const params = new URLSearchParams(facts.query);
    refuseRepeated(params);
    const provider = context.providers.get(providerName);
    const state = params.get('state') ?? '';
    const found = state === '' ? undefined : findTransaction(context, facts.header('cookie'), state);
    if (
      provider?.kind !== 'redirect' ||
      found?.provider !== providerName ||
      found.redirectUri !== redirectUriOf(facts.origin, provider)
    ) {
      // The back button, or another tab that has finished: somebody who is signed in need not see an error.
      if (live !== undefined) return redirect(303, '/');
      throw refused('login_state_unknown', 'the callback matches no sign-in that this browser began');
    }
    transaction = found;
    await useOnce(context, transaction);
    const signedIn = await provider.redeem(validate(facts, params, transaction));
    const reply = await establish(context, facts, signedIn, transaction.returnTo, live);
    return { ...reply, headers: [...reply.headers, ...clear()] };
  } catch (caught) {
    const error = signInFailed(context, facts, providerName, caught);
    const returnTo = safeReturnTo(transaction?.returnTo, facts.origin);
    return problemPage(facts, error, wayOn(error, returnTo, transaction?.provider), clear());
  }
}

/** One value must mean one thing to us and to the OIDC client, so a repeated parameter is refused (security fact 3). */
function refuseRepeated(params: URLSearchParams): void {
  const repeated = SINGLE.find((name) => params.getAll(name).length > 1);
  if (repeated !== undefined)
    throw refused('login_parameters_repeated', `the callback repeats "${repeated}"`);
}

/** A state works once: a replayed callback is refused. */
function useOnce({ store }: LoginContext, { state }: LoginTransaction): Promise<void> {
  return once(
    store,
    { prefix: 'login-used/', name: state, memory: () => TRANSACTION_LIFE_MS },
    () => Promise.resolve(),
    () => refused('login_state_used', 'the callback was used before'),
  );
}

/** The one place that makes a `ValidatedCallback`. */
function validate(
  facts: RequestFacts,
  params: URLSearchParams,
  transaction: LoginTransaction,
): ValidatedCallback {
  if (!params.get('code') && !params.get('error')) {
    throw refused('login_parameters_missing', 'the callback has neither code nor error');
  }
  const url = new URL(transaction.redirectUri);
  url.search = facts.query;
  return { url, transaction } as ValidatedCallback;
}

function refused(code: string, message: string): GatewayError {
  return new GatewayError(code, 400, message, {
    publicMessage:
      'This sign-in is not one that this browser began, or it has been used, or it took too long.',
    publicHint: 'Start again from here. Old links and the back button cannot finish a sign-in.',
  });
}
