import type { LiveSession } from './live.ts';

interface Entry {
  readonly live: LiveSession;
  /** Unknown while only an app has asked for the session, by its `sid`. */
  readonly cookieId?: string | undefined;
}

/** The sessions in memory, by cookie id for requests and by key and `sid` for everything else. */
export class SessionTable {
  readonly #byCookie = new Map<string, LiveSession>();
  readonly #byKey = new Map<string, Entry>();
  readonly #bySid = new Map<string, LiveSession>();

  get size(): number {
    return this.#byKey.size;
  }

  get(cookieId: string): LiveSession | undefined {
    return this.#byCookie.get(cookieId);
  }

  byKey(key: string): LiveSession | undefined {
    return this.#byKey.get(key)?.live;
  }

  bySid(sid: string): LiveSession | undefined {
    return this.#bySid.get(sid);
  }

  add(live: LiveSession, cookieId?: string): void {
    this.#byKey.set(live.key, { live, cookieId: cookieId ?? this.#byKey.get(live.key)?.cookieId });
    this.#bySid.set(live.session.sid, live);
    if (cookieId !== undefined) this.#byCookie.set(cookieId, live);
  }

  remove(key: string): void {
    const entry = this.#byKey.get(key);
    if (entry === undefined) return;
    this.#byKey.delete(key);
    this.#bySid.delete(entry.live.session.sid);
    if (entry.cookieId !== undefined) this.#byCookie.delete(entry.cookieId);
  }

  values(): MapIterator<LiveSession> {
    return this.#bySid.values();
  }

  /** Those without open sockets, longest unused first. */
  leastRecentlyUsed(count: number): LiveSession[] {
    const free = [...this.values()].filter((live) => live.pins === 0);
    return free.sort((a, b) => a.lastSeenAt - b.lastSeenAt).slice(0, count);
  }
}
