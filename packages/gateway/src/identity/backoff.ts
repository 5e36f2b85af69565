import { exponential } from '../core/backoff.ts';
import type { RandomBytes } from '../core/types.ts';

/** Milliseconds until a provider is asked again after so many failures in a row. */
export function backoff(failures: number, random: RandomBytes): number {
  return exponential(failures, { first: 2_000, longest: 5 * 60_000 }, random);
}
