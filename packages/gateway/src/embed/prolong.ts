import { GatewayError } from '../core/errors.ts';
import { isSamePerson } from '../core/same-person.ts';
import type { Session } from '../core/types.ts';
import type { LiveSession } from '../session/live.ts';
import { tokenLock } from '../session/token-lock.ts';
import type { EmbedParts } from './context.ts';

/**
 * An embedded session goes on as long as a newer token of the same person, as the person whom that token describes. An older
 * token changes nothing.
 *
 * @param host - what the token stands for
 * @throws GatewayError `session_ended` (401), `identity_changed` (403), `store_unavailable` (503)
 */
export function prolong(parts: EmbedParts, live: LiveSession, host: Session): Promise<void> {
  const { sessions, store, clock } = parts;
  return store.withLock(tokenLock(live), async () => {
    if (!(await sessions.reload(live))) throw sessionEnded();
    const { session } = live;
    if (session.embed?.bearer !== host.identity.provider || !isSamePerson(session.identity, host.identity))
      throw new GatewayError('identity_changed', 403, 'the newer token is another person’s', {
        publicMessage: 'The token is another person’s.',
      });
    live.lastSeenAt = clock();
    if (host.expiresAt <= session.expiresAt) return;
    const expiresAt = Math.min(host.expiresAt, session.createdAt + parts.longest);
    await sessions.change(live, { identity: host.identity, expiresAt });
  });
}

/** `session_ended` (401) */
export function sessionEnded(): GatewayError {
  return new GatewayError('session_ended', 401, 'there is no embedded session of this handle any more', {
    publicMessage: 'The session is over.',
    publicHint: 'Ask for a new code.',
  });
}
