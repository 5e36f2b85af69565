import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { decodeJwt } from 'jose';
import type { AppSettings, BearerSettings } from '../config/settings.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock, Identity, ProviderLogout, Session, SessionEnd } from '../core/types.ts';
import { type SafeFetch, safeFetch } from '../identity/safe-fetch.ts';
import { LiveSession } from '../session/live.ts';
import { isLoggedOut, isMeant } from '../session/matching.ts';
import { type BearerEnd, type BearerEnds, endOf, endOfLogout, endOfToken } from './ends.ts';
import { type CachedToken, Issuer } from './issuer.ts';
import { TokenMemory } from './memory.ts';
import type { Accepted } from './person.ts';
import { refused } from './refusal.ts';

/** Characters; what Node.js takes of all headers together. */
const LONGEST_TOKEN = 16_384;

export interface BearerOptions {
  readonly issuers: readonly BearerSettings[];
  readonly apps: readonly Pick<AppSettings, 'name' | 'bearer'>[];
  readonly ends: BearerEnds;
  readonly clock: Clock;
  /** What this configuration adds to whom a token names. */
  readonly identify: (identity: Identity) => Identity;
  /** Default: as the gateway speaks to providers. */
  readonly fetch?: SafeFetch;
}

/**
 * Bearer tokens that requests bring in place of a cookie. A good one becomes a session that is in no store, so that policy,
 * assertion, sockets, audit and metrics need not know the difference.
 */
export class BearerVerifier {
  /** For the upkeep. */
  readonly memory = new TokenMemory();
  readonly #clock: Clock;
  readonly #identify: (identity: Identity) => Identity;
  readonly #ends: BearerEnds;
  readonly #issuers: readonly Issuer[];
  readonly #byApp = new Map<string, readonly Issuer[]>();
  readonly #renewListeners: ((live: LiveSession) => void)[] = [];

