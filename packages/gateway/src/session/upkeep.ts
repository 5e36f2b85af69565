import { setImmediate } from 'node:timers/promises';
import type { Clock, SessionEnd } from '../core/types.ts';
import type { EndedKeys } from './ended.ts';
import type { LiveSession } from './live.ts';
import type { SessionRecords } from './records.ts';
import { type SessionLimits, sessionEnd } from './session.ts';
import type { SessionStore } from './store.ts';
import type { SessionTable } from './table.ts';

const SWEEP_INTERVAL = 500;
/** For having been seen a session is written at most this often; with a short idle limit, four times within it. */
const SEEN_INTERVAL = 60_000;
const RETRY_INTERVAL = 5_000;
/** Rows handled before other work of this process has its turn. */
const BATCH = 50;

interface UpkeepOptions {
  readonly sessions: {
    end(live: LiveSession, reason: SessionEnd): Promise<void>;
    finish(live: LiveSession, reason: SessionEnd): void;
    reload(live: LiveSession): Promise<boolean>;
  };
  readonly table: SessionTable;
  readonly records: SessionRecords;
  readonly ended: EndedKeys;
  readonly store: SessionStore;
  readonly limits: SessionLimits;
  /** See `SessionsOptions`. */
  readonly maxInMemory: number;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** What happens to the sessions in memory without a request: they lapse, are noted as seen, and follow the store. */
export class Upkeep {
  readonly #with: UpkeepOptions;
  #timer: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;
  #sweeping: Promise<void> | undefined;
  #storeChanged = false;
  #followed = 0;
  #retryAt = 0;
  #trimAbove: number;
  #trimming = false;

  constructor(options: UpkeepOptions) {
    this.#with = options;
    this.#trimAbove = options.maxInMemory;
  }

  /** How often the sessions in memory have been compared with the store. */
  get followed(): number {
    return this.#followed;
  }

  start(): void {
    if (this.#timer !== undefined) return;
    const { store, clock } = this.#with;
    this.#timer = setInterval(() => void this.sweep(clock()), SWEEP_INTERVAL).unref();
    this.#unwatch = store.watch(() => this.follow());
  }

  /** Compares the sessions in memory with the store, soon. */
  follow(): void {
    this.#storeChanged = true;
    void this.sweep(this.#with.clock());
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#unwatch?.();
    await this.#sweeping;
    await this.#note([...this.#with.table.values()].filter(wasSeen));
  }

  /** Rounds do not overlap: while one runs, asking for another waits for it. Never rejects. */
  sweep(now: number): Promise<void> {
    this.#sweeping ??= this.#round(now)
      .catch(this.#with.onError)
      .finally(() => {
        this.#sweeping = undefined;
      });
    return this.#sweeping;
  }

  /** Makes room when there are too many in memory; a tenth at a time, so that the walk over all of them is rare. */
  trim(newest: LiveSession): void {
    const { table, maxInMemory, onError } = this.#with;
    if (table.size <= this.#trimAbove || this.#trimming) return;
    const slack = Math.floor(maxInMemory / 10);
    const surplus = table.size - maxInMemory + slack;
    const leaving = table.leastRecentlyUsed(surplus).filter((live) => live !== newest);
    this.#trimAbove = Math.max(maxInMemory, table.size - leaving.length + slack);
    this.#trimming = true;
    this.#forget(leaving)
      .catch(onError)
      .finally(() => {
        this.#trimming = false;
      });
  }

  /** Leaves sessions to the store, which first learns when they were seen. One that is used meanwhile stays. */
  async #forget(leaving: readonly LiveSession[]): Promise<void> {
    const seen = new Map(leaving.map((live) => [live, live.lastSeenAt]));
    try {
      await this.#note(leaving.filter(wasSeen));
    } finally {
      const { table } = this.#with;
      for (const [live, lastSeenAt] of seen) {
        if (live.pins === 0 && live.lastSeenAt === lastSeenAt) table.remove(live.key);
      }
    }
  }

  async #round(now: number): Promise<void> {
    const { table, limits, ended } = this.#with;
    const interval = Math.min(SEEN_INTERVAL, limits.idle / 4);
    const lapsed: LiveSession[] = [];
    const seen: LiveSession[] = [];
    for (const live of table.values()) {
      if (sessionEnd(live.session, live.lastSeenAt, now, limits) !== undefined) lapsed.push(live);
      else if (wasSeen(live) && now - live.flushedAt >= interval) seen.push(live);
    }
    ended.purge(now);
    await Promise.all(lapsed.map((live) => this.#lapse(live, now)));
    if (this.#storeChanged) await this.#follow();
    await this.#note(seen);
    if (now >= this.#retryAt) await this.#deleteEnded(now);
  }

  /** Ends what has lapsed. Idle here is not idle everywhere: another process may have seen it since. */
  async #lapse(live: LiveSession, now: number): Promise<void> {
    const { sessions, records, limits, onError } = this.#with;
    try {
      if (sessionEnd(live.session, live.lastSeenAt, now, limits) === 'idle') {
        const lastSeenAt = (await records.readSeen(live.key)) ?? 0;
        live.lastSeenAt = Math.max(live.lastSeenAt, lastSeenAt);
        live.flushedAt = Math.max(live.flushedAt, lastSeenAt);
      }
      const reason = sessionEnd(live.session, live.lastSeenAt, now, limits);
      if (reason !== undefined && live.ended === undefined) await sessions.end(live, reason);
    } catch (error) {
      // The store cannot tell: closed here, and left to `load` where the store can tell again.
      if (live.ended === undefined) sessions.finish(live, 'idle');
      onError(error);
    }
  }

  /** After another process wrote: those that vanished have ended, those that changed are taken over. Open sockets first. */
  async #follow(): Promise<void> {
    const { table, sessions } = this.#with;
    this.#storeChanged = false;
    this.#followed++;
    const all = [...table.values()].sort((a, b) => Math.sign(b.pins) - Math.sign(a.pins));
    try {
      for (const [index, live] of all.entries()) {
        if (index % BATCH === BATCH - 1) await setImmediate();
        if (live.ended === undefined) await sessions.reload(live);
      }
    } catch (error) {
      this.#storeChanged = true;
      throw error;
    }
  }

  async #note(seen: readonly LiveSession[]): Promise<void> {
    for (const [index, live] of seen.entries()) {
      if (index % BATCH === BATCH - 1) await setImmediate();
      if (live.ended !== undefined) continue;
      const { lastSeenAt } = live;
      await this.#with.records.writeSeen(live.key, lastSeenAt);
      live.flushedAt = lastSeenAt;
    }
  }

  async #deleteEnded(now: number): Promise<void> {
    const { ended, records } = this.#with;
    this.#retryAt = now + RETRY_INTERVAL;
    for (const key of ended.undeleted(now)) {
      await records.remove(key);
      ended.deleted(key);
    }
  }
}

function wasSeen(live: LiveSession): boolean {
  return live.lastSeenAt > live.flushedAt;
}
