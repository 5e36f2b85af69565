import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../core/types.ts';
import { unavailable } from './refusal.ts';

const HOUR = 3_600_000;
/** How long a key set is used before it is fetched again: then a key that was withdrawn ends. */
export const KEYS_KEPT = HOUR;
/** Between two fetches, whatever key ids arrive. */
const PAUSE = 60_000;
/** The same before there are any keys, so that the gateway may start before the issuer. */
const FIRST_PAUSE = 5_000;
/** An outage of the issuer costs nobody a working key for this long. */
const KEPT_IN_OUTAGE = 24 * HOUR;

/**
 * The published keys of one issuer. A key id that is not known makes it look again, once a minute at most: strangers choose
 * key ids, and must not be able to make this gateway call the issuer at will (security fact 12).
 */
export class RemoteKeys {
  readonly #load: () => Promise<unknown>;
  readonly #clock: Clock;
  #keys: ReturnType<typeof createLocalJWKSet> | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #failure: unknown;
  #fetching: Promise<void> | undefined;

  /** @param load - fetches the key set */
  constructor(load: () => Promise<unknown>, clock: Clock) {
    this.#load = load;
    this.#clock = clock;
  }

  /** @throws GatewayError `temporarily_unavailable` (503), JWKSNoMatchingKey */
  readonly get: JWTVerifyGetKey = async (header, token) => {
    if (this.#clock() - this.#fetchedAt >= KEYS_KEPT) await this.#refresh();
    if (this.#keys === undefined || this.#clock() - this.#fetchedAt >= KEPT_IN_OUTAGE)
      throw unavailable('The keys of the issuer cannot be fetched', this.#failure);
    try {
      return await this.#keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await this.#refresh())) throw error;
      return this.#keys(header, token);
    }
  };

  /** @returns whether the set was fetched just now. */
  async #refresh(): Promise<boolean> {
    const pause = this.#keys === undefined ? FIRST_PAUSE : PAUSE;
    if (this.#fetching === undefined && this.#clock() - this.#triedAt < pause) return false;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    await this.#fetching;
    return this.#failure === undefined;
  }

  async #fetch(): Promise<void> {
    this.#triedAt = this.#clock();
    try {
      this.#keys = createLocalJWKSet((await this.#load()) as JSONWebKeySet);
      this.#fetchedAt = this.#triedAt;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
  }
}

/** Keys that are here. Those without an id are meant by tokens with any: a PEM has no place for one. */
export function localKeys(keys: JSONWebKeySet['keys']): JWTVerifyGetKey {
  const named = createLocalJWKSet({ keys: keys.filter(({ kid }) => kid !== undefined) });
  const nameless = createLocalJWKSet({ keys: keys.filter(({ kid }) => kid === undefined) });
  return async (header, token) => {
    try {
      return await named(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const { kid, ...rest } = header;
      return nameless(rest, token);
    }
  };
}
