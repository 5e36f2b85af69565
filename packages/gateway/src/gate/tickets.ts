import { createHash } from 'node:crypto';
import { isObject } from '../core/object.ts';
import type { RandomBytes } from '../core/types.ts';
import type { Sealer } from '../session/seal.ts';
import type { SessionStore } from '../session/store.ts';

/** Milliseconds. */
export const TICKET_LIFE = 30_000;
const PREFIX = 'socket-ticket:';
const PURPOSE = 'socket ticket';
const TICKET = /^[A-Za-z0-9_-]{43}$/;

/** What a ticket stands for. */
interface Ticketed {
  readonly token: string;
  readonly app: string;
  /** Of the page that asked; absent when a server did. */
  readonly origin?: string;
}

/**
 * Tickets for WebSockets: browsers let no script set a header on a handshake, and a token in an address would end in logs.
 * A ticket opens one socket, of one app, within 30 seconds, in whichever process.
 */
export class Tickets {
  readonly #store: SessionStore;
  readonly #sealer: Sealer;
  readonly #random: RandomBytes;

  constructor(store: SessionStore, sealer: Sealer, random: RandomBytes) {
    this.#store = store;
    this.#sealer = sealer;
    this.#random = random;
  }

  /** @throws GatewayError `store_unavailable` (503) */
  async issue(ticketed: Ticketed): Promise<string> {
    const ticket = Buffer.from(this.#random(32)).toString('base64url');
    const row = rowOf(ticket);
    const sealed = this.#sealer.seal(PURPOSE, Buffer.from(JSON.stringify(ticketed)), row);
    await this.#store.set(row, sealed, TICKET_LIFE);
    return ticket;
  }

  /**
   * What a ticket stands for, once; `undefined` for one that was used, is old, or never was.
   *
   * @throws GatewayError `store_unavailable` (503)
   */
  async redeem(ticket: string): Promise<Ticketed | undefined> {
    if (!TICKET.test(ticket)) return undefined;
    const row = rowOf(ticket);
    // A lock is a write, and whoever makes tickets up is worth none.
    if ((await this.#store.get(row)) === undefined) return undefined;
    return this.#store.withLock(row, async () => {
      const sealed = await this.#store.get(row);
      if (sealed === undefined) return undefined;
      await this.#store.delete(row);
      const bytes = this.#sealer.open(PURPOSE, sealed, row);
      const value: unknown = bytes && JSON.parse(Buffer.from(bytes).toString());
      return isObject(value) ? (value as unknown as Ticketed) : undefined;
    });
  }
}

/** The store knows only the hash, as with cookies. */
function rowOf(ticket: string): string {
  return PREFIX + createHash('sha256').update(ticket).digest('base64url');
}
