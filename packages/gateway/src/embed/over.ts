import { createHash } from 'node:crypto';
import type { Identity } from '../core/types.ts';
import { CODE_LIFE } from './code.ts';
import type { EmbedParts } from './context.ts';

const PREFIX = 'embed-over:';

/**
 * A session may be ended before its frame has begun it. The end is written down first and then looks for the session; the
 * beginning makes the session first and then looks for an end: whichever is later sees the other.
 *
 * @param name - a `sid`, or what `allOf` says
 */
export function markOver({ store, clock }: Pick<EmbedParts, 'store' | 'clock'>, name: string): Promise<void> {
  return store.set(rowOf(name), Buffer.from(String(clock())), CODE_LIFE);
}

/** @param since - milliseconds since the epoch; what was ended earlier does not count */
export async function isOver(
  { store }: Pick<EmbedParts, 'store'>,
  name: string,
  since: number,
): Promise<boolean> {
  const at = await store.get(rowOf(name));
  return at !== undefined && Number(Buffer.from(at).toString()) >= since;
}

/** Names everything of one person around one app. */
export function allOf(app: string, { issuer, subject }: Pick<Identity, 'issuer' | 'subject'>): string {
  return JSON.stringify([app, issuer, subject]);
}

function rowOf(name: string): string {
  return PREFIX + createHash('sha256').update(name).digest('base64url');
}
