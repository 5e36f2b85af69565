import { isSaturated, type Results, sessionLoads, value } from './results.ts';

export interface Target {
  readonly text: string;
  /** undefined when it was not measured. */
  readonly met: boolean | undefined;
}

/** What we promise ourselves to reach, each with what was measured. */
export function targets(data: Results): Target[] {
  const faster =
    (value(data, 'caddy', 'get', 'perSecond') ?? 0) > (value(data, 'oauth2-proxy', 'get', 'perSecond') ?? 0)
      ? 'caddy'
      : 'oauth2-proxy';
  return [
    timesAsFast(data, 'get', 'perSecond', 'nginx', 0.27),
    timesAsFast(data, 'get', 'perSecond', faster, 1.4),
    timesAsFast(data, 'get', 'perSecond', 'apache-openidc', 2.5),
    timesAsFast(data, 'ws', 'perSecond', 'nginx', 0.8),
    timesAsFast(data, 'download', 'megabytesPerSecond', 'nginx', 0.8),
    atMost('KiB for an idle WebSocket', value(data, 'portico', 'idle', 'kibPerSocket'), 24),
    flat(data),
    atMost('milliseconds to the first answer', value(data, 'portico', 'start', 'milliseconds'), 500),
  ];
}

/** Decided by the rates when both servers were busy all the time, else by what the work cost them in processor time. */
function timesAsFast(data: Results, test: string, column: string, peer: string, bound: number): Target {
  const byRate = divide(value(data, 'portico', test, column), value(data, peer, test, column));
  const byCpu = divide(value(data, peer, test, 'cpuMicros'), value(data, 'portico', test, 'cpuMicros'));
  const counted = isSaturated(data, 'portico', test) && isSaturated(data, peer, test) ? byRate : byCpu;
  const measured = `${byRate?.toFixed(2) ?? 'not measured'}, by CPU ${byCpu?.toFixed(2) ?? 'not measured'}`;
  return {
    text: `${test}, of ${peer}: ${measured} (at least ${bound})`,
    met: counted === undefined ? undefined : counted >= bound,
  };
}

/** Flat: with the most sessions stored, a request of the same few costs at most a tenth more processor time. */
function flat(data: Results): Target {
  const [few, many] = sessionLoads(data);
  const growth = divide(many?.of('cpuMicros'), few?.of('cpuMicros'));
  const counts = `${many?.sessions.toLocaleString('en')} sessions to ${few?.sessions.toLocaleString('en')}`;
  return atMost(growth === undefined ? 'cost by sessions' : `cost of a request with ${counts}`, growth, 1.1);
}

function divide(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

function atMost(what: string, measured: number | undefined, bound: number): Target {
  return {
    text: `${what}: ${measured?.toFixed(2) ?? 'not measured'} (at most ${bound})`,
    met: measured === undefined ? undefined : measured <= bound,
  };
}
