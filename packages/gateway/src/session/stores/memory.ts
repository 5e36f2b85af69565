import type { Clock } from '../../core/types.ts';
import type { SessionStore } from '../store.ts';
import { KeyedQueue } from './queue.ts';

const PURGE_INTERVAL = 60_000;

interface Entry {
  readonly value: Uint8Array;
  readonly expiresAt: number;
}

/** Keeps everything in this process; gone with it. */
export class MemoryStore implements SessionStore {
  readonly #entries = new Map<string, Entry>();
  readonly #queue = new KeyedQueue();
  readonly #clock: Clock;
  readonly #purging: NodeJS.Timeout;

  constructor(clock: Clock = Date.now) {
    this.#clock = clock;
    this.#purging = setInterval(() => this.#purge(), PURGE_INTERVAL).unref();
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const entry = this.#live(key);
    return entry && new Uint8Array(entry.value);
  }

  async set(key: string, value: Uint8Array, ttl: number): Promise<void> {
    this.#entries.set(key, { value: new Uint8Array(value), expiresAt: this.#clock() + ttl });
  }

  async replace(key: string, value: Uint8Array, ttl: number): Promise<boolean> {
    if (this.#live(key) === undefined) return false;
    await this.set(key, value, ttl);
    return true;
  }

  async delete(key: string): Promise<void> {
    this.#entries.delete(key);
  }

  withLock<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.#queue.run(key, work);
  }

  async *entries(prefix: string): AsyncIterable<readonly [string, Uint8Array]> {
    for (const key of [...this.#entries.keys()]) {
      const entry = key.startsWith(prefix) ? this.#live(key) : undefined;
      if (entry !== undefined) yield [key, new Uint8Array(entry.value)];
    }
  }

  /** No other process can reach this memory, so there is nothing to call back about. */
  watch(): () => void {
    return () => undefined;
  }

  async close(): Promise<void> {
    clearInterval(this.#purging);
    this.#entries.clear();
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAt > this.#clock() ? entry : undefined;
  }

  #purge(): void {
    const now = this.#clock();
    for (const [key, entry] of this.#entries) if (entry.expiresAt <= now) this.#entries.delete(key);
  }
}
