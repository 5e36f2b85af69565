import type { Ground } from '../lib/ground.ts';
import type { Values } from '../lib/load.ts';
import type { Options } from '../lib/options.ts';
import type { Server } from '../lib/server.ts';
import type { Peer } from '../peers/peer.ts';

/** Measured on servers that all run from beginning to end, in turn. */
export interface SteadyCase {
  readonly name: string;
  measure(server: Server, options: Options): Promise<Values>;
}

/** Measured on a process of its own. */
export interface FreshCase {
  readonly name: string;
  appliesTo(peer: Peer): boolean;
  rounds(options: Options): number;
  measure(peer: Peer, ground: Ground, options: Options): Promise<Values>;
}
