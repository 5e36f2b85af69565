import { cache } from '../lib/tools.ts';
import type { Peer } from './peer.ts';

/** The app itself, on the server's core: the ceiling of what the load can ask. */
export const direct: Peer = {
  name: 'direct',
  title: 'the app itself',
  install: () => 'bench/load',
  launch: ({ port }) => ({ argv: [`${cache}/load`, 'backend', '-port', String(port)] }),
};
