import { GatewayError } from '../core/errors.ts';
import { isSamePerson } from '../core/same-person.ts';
import type {
  Clock,
  Identity,
  ProviderLogout,
  RandomBytes,
  Session,
  SessionEnd,
  SignedIn,
  TokenSet,
} from '../core/types.ts';
import { EndedKeys } from './ended.ts';
import { LiveSession } from './live.ts';
import { SessionLoader } from './loader.ts';
import { isLoggedOut, isMeant } from './matching.ts';
import { embeddedId, isCookieId, sessionKey } from './record.ts';
import { SessionRecords } from './records.ts';
import type { Sealer } from './seal.ts';
import { type SessionLimits, sessionEnd } from './session.ts';
import type { SessionStore } from './store.ts';
import { SessionTable } from './table.ts';
import { Upkeep } from './upkeep.ts';

/** What the sessions are built from. */
export interface SessionsOptions {
  readonly store: SessionStore;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly limits: SessionLimits;
  /** Sessions kept in memory; beyond it the longest unused without open sockets are left to the store. */
  readonly maxInMemory: number;
  /** What this configuration adds to whom a provider names; applied to old sessions, too. Default: nothing. */
  readonly identify?: (identity: Identity) => Identity;
  /** Failures in the background, for the log. */
  readonly onError?: (error: unknown) => void;
}

/** What a session may have anew. */
export type SessionChange = Partial<
  Pick<Session, 'tokens' | 'identity' | 'renewedAt' | 'apiTokens' | 'expiresAt'>
>;

/** How a session inside another site's page begins: with a handle that was given away before, until its token ends. */
type EmbeddedStart = Required<Pick<Session, 'sid' | 'embed' | 'expiresAt'>>;

type SessionEndListener = (live: LiveSession, reason: SessionEnd) => void;

/**
 * The sessions of this gateway: in memory for requests, in the store for restarts and other processes.
 * A cookie's id opens one of them; the store's key is a hash of it.
 */
export class Sessions {
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #limits: SessionLimits;
  readonly #onError: (error: unknown) => void;
  readonly #identify: (identity: Identity) => Identity;
  readonly #records: SessionRecords;
  readonly #table = new SessionTable();
  readonly #ended = new EndedKeys();
  readonly #listeners: SessionEndListener[] = [];
  readonly #renewListeners: ((live: LiveSession) => void)[] = [];
  readonly #upkeep: Upkeep;
  readonly #loader: SessionLoader;