  constructor(options: BearerOptions) {
    const { issuers, apps, ends, clock, identify, fetch = safeFetch() } = options;
    this.#clock = clock;
    this.#identify = identify;
    this.#ends = ends;
    this.#issuers = issuers.map((settings) => new Issuer(settings, fetch, clock));
    for (const { name, bearer = [] } of apps)
      this.#byApp.set(
        name,
        this.#issuers.filter(({ settings }) => bearer.includes(settings.name)),
      );
  }

  /** Tokens in memory. */
  get size(): number {
    return this.memory.size;
  }

  /**
   * Whom a token stands for at an app. At once for one that is in memory: a hash and a look-up.
   *
   * @param app - name of the app
   * @throws GatewayError `invalid_token` (401), `insufficient_scope` (403), `temporarily_unavailable` and `store_unavailable`
   * (503); the promise rejects with the same
   */
  verify(app: string, token: string): LiveSession | Promise<LiveSession> {
    const issuers = this.#byApp.get(app);
    if (issuers === undefined || issuers.length === 0) throw refused('The app takes no bearer tokens');
    if (token.length > LONGEST_TOKEN) throw refused('The token is too long');
    const key = hash('sha256', token, 'base64url');
    for (const issuer of issuers) {
      const cached = issuer.cache.get(key);
      if (cached === undefined) continue;
      const now = this.#clock();
      if (now >= cached.live.session.expiresAt) {
        this.memory.finish(cached, 'expired');
        throw refused('The token has ended');
      }
      if (now >= cached.recheckAt) return this.#check(issuer, key, token);
      cached.live.lastSeenAt = now;
      return cached.live;
    }
    return this.#checkAny(issuers, key, token);
  }

  /**
   * The session with this handle, while its token is in memory, for an app that holds an assertion of it. No request brings
   * the token here, so what its issuer says now is asked where that is due: an app's timers must not outlive a withdrawal.
   *
   * @throws GatewayError `temporarily_unavailable`, `store_unavailable` (503)
   */
  async bySid(sid: string): Promise<LiveSession | undefined> {
    const cached = this.memory.bySid(sid);
    if (cached === undefined || this.#clock() >= cached.live.session.expiresAt) return undefined;
    if (this.#clock() >= cached.recheckAt) {
      try {
        await this.recheck(cached);
      } catch (error) {
        if (!(error instanceof GatewayError) || error.status >= 500) throw error;
      }
    }
    return cached.live.ended === undefined ? cached.live : undefined;
  }

  /** Sessions in memory. */
  *values(): IterableIterator<LiveSession> {
    for (const { live } of this.memory.all()) yield live;
  }

  /** Calls back once for each session that ends, in the turn in which it ends. */
  onEnd(listener: (live: LiveSession, reason: SessionEnd) => void): void {
    this.memory.onEnd(listener);
  }

  /** Calls back when an issuer has said something else of somebody than before. */
  onRenew(listener: (live: LiveSession) => void): void {
    this.#renewListeners.push(listener);
  }

  /**
   * Ends one session: its token is refused from then on. At once in memory and for the listeners, then in the store.
   * @throws GatewayError `store_unavailable` (503)
   */
  async end(live: LiveSession, reason: SessionEnd): Promise<void> {
    const cached = this.memory.bySid(live.session.sid);
    if (cached !== undefined) this.memory.finish(cached, reason);
    if (reason !== 'expired') await this.#ends.add(endOfToken(live.session));
  }

  /**
   * Ends what an operator means by a `sid`, a subject or an e-mail address: every token that was issued until now, also those
   * not seen yet. Says how many were in memory. @throws GatewayError `store_unavailable` (503)
   */
  revoke(userOrSid: string): Promise<number> {
    const meant = (session: Session): boolean => isMeant(session, userOrSid);
    return this.#endAll(endOf(userOrSid, this.#clock()), meant, 'revoked');
  }

  /** The same for what a provider says is over. @throws GatewayError `store_unavailable` (503) */
  async endLoggedOut(logout: ProviderLogout): Promise<number> {
    if (!this.#issuers.some(({ settings }) => settings.issuer === logout.issuer)) return 0;
    const meant = (session: Session): boolean => isLoggedOut(session, logout);
    return this.#endAll(endOfLogout(logout, this.#clock()), meant, 'back-channel-logout');
  }

  /** Ends what another process has ended. */
  apply(ends: readonly BearerEnd[]): void {
    if (ends.length === 0) return;
    for (const cached of this.memory.all())
      if (this.#ends.has(cached.live.session, cached.issuedAt)) this.memory.finish(cached, 'revoked');
  }

  /** Looks at a token again that nobody brings. @throws GatewayError */
  async recheck({ issuer, hash: key, token }: CachedToken): Promise<void> {
    if (token !== undefined) await this.#check(issuer, key, token);
  }

  async #endAll(end: BearerEnd, meant: (session: Session) => boolean, reason: SessionEnd): Promise<number> {
    // In memory at once: a check that is under way must not bring one back.
    const written = this.#ends.add(end);
    const ended = this.memory.all().filter(({ live }) => meant(live.session));
    for (const cached of ended) this.memory.finish(cached, reason);
    await Promise.all([written, ...ended.map(({ live }) => this.#ends.add(endOfToken(live.session)))]);
    return ended.length;
  }

  /** Every issuer that could have made it; who is nobody’s issuer learns nothing of the token. */
  async #checkAny(issuers: readonly Issuer[], key: string, token: string): Promise<LiveSession> {
    const claimed = issuerOf(token);
    const candidates = issuers.filter(({ asks, settings }) =>
      claimed === undefined ? asks : claimed === settings.issuer,
    );
    let failure: GatewayError = refused('The token is of no issuer that this app believes');
    for (const issuer of candidates) {
      try {
        return await this.#check(issuer, key, token);
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        // What comes nearest tells most: a good token without a scope, an issuer that is out of reach.
        if (failure.status === 401) failure = error;
      }
    }
    throw failure;
  }

  /** Checks of one token share one. */
  #check(issuer: Issuer, key: string, token: string): Promise<LiveSession> {
    const pending = issuer.pending.get(key) ?? this.#checkAlone(issuer, key, token);
    if (!issuer.pending.has(key)) {
      issuer.pending.set(key, pending);
      const done = (): void => void issuer.pending.delete(key);
      pending.then(done, done);
    }
    return pending;
  }

  async #checkAlone(issuer: Issuer, key: string, token: string): Promise<LiveSession> {
    await this.#ends.load();
    let accepted: Accepted;
    try {
      accepted = await issuer.check(token, key);
    } catch (error) {
      const cached = issuer.cache.get(key);
      if (cached !== undefined && error instanceof GatewayError && error.status < 500)
        this.memory.finish(cached, 'revoked');
      throw error;
    }
    return this.#admit(issuer, key, token, accepted);
  }

  #admit(issuer: Issuer, key: string, token: string, accepted: Accepted): LiveSession {
    const now = this.#clock();
    const { issuedAt, expiresAt, providerSid } = accepted;
    const identity = this.#identify(accepted.identity);
    const session: Session = {
      // A handle that opens nothing: neither the token nor the key of the cache can be had from it.
      sid: hash('sha256', `${issuer.settings.name} ${issuer.asks ? key : signedPart(token)}`, 'hex').slice(
        0,
        32,
      ),
      identity,
      tokens: {},
      ...(providerSid === undefined ? {} : { providerSid }),
      createdAt: now,
      expiresAt,
      lastSeenAt: now,
    };
    const cached = issuer.cache.get(key) ?? this.memory.bySid(session.sid);
    if (this.#ends.has(session, issuedAt)) {
      if (cached !== undefined) this.memory.finish(cached, 'revoked');
      throw refused('The token was ended before its time');
    }
    if (cached === undefined) {
      const live = new LiveSession(`bearer:${session.sid}`, session, '');
      const entry = { live, issuer, hash: key, token: issuer.asks ? token : undefined, issuedAt };
      const added: CachedToken = { ...entry, recheckAt: now + issuer.kept };
      this.memory.add(added);
      return live;
    }
    if (cached.hash !== key) this.memory.rename(cached, key);
    cached.recheckAt = now + issuer.kept;
    cached.issuedAt = issuedAt;
    this.#renew(cached.live, session);
    return cached.live;
  }

  #renew(live: LiveSession, found: Session): void {
    const { createdAt, identity, expiresAt } = live.session;
    live.lastSeenAt = found.lastSeenAt;
    if (expiresAt === found.expiresAt && isDeepStrictEqual(identity, found.identity)) return;
    live.renew({ ...found, createdAt }, '');
    for (const listener of this.#renewListeners) listener(live);
  }
}

/**
 * What a signature is of. The signature itself can be written in several ways that are all good (base64 with other last bits, ECDSA
 * with the other of two values): a new spelling must not be a new session, that outlives the end of the first and fills the memory.
 */
function signedPart(token: string): string {
  return token.slice(0, token.lastIndexOf('.'));
}

/** What a JWT claims to be of; nothing that does not look like one claims anything. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}
