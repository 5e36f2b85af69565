import type { LiveSession } from './live.ts';

/** The sessions in memory, by cookie id for requests and by key for everything else. */
export class SessionTable {
  readonly #byCookie = new Map<string, LiveSession>();
  readonly #cookies = new Map<string, string>();

  get size(): number {
    return this.#byCookie.size;
  }

  get(cookieId: string): LiveSession | undefined {
    return this.#byCookie.get(cookieId);
  }

  byKey(key: string): LiveSession | undefined {
    const cookieId = this.#cookies.get(key);
    return cookieId === undefined ? undefined : this.#byCookie.get(cookieId);
  }

  add(cookieId: string, live: LiveSession): void {
    this.#byCookie.set(cookieId, live);
    this.#cookies.set(live.key, cookieId);
  }

  remove(key: string): void {
    const cookieId = this.#cookies.get(key);
    if (cookieId !== undefined) this.#byCookie.delete(cookieId);
    this.#cookies.delete(key);
  }

  values(): MapIterator<LiveSession> {
    return this.#byCookie.values();
  }

  /** Those without open sockets, longest unused first. */
  leastRecentlyUsed(count: number): LiveSession[] {
    const free = [...this.values()].filter((live) => live.pins === 0);
    return free.sort((a, b) => a.lastSeenAt - b.lastSeenAt).slice(0, count);
  }
}
