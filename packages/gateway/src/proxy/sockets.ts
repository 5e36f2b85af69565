import type { SessionEnd } from '../core/types.ts';
import type { LiveSession } from '../session/live.ts';
import { CLOSE } from './socket-pair.ts';

/** Whatever stays open longer than a request: a WebSocket and its handshake, or an answer without an end of its own. */
export interface OpenConnection {
  close(code: number, reason: string): void;
  /** Whether the person whom its session names now may have it open; asked when that may have changed. */
  allowed?(): boolean;
}

/**
 * Who has which connection open. When a session ends, for whatever reason, what it opened ends with it: a WebSocket
 * that outlives its session would be a door that sign-out does not close.
 */
export class Sockets {
  readonly #bySession = new Map<LiveSession, Set<OpenConnection>>();
  readonly #anonymous = new Set<OpenConnection>();
  #count = 0;
  #stopping = false;

  get count(): number {
    return this.#count;
  }

  /** Closed at once, in this call, when its session has ended or the gateway stops: it comes too late for the rounds below. */
  add(live: LiveSession | undefined, connection: OpenConnection): void {
    let set = live === undefined ? this.#anonymous : this.#bySession.get(live);
    if (set === undefined) {
      set = new Set();
      this.#bySession.set(live as LiveSession, set);
    }
    set.add(connection);
    this.#count++;
    if (live !== undefined) live.pins++;
    if (live?.ended !== undefined) connection.close(CLOSE.policyViolation, endedBecause(live.ended));
    else if (this.#stopping) connection.close(CLOSE.goingAway, STOPPING);
  }

  /** Taking out what is not in changes nothing. */
  remove(live: LiveSession | undefined, connection: OpenConnection): void {
    const set = live === undefined ? this.#anonymous : this.#bySession.get(live);
    if (set === undefined || !set.delete(connection)) return;
    this.#count--;
    if (live === undefined) return;
    live.pins--;
    if (set.size === 0) this.#bySession.delete(live);
  }

  /** A session ended: close what it opened. */
  sessionEnded(live: LiveSession, reason: SessionEnd): void {
    for (const connection of [...(this.#bySession.get(live) ?? [])]) {
      connection.close(CLOSE.policyViolation, endedBecause(reason));
    }
  }

  /** A session's identity was renewed: close what it may no longer have, such as for a role that is gone (CVE-2021-41230). */
  sessionRenewed(live: LiveSession): void {
    for (const connection of [...(this.#bySession.get(live) ?? [])]) {
      if (connection.allowed?.() === false) connection.close(CLOSE.policyViolation, 'access changed');
    }
  }

  /** The gateway stops: what is open ends, and nothing new stays open. */
  closeAll(): void {
    this.#stopping = true;
    for (const set of [this.#anonymous, ...this.#bySession.values()]) {
      for (const connection of [...set]) connection.close(CLOSE.goingAway, STOPPING);
    }
  }
}

const STOPPING = 'the gateway is restarting';

function endedBecause(reason: SessionEnd): string {
  return `session ended: ${reason}`;
}
