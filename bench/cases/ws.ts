import { aim, runLoad } from '../lib/load.ts';
import type { SteadyCase } from './case.ts';

/** Messages of 120 bytes, one in flight on every WebSocket; the next follows when the echo is back. */
export const ws: SteadyCase = {
  name: 'ws',
  measure: (server, { connections, warm, measure }) =>
    runLoad(server, [
      'ws',
      ...aim(server, '/ws'),
      ...['-connections', `${connections}`, '-warm', `${warm}s`, '-measure', `${measure}s`],
    ]),
};
