import type { Clock, SessionEnd } from '../core/types.ts';
import type { EndedKeys } from './ended.ts';
import { LiveSession } from './live.ts';
import { sessionKey } from './record.ts';
import type { SessionRecords } from './records.ts';
import { type SessionLimits, sessionEnd } from './session.ts';
import type { SessionTable } from './table.ts';
import type { Upkeep } from './upkeep.ts';

interface LoaderOptions {
  readonly sessions: {
    end(live: LiveSession, reason: SessionEnd): Promise<void>;
    finish(live: LiveSession, reason: SessionEnd): void;
  };
  readonly table: SessionTable;
  readonly records: SessionRecords;
  readonly ended: EndedKeys;
  readonly upkeep: Upkeep;
  readonly limits: SessionLimits;
  readonly clock: Clock;
}

type Loading = Promise<LiveSession | undefined>;

/** Brings sessions from the store into memory, each once however many ask at the same time. */
export class SessionLoader {
  readonly #with: LoaderOptions;
  readonly #loading = new Map<string, Loading>();

  constructor(options: LoaderOptions) {
    this.#with = options;
  }

  /** For a browser, which is seen by asking. */
  byCookie(cookieId: string): Loading {
    return this.#once(cookieId, () => this.#fetch(sessionKey(cookieId), cookieId));
  }

  /** For an app: its timers are nobody's presence, so the session does not count as seen. */
  bySid(sid: string): Loading {
    return this.#once(`sid ${sid}`, async () => {
      for (const key of await this.#with.records.findSid(sid)) {
        const live = await this.#fetch(key);
        if (live?.session.sid === sid) return live;
      }
      return undefined;
    });
  }

  remember(live: LiveSession, cookieId?: string): void {
    this.#with.table.add(live, cookieId);
    this.#with.upkeep.trim(live);
  }

  #once(name: string, load: () => Loading): Loading {
    let loading = this.#loading.get(name);
    if (loading === undefined) {
      loading = load().finally(() => this.#loading.delete(name));
      this.#loading.set(name, loading);
    }
    return loading;
  }

  async #fetch(key: string, cookieId?: string): Loading {
    const { records, table, ended, upkeep, limits, clock, sessions } = this.#with;
    const { followed } = upkeep;
    const stored = await records.read(key);
    const lastSeenAt = await records.readSeen(key);
    // Looked at after the store has answered: an end that came meanwhile wins.
    if (ended.has(key)) return undefined;
    const known = table.byKey(key);
    if (stored === undefined) {
      if (known !== undefined) sessions.finish(known, 'revoked');
      return undefined;
    }
    const live = known ?? new LiveSession(key, stored.session, stored.version);
    live.lastSeenAt = Math.max(live.lastSeenAt, lastSeenAt ?? 0);
    live.flushedAt = Math.max(live.flushedAt, lastSeenAt ?? 0);
    const now = clock();
    const reason = sessionEnd(stored.session, live.lastSeenAt, now, limits);
    if (reason !== undefined) {
      await sessions.end(live, reason);
      return undefined;
    }
    if (cookieId !== undefined) live.lastSeenAt = now;
    this.remember(live, cookieId);
    // What another process wrote since may concern this one, which was not yet in memory to be looked at.
    if (upkeep.followed !== followed) upkeep.follow();
    return live;
  }
}
