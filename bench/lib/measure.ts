import type { FreshCase, SteadyCase } from '../cases/case.ts';
import type { Peer } from '../peers/peer.ts';
import type { Ground } from './ground.ts';
import type { Values } from './load.ts';
import type { Options } from './options.ts';
import type { Measurement, Results } from './results.ts';
import { type Server, startServer } from './server.ts';

type LeftOut = Results['leftOut'][number];

/** Collects what was measured and what failed; a peer that fails once is left alone from then on. */
export class Recorder {
  readonly measurements: Measurement[] = [];
  readonly leftOut: LeftOut[] = [];
  readonly #failed = new Set<string>();

  async record(name: string, peer: string, round: string, measure: () => Promise<Values>): Promise<void> {
    if (this.#failed.has(`${name} ${peer}`)) return;
    try {
      const values = await measure();
      this.measurements.push({ case: name, peer, values });
      console.log(`  ${round.padEnd(6)} ${name.padEnd(9)} ${peer.padEnd(15)} ${describe(values)}`);
    } catch (error) {
      this.leaveOut(peer, `${name}: ${error instanceof Error ? error.message : error}`);
      this.#failed.add(`${name} ${peer}`);
    }
  }

  leaveOut(name: string, reason: string): void {
    console.log(`! ${name} is left out: ${reason}`);
    this.leftOut.push({ name, reason: reason.replace(/\s+/g, ' ').slice(0, 200) });
  }
}

/** All servers run at once and are measured in turn, so that a neighbour's noise meets each of them alike. */
export async function measureSteady(
  cases: readonly SteadyCase[],
  peers: readonly Peer[],
  ground: Ground,
  options: Options,
  recorder: Recorder,
): Promise<void> {
  if (cases.length === 0) return;
  const servers: Server[] = [];
  for (const peer of peers) {
    try {
      servers.push(await startServer(peer, ground));
    } catch (error) {
      recorder.leaveOut(peer.name, error instanceof Error ? error.message : String(error));
    }
  }
  for (let round = 1; round <= options.rounds; round++) {
    for (const { name, measure } of cases) {
      for (const server of servers) {
        await recorder.record(name, server.peer.name, `${round}/${options.rounds}`, () =>
          measure(server, options),
        );
      }
    }
  }
  await Promise.all(servers.map((server) => server.stop()));
}

export async function measureFresh(
  cases: readonly FreshCase[],
  peers: readonly Peer[],
  ground: Ground,
  options: Options,
  recorder: Recorder,
): Promise<void> {
  for (const { name, appliesTo, rounds, measure } of cases) {
    const last = rounds(options);
    for (let round = 1; round <= last; round++) {
      for (const peer of peers.filter(appliesTo)) {
        await recorder.record(name, peer.name, `${round}/${last}`, () => measure(peer, ground, options));
      }
    }
  }
}

/** One line for the terminal. */
export function describe(values: Values): string {
  return Object.entries(values)
    .filter(([name]) => !['seconds', 'count', 'reopened', 'opened', 'closed'].includes(name))
    .map(([name, number]) => `${name} ${number.toLocaleString('en', { maximumFractionDigits: 2 })}`)
    .join(', ');
}
