import type { BearerSettings } from '../config/settings.ts';
import type { Clock } from '../core/types.ts';
import type { SafeFetch } from '../identity/safe-fetch.ts';
import type { LiveSession } from '../session/live.ts';
import { introspectionJudge } from './introspection.ts';
import { type Judge, jwtJudge } from './jwt.ts';
import { KEYS_KEPT } from './keys.ts';
import { type Accepted, acceptedFrom } from './person.ts';

/** How long an issuer's word about a token is believed (RFC 7662 section 4). */
const ANSWER_KEPT = 60_000;

/** A token that was found good, until it has to be looked at again. */
export interface CachedToken {
  readonly live: LiveSession;
  readonly issuer: Issuer;
  /** Hash of the whole token, as it was spelled last. */
  hash: string;
  /** The token itself, only where its issuer has to be asked again without a request that brings it. */
  readonly token: string | undefined;
  /** Milliseconds since the epoch; see `Accepted`. */
  issuedAt: number;
  recheckAt: number;
}

/** One issuer of the configuration: its tokens, and those of them that were found good for what it says. */
export class Issuer {
  readonly settings: BearerSettings;
  /** By the hash of the whole token. One issuer is one audience and one list of scopes, so the hash is enough (GHSA-qvp4). */
  readonly cache = new Map<string, CachedToken>();
  /** Checks under way, by the same hash. */
  readonly pending = new Map<string, Promise<LiveSession>>();
  readonly #judge: Judge;
  readonly #clock: Clock;

  constructor(settings: BearerSettings, fetch: SafeFetch, clock: Clock) {
    const { source } = settings;
    this.settings = settings;
    this.#clock = clock;
    this.#judge =
      source.kind === 'introspection'
        ? introspectionJudge(settings, source, fetch, clock)
        : jwtJudge(settings, fetch, clock);
  }

  get asks(): boolean {
    return this.settings.source.kind === 'introspection';
  }

  /** Milliseconds. After it a token is looked at again: the issuer may say otherwise, or have withdrawn the key. */
  get kept(): number {
    return this.asks ? ANSWER_KEPT : KEYS_KEPT;
  }

  /**
   * @param key - hash of the token
   * @throws GatewayError `invalid_token` (401), `insufficient_scope` (403), `temporarily_unavailable` (503)
   */
  async check(token: string, key: string): Promise<Accepted> {
    return acceptedFrom(this.settings, await this.#judge(token, this.cache.has(key)), this.#clock());
  }
}
