import { createHash } from 'node:crypto';
import { GatewayError } from '../core/errors.ts';
import type { RequestFacts } from '../http/facts.ts';
import { json, type Reply, text } from '../http/reply.ts';
import type { LogoutNotice } from '../identity/provider.ts';
import type { LoginContext } from './context.ts';
import { asGatewayError, methodNotAllowed } from './problem.ts';

const USED = Uint8Array.of(1);

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
    const error = asGatewayError(caught);
    context.report({ kind: 'back-channel-refused', ...about, error });
    // Section 2.8: 400 also for a logout that failed, so that the provider knows.
    return json(400, { error: error.status < 500 ? 'invalid_request' : 'logout_failed' });
  }
}

/** A token works once, in all processes on this store. It counts as used when it has worked, so that a failure can be repeated. */
async function endOnce(context: LoginContext, notice: LogoutNotice): Promise<number> {
  const { store, sessions, clock } = context;
  const name = createHash('sha256')
    .update(JSON.stringify([notice.issuer, notice.id]))
    .digest('base64url');
  const key = `logout-used:${name}`;
  return store.withLock(key, async () => {
    if ((await store.get(key)) !== undefined) throw refused('the logout token was used before');
    const count = await sessions.endLoggedOut(notice);
    await store.set(key, USED, notice.usedUntil - clock());
    return count;
  });
}

function refused(message: string): GatewayError {
  return new GatewayError('logout_refused', 400, message);
}
