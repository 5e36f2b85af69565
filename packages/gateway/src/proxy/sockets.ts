import type { SessionEnd } from '../core/types.ts';
import type { LiveSession } from '../session/live.ts';
import { CLOSE } from './socket-pair.ts';

/** Whatever stays open longer than a request: a WebSocket, or an event stream. */
export interface OpenConnection {
  close(code: number, reason: string): void;
}

/**
 * Who has which connection open. When a session ends, for whatever reason, what it opened ends with it: a WebSocket
 * that outlives its session would be a door that sign-out does not close.
 */
export class Sockets {
  readonly #bySession = new Map<LiveSession, Set<OpenConnection>>();
  readonly #anonymous = new Set<OpenConnection>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @returns how to take it out again */
  add(live: LiveSession | undefined, connection: OpenConnection): () => void {
    let set = live === undefined ? this.#anonymous : this.#bySession.get(live);
    if (set === undefined) {
      set = new Set();
      this.#bySession.set(live as LiveSession, set);
    }
    set.add(connection);
    this.#count++;
    if (live !== undefined) live.pins++;
    return () => this.#remove(live, connection);
  }

  /** A session ended: close what it opened. */
  sessionEnded(live: LiveSession, reason: SessionEnd): void {
    for (const connection of this.#bySession.get(live) ?? []) {
      connection.close(CLOSE.policyViolation, `session ended: ${reason}`);
    }
  }

  /** The gateway stops. */
  closeAll(): void {
    for (const set of [this.#anonymous, ...this.#bySession.values()]) {
      for (const connection of set) connection.close(CLOSE.goingAway, 'the gateway is restarting');
    }
  }

  #remove(live: LiveSession | undefined, connection: OpenConnection): void {
    const set = live === undefined ? this.#anonymous : this.#bySession.get(live);
    if (set === undefined || !set.delete(connection)) return;
    this.#count--;
    if (live === undefined) return;
    live.pins--;
    if (set.size === 0) this.#bySession.delete(live);
  }
}
