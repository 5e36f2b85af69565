import { parseArgs } from 'node:util';

/** What to measure and for how long; see `help`. */
export interface Options {
  readonly peers: readonly string[] | undefined;
  readonly cases: readonly string[] | undefined;
  readonly rounds: number;
  /** Seconds that one measurement takes, after `warm` seconds that do not count. */
  readonly measure: number;
  readonly warm: number;
  readonly connections: number;
  readonly idleSockets: number;
  /** How many sessions are many. */
  readonly manySessions: number;
  readonly starts: number;
  readonly quick: boolean;
  readonly profile: boolean;
  readonly writeDocs: boolean;
}

export const help = `npm run bench [-- options]
  --quick            about two minutes, for a first impression
  --only a,b         these servers: direct nginx caddy oauth2-proxy apache-openidc portico
  --case a,b         these measures: get ws download idle start sessions
  --rounds n         how often each is measured; the table shows medians
  --profile          no comparison: a CPU profile of Portico under small GETs, or under --case
  --write-docs       no measuring: bench/results/latest.json into docs/performance.md`;

export function parseOptions(argv: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      case: { type: 'string' },
      rounds: { type: 'string' },
      profile: { type: 'boolean', default: false },
      'write-docs': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { quick } = values;
  return {
    peers: values.only?.split(','),
    cases: values.case?.split(','),
    rounds: values.rounds === undefined ? (quick ? 1 : 3) : Math.max(1, Number(values.rounds)),
    measure: quick ? 2 : 4,
    warm: quick ? 1 : 1.5,
    connections: 64,
    idleSockets: quick ? 1000 : 5000,
    manySessions: quick ? 20_000 : 100_000,
    starts: quick ? 3 : 7,
    quick,
    profile: values.profile,
    writeDocs: values['write-docs'],
  };
}
