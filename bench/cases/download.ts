import { aim, runLoad } from '../lib/load.ts';
import type { SteadyCase } from './case.ts';

/** 100 MB with a Content-Length, one after the other over one connection. */
export const download: SteadyCase = {
  name: 'download',
  measure: (server, { measure }) =>
    runLoad(server, ['download', ...aim(server, '/download'), '-measure', `${measure}s`]),
};
