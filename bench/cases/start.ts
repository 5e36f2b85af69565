import { startServer } from '../lib/server.ts';
import type { FreshCase } from './case.ts';

/** From starting the process to its first HTTP answer, asked for every two milliseconds. */
export const start: FreshCase = {
  name: 'start',
  appliesTo: () => true,
  rounds: ({ starts }) => starts,
  async measure(peer, ground) {
    const server = await startServer(peer, ground, { signIn: false });
    await server.stop();
    return { milliseconds: server.startMilliseconds };
  },
};
