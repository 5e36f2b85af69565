import type { ApiSettings } from '../config/settings.ts';
import type { ApiToken, Session } from '../core/types.ts';

/** Milliseconds for which a token is kept whose end the provider does not tell. */
const UNKNOWN_LIFE = 300_000;
/** Milliseconds before its end from which a token is not given out any more, if its life is not very short. */
const GRACE = 60_000;
/** Of that share of its life, then. */
const GRACE_SHARE = 0.25;
/** Tokens in one session: an app may ask for any subset of the scopes. */
const MOST = 32;

/** Everything that a token is for: one for other scopes or another resource is never taken for it (GHSA-qvp4). */
export function cacheKey(api: ApiSettings, scopes: readonly string[]): string {
  return JSON.stringify([api.name, api.grant, api.resource ?? '', ...scopes.toSorted()]);
}

/** As it is kept: with the time, and with an end. */
export function toKeep(token: ApiToken, now: number): ApiToken {
  return { ...token, obtainedAt: now, expiresAt: token.expiresAt ?? now + UNKNOWN_LIFE };
}

/** From when on a new one is asked for, milliseconds since the epoch: long enough before its end for a call to finish. */
export function renewAt({ obtainedAt = 0, expiresAt = 0 }: ApiToken): number {
  return expiresAt - Math.min(GRACE, (expiresAt - obtainedAt) * GRACE_SHARE);
}

/** Whether it still works, though it may be time for another one. */
export function isAlive({ expiresAt = 0 }: ApiToken, now: number): boolean {
  return now < expiresAt;
}

/** The cache with one more token, less those that have ended, and less those that end first when there are too many. */
export function withToken(
  tokens: Session['apiTokens'],
  key: string,
  token: ApiToken,
  now: number,
): Readonly<Record<string, ApiToken>> {
  const others = Object.entries(tokens ?? {})
    .filter(([name, other]) => name !== key && isAlive(other, now))
    .toSorted(([, a], [, b]) => (b.expiresAt ?? 0) - (a.expiresAt ?? 0))
    .slice(0, MOST - 1);
  return Object.fromEntries([...others, [key, token]]);
}

/** The cache without one token. */
export function withoutToken(tokens: Session['apiTokens'], key: string): Readonly<Record<string, ApiToken>> {
  return Object.fromEntries(Object.entries(tokens ?? {}).filter(([name]) => name !== key));
}