  constructor(options: SessionsOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#limits = options.limits;
    this.#onError = options.onError ?? (() => undefined);
    this.#identify = options.identify ?? ((identity) => identity);
    this.#records = new SessionRecords(
      options.store,
      options.sealer,
      options.clock,
      options.limits,
      this.#identify,
    );
    this.#upkeep = new Upkeep({
      sessions: this,
      table: this.#table,
      records: this.#records,
      ended: this.#ended,
      store: options.store,
      limits: options.limits,
      maxInMemory: options.maxInMemory,
      clock: options.clock,
      onError: this.#onError,
    });
    this.#loader = new SessionLoader({
      sessions: this,
      table: this.#table,
      records: this.#records,
      ended: this.#ended,
      upkeep: this.#upkeep,
      limits: options.limits,
      clock: options.clock,
    });
  }

  /**
   * The session of a cookie, if it is in memory and lives; marks it as seen. The hottest function of the gateway: one
   * look-up, nothing allocated. After `undefined`, `load` has the last word.
   */
  peek(cookieId: string): LiveSession | undefined {
    const live = this.#table.get(cookieId);
    if (live === undefined) return undefined;
    const now = this.#clock();
    const reason = sessionEnd(live.session, live.lastSeenAt, now, this.#limits);
    if (reason !== undefined) {
      // An idle one may have been busy at another process: `load` and the sweep ask the store first.
      if (reason === 'expired') this.end(live, reason).catch(this.#onError);
      return undefined;
    }
    live.lastSeenAt = now;
    return live;
  }

  /**
   * The session of a cookie, from memory or else from the store. Loads of the same id share one look-up.
   * @throws GatewayError `store_unavailable` (503): the caller must not go on as if nobody were signed in.
   */
  async load(cookieId: string): Promise<LiveSession | undefined> {
    const present = this.peek(cookieId);
    if (present !== undefined || !isCookieId(cookieId)) return present;
    return this.#loader.byCookie(cookieId);
  }

  /**
   * The session with this handle, from memory or else from the store, for an app that holds an assertion. An app's
   * timers are nobody's presence: the session does not count as seen.
   * @throws GatewayError `store_unavailable` (503)
   */
  async bySid(sid: string): Promise<LiveSession | undefined> {
    const present = this.#table.bySid(sid);
    const lives =
      present !== undefined &&
      sessionEnd(present.session, present.lastSeenAt, this.#clock(), this.#limits) === undefined;
    return lives ? present : this.#loader.bySid(sid);
  }

  /** A new session under a new id; what a sign-in ends with. @throws GatewayError `store_unavailable` (503). */
  async create(
    signedIn: SignedIn,
    embedded?: EmbeddedStart,
  ): Promise<{ cookieId: string; live: LiveSession }> {
    const cookieId = Buffer.from(this.#random(32)).toString('base64url');
    const id = embedded === undefined ? cookieId : embeddedId(cookieId, embedded.embed.app);
    const key = sessionKey(id);
    const now = this.#clock();
    const session: Session = {
      sid: Buffer.from(this.#random(16)).toString('hex'),
      identity: this.#identify(signedIn.identity),
      tokens: signedIn.tokens,
      ...(signedIn.providerSid === undefined ? {} : { providerSid: signedIn.providerSid }),
      createdAt: now,
      expiresAt: now + this.#limits.absolute,
      lastSeenAt: now,
      ...embedded,
    };
    const live = new LiveSession(key, session, await this.#records.create(key, session));
    this.#loader.remember(live, id);
    return { cookieId, live };
  }

  /** `peek` for the cookie of an app's embedded sessions. */
  peekEmbedded(cookieId: string, app: string): LiveSession | undefined {
    return this.peek(embeddedId(cookieId, app));
  }

  /** `load` for the cookie of an app's embedded sessions. @throws GatewayError `store_unavailable` (503) */
  loadEmbedded(cookieId: string, app: string): Promise<LiveSession | undefined> {
    return this.load(embeddedId(cookieId, app));
  }

  /**
   * Ends a session: at once in memory and for the listeners, then in the store. When the store does not answer it is
   * over here all the same, the deletion is tried again in the background, and the error is thrown.
   */
  async end(live: LiveSession, reason: SessionEnd): Promise<void> {
    this.#ended.add(live.key, this.#clock(), live.session.expiresAt);
    this.finish(live, reason);
    await this.#records.remove(live.key, live.session);
    this.#ended.deleted(live.key);
  }

  /** The part of `end` that is within this process: for a session that the store has, or needs, no longer. */
  finish(live: LiveSession, reason: SessionEnd): void {
    const inMemory = this.#table.byKey(live.key);
    this.#table.remove(live.key);
    for (const one of new Set([live, inMemory ?? live])) {
      if (one.ended !== undefined) continue;
      one.ended = reason;
      for (const listener of this.#listeners) {
        try {
          listener(one, reason);
        } catch (error) {
          this.#onError(error);
        }
      }
    }
  }

  /**
   * New tokens, and the identity that came with them: stored before this resolves.
   * @throws GatewayError `session_ended` (401), `identity_changed` (403), `store_unavailable` (503).
   */
  async updateTokens(live: LiveSession, tokens: TokenSet, identity = live.session.identity): Promise<void> {
    if (!isSamePerson(identity, live.session.identity)) {
      throw new GatewayError('identity_changed', 403, 'A refresh answered with another person’s identity');
    }
    await this.change(live, { tokens, identity, renewedAt: this.#clock() });
  }

  /**
   * Stores a session with something else in it: the whole of it is written, so only under `tokenLock` and after `reload`.
   * @throws GatewayError `session_ended` (401), `store_unavailable` (503).
   */
  async change(live: LiveSession, change: SessionChange): Promise<void> {
    const identity = this.#identify(change.identity ?? live.session.identity);
    const session: Session = { ...live.session, ...change, identity };
    const version = live.ended === undefined ? await this.#records.replace(live.key, session) : undefined;
    if (version === undefined) this.finish(live, 'revoked');
    if (version === undefined || live.ended !== undefined) {
      throw new GatewayError('session_ended', 401, 'The session ended while its tokens were renewed');
    }
    this.#renew(live, session, version);
  }

  /** Takes over what another process has stored since. @returns false when the session has ended. */
  async reload(live: LiveSession): Promise<boolean> {
    const { version } = live;
    const stored = await this.#records.readIfChanged(live.key, version);
    if (live.ended !== undefined) return false;
    // Renewed here while the store answered: that is the later word.
    if (stored === 'same' || live.version !== version) return true;
    if (stored === undefined) this.finish(live, 'revoked');
    else this.#renew(live, stored.session, stored.version);
    return stored !== undefined;
  }

  #renew(live: LiveSession, session: Session, version: string): void {
    const inMemory = this.#table.byKey(live.key);
    for (const one of new Set([live, inMemory ?? live])) {
      one.renew(session, version);
      for (const listener of this.#renewListeners) listener(one);
    }
  }

  /** Calls back once for each session that ends in this process, in the turn in which it ends. */
  onEnd(listener: SessionEndListener): void {
    this.#listeners.push(listener);
  }

  /** Calls back when a session has new tokens, and maybe another identity, from this process or another. */
  onRenew(listener: (live: LiveSession) => void): void {
    this.#renewListeners.push(listener);
  }

  /** Sessions in memory. */
  get size(): number {
    return this.#table.size;
  }

  /** All sessions in the store, for the command line. */
  list(): AsyncIterable<{ readonly key: string; readonly session: Session }> {
    return this.#records.list();
  }

  /** Ends every session with this `sid`, subject or e-mail address (in any case); says how many. */
  async revoke(userOrSid: string): Promise<number> {
    let count = 0;
    for await (const { key, session } of this.#records.list()) {
      if (!isMeant(session, userOrSid)) continue;
      await this.#endStored(key, session, 'revoked');
      count++;
    }
    return count;
  }

  /** Sessions in memory that these words mean. */
  inMemory(meant: ProviderLogout): readonly LiveSession[] {
    return [...this.#table.values()].filter(({ session }) => isLoggedOut(session, meant));
  }

  /**
   * Ends every session that a provider's logout means; says how many. Those in memory end whether the store answers or not.
   * @throws GatewayError `store_unavailable` (503): there may be others.
   */
  endLoggedOut(meant: ProviderLogout): Promise<number> {
    return this.#endAll(meant, (session) => isLoggedOut(session, meant), 'back-channel-logout');
  }

  /** Ends a person's sessions inside the pages around one app; says how many. @throws GatewayError `store_unavailable` (503) */
  endEmbedded({ issuer, subject }: Identity, app: string): Promise<number> {
    const isTheirs = ({ identity, embed }: Session): boolean =>
      embed?.app === app && identity.issuer === issuer && identity.subject === subject;
    return this.#endAll({ issuer, subject }, isTheirs, 'sign-out');
  }

  async #endAll(
    meant: ProviderLogout,
    covers: (session: Session) => boolean,
    reason: SessionEnd,
  ): Promise<number> {
    const live = [...this.#table.values()].filter(({ session }) => covers(session));
    const ends = await Promise.allSettled(live.map((one) => this.end(one, reason)));
    let count = live.length;
    for (const key of await this.#records.find(meant)) {
      if (this.#ended.has(key)) continue;
      const stored = await this.#records.read(key);
      if (stored === undefined || !covers(stored.session)) continue;
      await this.#endStored(key, stored.session, reason);
      count++;
    }
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return count;
  }

  /** Ends a session that the store has, also where it is not in memory. */
  #endStored(key: string, session: Session, reason: SessionEnd): Promise<void> {
    return this.end(this.#table.byKey(key) ?? new LiveSession(key, session, ''), reason);
  }

  /** Begins the upkeep: what has lapsed ends, what was seen is noted, and what other processes did is noticed. */
  start(): void {
    this.#upkeep.start();
  }

  /** One round of upkeep, which `start` also runs twice a second. */
  sweep(now: number): Promise<void> {
    return this.#upkeep.sweep(now);
  }

  /** Stops the upkeep and notes when each session was last seen. The store stays open. */
  close(): Promise<void> {
    return this.#upkeep.close();
  }
}
