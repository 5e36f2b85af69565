import type { RandomBytes } from '../core/types.ts';

const FIRST = 500;
const LONGEST = 30_000;

/** After this many milliseconds of health a crash counts as the first one again. */
export const HEALTHY_AFTER = 60_000;

/**
 * Milliseconds to wait before the next start. Doubles with each crash in a row up to half a minute; the random half
 * keeps many apps that lost the same database from all coming back in the same instant.
 *
 * @param crashes - crashes in a row, from 1
 */
export function backoffDelay(crashes: number, random: RandomBytes): number {
  const full = Math.min(LONGEST, FIRST * 2 ** Math.max(0, crashes - 1));
  const share = (random(1)[0] ?? 0) / 256;
  return Math.round(full / 2 + (full / 2) * share);
}
