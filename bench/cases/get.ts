import { aim, runLoad, type Values } from '../lib/load.ts';
import type { Options } from '../lib/options.ts';
import type { Server } from '../lib/server.ts';
import type { SteadyCase } from './case.ts';

/** 1 KB answers over kept-alive connections, one request in flight on each. */
export const get: SteadyCase = { name: 'get', measure: (server, options) => measureGets(server, options) };

/** @param more - further arguments for the load tool */
export function measureGets(server: Server, options: Options, more: readonly string[] = []): Promise<Values> {
  const { connections, warm, measure } = options;
  const times = ['-connections', `${connections}`, '-warm', `${warm}s`, '-measure', `${measure}s`];
  return runLoad(server, ['get', ...aim(server, '/'), ...times, ...more]);
}
