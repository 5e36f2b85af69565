import { asGatewayError, GatewayError } from '../core/errors.ts';
import type { RequestFacts } from '../http/facts.ts';
import { json, methodNotAllowed, type Reply, text } from '../http/reply.ts';
import type { LogoutNotice } from '../identity/provider.ts';
import type { LoginContext } from './context.ts';
import { once } from './once.ts';

/**
 * `POST /.auth/logout/<provider>/backchannel`: the provider says that somebody signed out there (OpenID Connect
 * Back-Channel Logout 1.0). It comes from a server, so there is no cookie and nothing to forge: the token is the proof.
 *
 * @param form - reads the body; rejects what is no form, or too large
 */
export async function backChannelLogout(
  context: LoginContext,
  facts: RequestFacts,
  providerName: string,
  form: () => Promise<URLSearchParams>,
): Promise<Reply> {
  if (facts.method !== 'POST') return methodNotAllowed('POST');
  const about = { requestId: facts.requestId, provider: providerName };
  try {
    const [token, ...more] = (await form()).getAll('logout_token');
    if (token === undefined || more.length > 0) throw refused('logout_token is not there exactly once');
    const provider = context.providers.get(providerName);
    if (provider?.kind !== 'redirect' || provider.verifyLogout === undefined)
      throw refused('no such provider, or it has no back-channel logout');
    const count = await endOnce(context, await provider.verifyLogout(token));
    context.report({ kind: 'back-channel-logout', ...about, count });
    return text(200, '');
  } catch (caught) {
    const error = asGatewayError(caught, 'during a back-channel logout');
    context.report({ kind: 'back-channel-refused', ...about, error });
    // Section 2.8: 400 also for a logout that failed, so that the provider knows.
    return json(400, { error: error.status < 500 ? 'invalid_request' : 'logout_failed' });
  }
}

/** A token works once. */
function endOnce(context: LoginContext, notice: LogoutNotice): Promise<number> {
  const { store, sessions, clock, endTokens } = context;
  return once(
    store,
    {
      prefix: 'logout-used:',
      name: JSON.stringify([notice.issuer, notice.id]),
      memory: () => notice.usedUntil - clock(),
    },
    async () => {
      const [count, tokens = 0] = await Promise.all([sessions.endLoggedOut(notice), endTokens?.(notice)]);
      return count + tokens;
    },
    () => refused('the logout token was used before'),
  );
}

function refused(message: string): GatewayError {
  return new GatewayError('logout_refused', 400, message);
}
