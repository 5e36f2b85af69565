/** One second of a made-up web shop. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Orders per minute. */
  readonly orders: number;
  /** Revenue per minute, euros. */
  readonly revenue: number;
  /** Median answer time, milliseconds. */
  readonly latency: number;
  /** Orders per minute of each region. */
  readonly regions: Readonly<Record<string, number>>;
}

const SHARES = { Europe: 0.42, Americas: 0.31, Asia: 0.19, Africa: 0.08 };

/** How many samples a newcomer gets, and the page shows. */
export const HISTORY = 120;

/**
 * The next second: a slow wave, a random walk around it, and now and then a slow database.
 *
 * @param random - numbers from 0 to 1
 */
export function nextSample(before: Sample | undefined, at: number, random: () => number): Sample {
  const wave = 240 + 70 * Math.sin(at / 45_000) + 25 * Math.sin(at / 9_000);
  const orders = drift(before?.orders ?? wave, wave, 14, random);
  const slow = random() < 0.02 ? 160 : 0;
  const regions = Object.fromEntries(
    Object.entries(SHARES).map(([name, share]) => [
      name,
      Math.round(drift(before?.regions[name] ?? orders * share, orders * share, 5, random)),
    ]),
  );
  return {
    at,
    orders: Math.round(orders),
    revenue: Math.round(orders * (38 + 4 * random())),
    latency: Math.round(drift(before?.latency ?? 80, 80, 6, random) + slow),
    regions,
  };
}

/** Two minutes that end now, so that nobody looks at an empty chart. */
export function history(now: number, random: () => number): Sample[] {
  const samples: Sample[] = [];
  for (let index = HISTORY; index > 0; index--)
    samples.push(nextSample(samples.at(-1), now - index * 1000, random));
  return samples;
}

function drift(value: number, goal: number, step: number, random: () => number): number {
  return Math.max(0, value + (goal - value) * 0.15 + (random() - 0.5) * 2 * step);
}
