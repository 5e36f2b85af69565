import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Values } from './load.ts';
import type { MachineFacts } from './machine.ts';
import { median } from './stats.ts';
import { results } from './tools.ts';

/** One value of one measurement; `serverCpu` and the like are in `values`. */
export interface Measurement {
  readonly case: string;
  readonly peer: string;
  readonly values: Values;
}

/** bench/results/latest.json */
export interface Results {
  readonly machine: MachineFacts;
  readonly quick: boolean;
  readonly rounds: number;
  readonly connections: number;
  readonly idleSockets: number;
  readonly peers: readonly { readonly name: string; readonly title: string; readonly version: string }[];
  /** Peers that could not be had on this machine, or failed. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
  readonly measurements: readonly Measurement[];
}

const file = `${results}/latest.json`;

export function saveResults(data: Results): string {
  mkdirSync(results, { recursive: true });
  writeFileSync(file, `${JSON.stringify(data, null, 1)}\n`);
  return file;
}

export function loadResults(): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results;
}

/** Median over the rounds; undefined when it was not measured. */
export function value(data: Results, peer: string, name: string, column: string): number | undefined {
  const values = data.measurements
    .filter((measurement) => measurement.peer === peer && measurement.case === name)
    .map((measurement) => measurement.values[column])
    .filter((number) => number !== undefined);
  return values.length === 0 ? undefined : median(values);
}

/** Whether the server was the limit: else the load was, or the machine had other things to do. */
export function isSaturated(data: Results, peer: string, name: string): boolean {
  return (value(data, peer, name, 'serverCpu') ?? 1) >= 0.85;
}

/** The measurements of `sessions`, by how many were stored and how many of them made requests; fewest first. */
export function sessionLoads(data: Results) {
  const all = data.measurements.filter((measurement) => measurement.case === 'sessions');
  const keyOf = ({ values }: Measurement) => `${values['sessions']} ${values['active']}`;
  return [...new Set(all.map(keyOf))]
    .map((key) => {
      const [sessions = 0, active = 0] = key.split(' ').map(Number);
      const measurements = all.filter((measurement) => keyOf(measurement) === key);
      const of = (column: string) => value({ ...data, measurements }, 'portico', 'sessions', column);
      return { sessions, active, of };
    })
    .sort((a, b) => a.sessions - b.sessions || a.active - b.active);
}
