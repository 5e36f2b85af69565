import { setTimeout as sleep } from 'node:timers/promises';
import { aim, runLoad } from '../lib/load.ts';
import { residentKiB } from '../lib/processes.ts';
import { startServer } from '../lib/server.ts';
import type { FreshCase } from './case.ts';

/**
 * What thousands of open, silent WebSockets add to the resident memory of the server's processes. Before counting, a
 * few have come and gone, so that code and pools that are loaded once are not charged to the sockets.
 */
export const idle: FreshCase = {
  name: 'idle',
  appliesTo: () => true,
  rounds: () => 1,
  async measure(peer, ground, { idleSockets }) {
    const server = await startServer(peer, ground, { sockets: idleSockets });
    try {
      const open = (count: number, whileOpen: () => Promise<void>) =>
        runLoad(server, ['idle', ...aim(server, '/ws'), '-connections', `${count}`], whileOpen);
      await open(50, () => sleep(200));
      await sleep(500);
      const before = residentKiB(server.pid);
      let after = 0;
      const { opened = 0, closed = 0 } = await open(idleSockets, async () => {
        await sleep(3000);
        after = residentKiB(server.pid);
      });
      if (closed > 0) throw new Error(`${closed} of ${opened} idle WebSockets were closed`);
      return { sockets: opened, beforeKiB: before, afterKiB: after, kibPerSocket: (after - before) / opened };
    } finally {
      await server.stop();
    }
  },
};
