import type { LiveSession } from '../session/live.ts';
import type { EmbedParts } from './context.ts';

const PURPOSE = 'embed handle';
const SAME_AS = 'embed-same-as:';

type Kit = Pick<EmbedParts, 'seal' | 'store' | 'sessions' | 'longest'>;

/**
 * What the page around an app calls its session. It is sealed, so the `sid`, which apps and logs know, is not enough to end a
 * session; and it opens nothing.
 */
export function handleOf({ seal }: Pick<Kit, 'seal'>, sid: string): string {
  return seal.sealText(PURPOSE, sid);
}

/** The `sid` that a handle was made for. */
export function sidOf({ seal }: Pick<Kit, 'seal'>, handle: string): string | undefined {
  return seal.openText(PURPOSE, handle);
}

/** From now on this handle means that session: a browser came back to the one it has. @throws GatewayError `store_unavailable` (503) */
export async function pointHandle(
  { seal, store, longest }: Kit,
  sid: string,
  to: LiveSession,
): Promise<void> {
  const row = SAME_AS + sid;
  await store.set(row, seal.seal(PURPOSE, Buffer.from(to.session.sid), row), longest);
}

/** The session that a handle means, if it lives. @throws GatewayError `store_unavailable` (503) */
export async function sessionOf(kit: Kit, sid: string): Promise<LiveSession | undefined> {
  const { seal, store, sessions } = kit;
  const own = await sessions.bySid(sid);
  if (own !== undefined) return own.session.embed === undefined ? undefined : own;
  const row = SAME_AS + sid;
  const sealed = await store.get(row);
  const other = sealed && seal.open(PURPOSE, sealed, row);
  return other === undefined ? undefined : sessions.bySid(Buffer.from(other).toString());
}
