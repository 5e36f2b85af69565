import type { Clock, Identity, ProviderLogout, Session } from '../core/types.ts';
import { openSeen, openSession, SESSION_PREFIX, sealSeen, sealSession, seenKey } from './record.ts';
import { type Sealer, sealVersion } from './seal.ts';
import { type SessionLimits, sessionEnd } from './session.ts';
import { SessionIndex } from './session-index.ts';
import { type SessionStore, storeUnavailable } from './store.ts';

/** A session as the store has it. */
interface StoredSession {
  readonly session: Session;
  /** See `sealVersion`. */
  readonly version: string;
}

/**
 * Sessions in the store, sealed. When a session was last seen is a row of its own: however late that row is written it
 * neither brings a revoked session back nor overwrites tokens that another process has renewed.
 * Every method throws GatewayError `store_unavailable` (503) when the store does not answer.
 */
export class SessionRecords {
  readonly #store: SessionStore;
  readonly #sealer: Sealer;
  readonly #clock: Clock;
  readonly #limits: SessionLimits;
  readonly #index: SessionIndex;
  readonly #identify: (identity: Identity) => Identity;

  /** @param identify - makes of a stored identity the one of today, such as with the roles of this configuration */
  constructor(
    store: SessionStore,
    sealer: Sealer,
    clock: Clock,
    limits: SessionLimits,
    identify: (identity: Identity) => Identity,
  ) {
    this.#store = store;
    this.#sealer = sealer;
    this.#clock = clock;
    this.#limits = limits;
    this.#index = new SessionIndex(store, sealer);
    this.#identify = identify;
  }

  /** `undefined` when there is none, or none that can be read. */
  async read(key: string): Promise<StoredSession | undefined> {
    const sealed = await answered(this.#store.get(key));
    return sealed && this.#open(key, sealed);
  }

  /** Like `read`, but opens nothing when the store still has that version. */
  async readIfChanged(key: string, version: string): Promise<StoredSession | 'same' | undefined> {
    const sealed = await answered(this.#store.get(key));
    if (sealed === undefined) return undefined;
    return sealVersion(sealed) === version ? 'same' : this.#open(key, sealed);
  }

  async create(key: string, session: Session): Promise<string> {
    const sealed = sealSession(this.#sealer, key, session);
    const ttl = session.expiresAt - this.#clock();
    // The index first: a session that is there can be found, whenever this process may end; and also when it was prolonged.
    await answered(this.#index.add(key, session, this.#limits.absolute));
    await answered(this.#store.set(key, sealed, ttl));
    return sealVersion(sealed);
  }

  /** The new version, or `undefined` when the session is no longer stored: it does not come back. */
  async replace(key: string, session: Session): Promise<string | undefined> {
    const sealed = sealSession(this.#sealer, key, session);
    const kept = await answered(this.#store.replace(key, sealed, session.expiresAt - this.#clock()));
    return kept ? sealVersion(sealed) : undefined;
  }

  /** @param session - what was stored, where it is known; what the index keeps of it goes with it. */
  async remove(key: string, session?: Session): Promise<void> {
    await answered(this.#store.delete(key));
    await answered(this.#store.delete(seenKey(key)));
    if (session !== undefined) await answered(this.#index.remove(key, session));
  }

  async readSeen(key: string): Promise<number | undefined> {
    return openSeen(this.#sealer, key, await answered(this.#store.get(seenKey(key))));
  }

  /** Kept no longer than it matters: when it is gone the session is idle anyway. */
  async writeSeen(key: string, lastSeenAt: number): Promise<void> {
    const ttl = lastSeenAt + this.#limits.idle - this.#clock();
    if (ttl > 0) await answered(this.#store.set(seenKey(key), sealSeen(this.#sealer, key, lastSeenAt), ttl));
  }

  /** Keys of sessions that a provider's logout may mean. */
  find(meant: ProviderLogout): Promise<Set<string>> {
    return answered(this.#index.find(meant));
  }

  /** Keys of sessions that may have this handle. */
  findSid(sid: string): Promise<Set<string>> {
    return answered(this.#index.findSid(sid));
  }

  /** All that live, with when they were last seen. */
  async *list(): AsyncIterable<{ readonly key: string; readonly session: Session }> {
    for await (const [key, sealed] of this.#store.entries(SESSION_PREFIX)) {
      const session = this.#open(key, sealed)?.session;
      if (session === undefined) continue;
      const lastSeenAt = Math.max(session.lastSeenAt, (await this.readSeen(key)) ?? 0);
      if (sessionEnd(session, lastSeenAt, this.#clock(), this.#limits) === undefined) {
        yield { key, session: { ...session, lastSeenAt } };
      }
    }
  }

  #open(key: string, sealed: Uint8Array): StoredSession | undefined {
    const session = openSession(this.#sealer, key, sealed);
    if (session === undefined) return undefined;
    return {
      session: { ...session, identity: this.#identify(session.identity) },
      version: sealVersion(sealed),
    };
  }
}

async function answered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw storeUnavailable('The session store does not answer', cause);
  }
}
