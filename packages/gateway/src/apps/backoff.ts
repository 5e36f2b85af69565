import { exponential } from '../core/backoff.ts';
import type { RandomBytes } from '../core/types.ts';

/** After this many milliseconds of health a crash counts as the first one again. */
export const HEALTHY_AFTER = 60_000;

/** Milliseconds until an app is started again after so many crashes in a row. */
export function backoffDelay(crashes: number, random: RandomBytes): number {
  return exponential(crashes, { first: 500, longest: 30_000 }, random);
}
