import type { RandomBytes } from '../core/types.ts';

const FIRST = 2_000;
const LONGEST = 5 * 60_000;

/** Milliseconds to wait after so many failures in a row: doubling, between half and all of it, so that not all come back at once. */
export function backoff(failures: number, random: RandomBytes): number {
  return jittered(Math.min(LONGEST, FIRST * 2 ** (failures - 1)), random);
}

/** Between half of it and all of it. */
export function jittered(milliseconds: number, random: RandomBytes): number {
  const [byte = 0] = random(1);
  return (milliseconds / 2) * (1 + byte / 255);
}
