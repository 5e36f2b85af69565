import { aim, runLoad } from '../lib/load.ts';
import type { SteadyCase } from './case.ts';

/** 1 KB answers over kept-alive connections, one request in flight on each. */
export const get: SteadyCase = {
  name: 'get',
  async measure(server, { connections, warm, measure }) {
    const times = ['-connections', `${connections}`, '-warm', `${warm}s`, '-measure', `${measure}s`];
    const values = await runLoad(server, ['get', ...aim(server, '/'), ...times]);
    return { ...values, cpuMicrosPerRequest: ((values['cpuSeconds'] ?? 0) * 1e6) / (values['count'] ?? 1) };
  },
};
