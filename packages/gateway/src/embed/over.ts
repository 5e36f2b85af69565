import { CODE_LIFE } from './code.ts';
import type { EmbedParts } from './context.ts';

const PREFIX = 'embed-over:';
const OVER = Uint8Array.of(1);

/**
 * A session may be ended before its frame has begun it. The end is written down first and then looks for the session; the
 * beginning makes the session first and then looks for an end: whichever is later sees the other.
 */
export function markOver({ store }: Pick<EmbedParts, 'store'>, sid: string): Promise<void> {
  return store.set(PREFIX + sid, OVER, CODE_LIFE);
}

export async function isOver({ store }: Pick<EmbedParts, 'store'>, sid: string): Promise<boolean> {
  return (await store.get(PREFIX + sid)) !== undefined;
}
