import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { VerifyError } from './errors.ts';
import { type Fetch, fetchJson } from './fetch-json.ts';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** How long a key set is used before it is fetched again; contract/assertion.md. */
const KEPT = 3_600_000;
/** Between two fetches, whatever key ids arrive. */
const PAUSE = 60_000;
/** The same before there are any keys, so that a service may start before its issuer. */
const FIRST_PAUSE = 5_000;
/** An outage of the issuer costs nobody a working key for this long. */
const KEPT_IN_OUTAGE = 24 * KEPT;

export interface KeySource {
  /** Where the key set is; asked at each fetch, so that it may be discovered late. */
  readonly url: () => Promise<string>;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/**
 * The keys of one issuer. A key id that is not known makes it look again, once a minute at most: strangers choose key ids,
 * and must not be able to make this service call the issuer at will (security fact 12).
 */
export function remoteKeys({ url, fetch, clock }: KeySource): JWTVerifyGetKey {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  let fetching: Promise<void> | undefined;

  const load = async (): Promise<void> => {
    triedAt = clock();
    try {
      keys = createLocalJWKSet((await fetchJson(await url(), fetch)) as unknown as JSONWebKeySet);
      fetchedAt = triedAt;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
  };

  /** @returns whether the set is another one now. */
  const refresh = async (): Promise<boolean> => {
    if (fetching === undefined && clock() - triedAt < (keys ? PAUSE : FIRST_PAUSE)) return false;
    fetching ??= load().finally(() => {
      fetching = undefined;
    });
    await fetching;
    return failure === undefined;
  };

  return async (header, token) => {
    if (clock() - fetchedAt >= KEPT) await refresh();
    if (keys === undefined || clock() - fetchedAt >= KEPT_IN_OUTAGE)
      throw new VerifyError('temporarily_unavailable', 'The keys of the issuer cannot be fetched', {
        cause: failure,
      });
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await refresh())) throw error;
      return keys(header, token);
    }
  };
}
