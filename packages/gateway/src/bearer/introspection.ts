import type { JWTPayload } from 'jose';
import type { BearerSettings, BearerSource } from '../config/settings.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/types.ts';
import type { SafeFetch } from '../identity/safe-fetch.ts';
import { saysAccess } from './access-token.ts';
import { fetchJson, UnexpectedStatus } from './fetch-json.ts';
import type { Judge } from './jwt.ts';
import { refused, unavailable } from './refusal.ts';

/** Questions under way to one issuer: whoever sends made-up tokens must not have it flooded by us. */
const MOST_AT_ONCE = 32;
/** Milliseconds without questions after one that got no answer. */
const PAUSE = 1_000;
/** What an endpoint says of a question that it cannot read: that one, and not the next (RFC 9110 section 15.5). */
const UNREADABLE: ReadonlySet<number> = new Set([400, 413, 414, 422, 431]);
/** Seconds; see `jwtJudge`. */
const TOLERANCE = 30;

/**
 * Judges tokens by asking their issuer (RFC 7662). What the issuer leaves open is not assumed: without audience or end a token
 * could be another service's, or for ever.
 */
export function introspectionJudge(
  settings: BearerSettings,
  source: Extract<BearerSource, { kind: 'introspection' }>,
  fetch: SafeFetch,
  clock: Clock,
): Judge {
  const authorization = basicAuth(source.clientId, source.clientSecret);
  // Apart, so that strangers, who choose what is asked, cannot keep out whoever was let in before.
  const strangers = { running: 0, silentUntil: 0 };
  const known = { ...strangers };
  return async (token, isKnown) => {
    const line = isKnown ? known : strangers;
    if (clock() < line.silentUntil) throw unavailable('The introspection endpoint does not answer');
    if (line.running >= MOST_AT_ONCE) throw unavailable('Too many tokens are being introspected');
    line.running++;
    try {
      const body = new URLSearchParams({ token, token_type_hint: 'access_token' });
      const init = { method: 'POST', body, headers: { authorization } };
      return accepted(await fetchJson(source.url, fetch, init), settings, clock() / 1000);
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      if (!(error instanceof UnexpectedStatus && UNREADABLE.has(error.status)))
        line.silentUntil = clock() + PAUSE;
      throw unavailable('The introspection endpoint gives no answer that can be used', error);
    } finally {
      line.running--;
    }
  };
}

/** @param now - seconds */
function accepted(answer: JWTPayload, { issuer, audience }: BearerSettings, now: number): JWTPayload {
  // Nothing but `true`: a text would be true as well.
  if (answer['active'] !== true) throw refused('The issuer says that the token is not active');
  const { iss, aud, iat, nbf } = answer;
  if (iss !== undefined && iss !== issuer) throw refused('The token is of another issuer');
  const meant: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audience.some((name) => meant.includes(name))) throw refused('The token is for another audience');
  for (const time of [iat, nbf])
    if (time !== undefined && !(typeof time === 'number' && time <= now + TOLERANCE))
      throw refused('The token is from the future');
  const type = answer['token_type'];
  if (type !== undefined && String(type).toLowerCase() !== 'bearer') throw refused('It is no bearer token');
  // Section 2.1: the endpoint knows refresh tokens as well.
  if (saysAccess(answer) === false) throw refused('The token is no access token');
  return answer;
}

/** RFC 6749 section 2.3.1: both are form-encoded first. */
function basicAuth(id: string, secret: string): string {
  const encode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`;
}
