import { randomUUID } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Clock } from '../../core/types.ts';
import { type SessionStore, storeUnavailable } from '../store.ts';
import { KeyedQueue } from './queue.ts';
import { isCorrupt, openFile, type SetAside, type SqliteFile, setAside } from './sqlite-file.ts';

const PURGE_INTERVAL = 60_000;
const PURGE_SIZE = 500;
const PAGE_SIZE = 200;
const WATCH_INTERVAL = 250;
const LOCK_LEASE = 15_000;
const LOCK_RENEWAL = 4_000;
const LOCK_RETRY = 25;

/** What a store reports of its own accord; the composition root logs it. */
interface StoreEvents {
  readonly onSetAside?: (event: SetAside) => void;
}

/** One SQLite file, shared by the processes of one machine. */
export class SqliteStore implements SessionStore {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #onSetAside: (event: SetAside) => void;
  readonly #queue = new KeyedQueue();
  readonly #watchers = new Set<() => void>();
  readonly #timers: readonly NodeJS.Timeout[];
  #file: SqliteFile;
  #dataVersion: number;
  #closed = false;

  /** @throws GatewayError `store_unavailable` (503) or `store_schema_unknown` (500), see `openFile`. */
  constructor(path: string, events: StoreEvents = {}, clock: Clock = Date.now) {
    this.#path = path;
    this.#clock = clock;
    this.#onSetAside = events.onSetAside ?? (() => undefined);
    this.#file = openFile(path, this.#onSetAside);
    this.#dataVersion = this.#readDataVersion();
    this.#timers = [
      setInterval(() => void this.#purge(), PURGE_INTERVAL).unref(),
      setInterval(() => this.#poll(), WATCH_INTERVAL).unref(),
    ];
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const row = this.#do((file) => file.get.get({ key, now: this.#clock() }));
    return row?.['value'] as Uint8Array | undefined;
  }

  async set(key: string, value: Uint8Array, ttl: number): Promise<void> {
    this.#do((file) => file.set.run({ key, value, expiresAt: this.#expiry(ttl) }));
  }

  async replace(key: string, value: Uint8Array, ttl: number): Promise<boolean> {
    const row = { key, value, expiresAt: this.#expiry(ttl), now: this.#clock() };
    return this.#do((file) => file.replace.run(row)).changes === 1;
  }

  async delete(key: string): Promise<void> {
    this.#do((file) => file.delete.run({ key }));
  }

  withLock<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.#queue.run(key, async () => {
      const owner = randomUUID();
      while (!this.#tryLock(key, owner)) await setTimeout(LOCK_RETRY * (0.5 + Math.random()));
      const renewal = setInterval(() => this.#renew(key, owner), LOCK_RENEWAL).unref();
      try {
        return await work();
      } finally {
        clearInterval(renewal);
        this.#quietly((file) => file.unlock.run({ key, owner }));
      }
    });
  }

  /** In pages, so that a long walk holds up neither writers nor this process. */
  async *entries(prefix: string): AsyncIterable<readonly [string, Uint8Array]> {
    const end = `${prefix}\x7f`;
    let from = prefix;
    for (;;) {
      const page = { from, end, now: this.#clock(), size: PAGE_SIZE };
      const rows = this.#do((file) => file.page.all(page)) as { key: string; value: Uint8Array }[];
      for (const { key, value } of rows) yield [key, value];
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE_SIZE) return;
      from = `${last.key}\0`;
      await setImmediate();
    }
  }

  watch(changed: () => void): () => void {
    const watcher = () => changed();
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#file.db.close();
  }

  /** Whatever goes wrong is `store_unavailable`; a file that turns out to be damaged makes room for a fresh one. */
  #do<T>(work: (file: SqliteFile) => T): T {
    try {
      return work(this.#file);
    } catch (cause) {
      if (isCorrupt(cause)) this.#beginAfresh(cause);
      throw storeUnavailable(`The SQLite file ${this.#path} does not answer`, cause);
    }
  }

  /** For housekeeping, which tries again by itself. */
  #quietly<T>(work: (file: SqliteFile) => T): T | undefined {
    try {
      return this.#closed ? undefined : this.#do(work);
    } catch {
      return undefined;
    }
  }

  #beginAfresh(cause: unknown): void {
    const { db, inode } = this.#file;
    setAside(this.#path, inode, cause, this.#onSetAside);
    this.#file = openFile(this.#path, this.#onSetAside);
    // SQLite sees that the file has moved and leaves its -wal, and that of the fresh one, alone.
    db.close();
    for (const changed of this.#watchers) changed();
  }

  #tryLock(key: string, owner: string): boolean {
    const now = this.#clock();
    return this.#do((file) => file.lock.run({ key, owner, now, until: now + LOCK_LEASE })).changes === 1;
  }

  #renew(key: string, owner: string): void {
    this.#quietly((file) => file.renew.run({ key, owner, until: this.#clock() + LOCK_LEASE }));
  }

  #expiry(ttl: number): number | null {
    return Number.isFinite(ttl) ? Math.floor(this.#clock() + ttl) : null;
  }

  async #purge(): Promise<void> {
    const batch = () =>
      this.#quietly((file) => file.purge.run({ now: this.#clock(), size: PURGE_SIZE }).changes);
    while (batch() === PURGE_SIZE) await setImmediate();
  }

  /** `data_version` moves when another connection has committed, and only then. */
  #poll(): void {
    const version = this.#quietly(() => this.#readDataVersion());
    if (version === undefined || version === this.#dataVersion) return;
    this.#dataVersion = version;
    for (const changed of this.#watchers) changed();
  }

  #readDataVersion(): number {
    return Number(this.#file.dataVersion.get()?.['data_version']);
  }
}
