import type { RandomBytes } from './types.ts';

/**
 * Milliseconds to wait after so many failures in a row: doubling from `first` up to `longest`, and then between half and
 * all of that, so that many which failed together do not come back in the same instant.
 *
 * @param failures - from 1
 */
export function exponential(
  failures: number,
  { first, longest }: { readonly first: number; readonly longest: number },
  random: RandomBytes,
): number {
  return jittered(Math.min(longest, first * 2 ** (failures - 1)), random);
}

/** Between half of it and all of it. */
export function jittered(milliseconds: number, random: RandomBytes): number {
  const [byte = 0] = random(1);
  return (milliseconds / 2) * (1 + byte / 255);
}
