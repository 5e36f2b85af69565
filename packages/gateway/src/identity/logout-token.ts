import { createRemoteJWKSet, customFetch, type JWTPayload, jwtVerify } from 'jose';
import { GatewayError } from '../core/errors.ts';
import { isObject } from '../core/object.ts';
import type { Clock } from '../core/types.ts';
import type { LogoutNotice } from './provider.ts';
import type { SafeFetch } from './safe-fetch.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Never `none`, and nothing that is keyed with the client's secret: a logout token comes from outside, over no TLS of ours. */
const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** OpenID Connect Discovery section 3: every provider has it. */
const WITHOUT_A_LIST = ['RS256'];
/** Explicit typing is recommended; many providers still say `JWT`, or nothing (section 2.4). */
const TYPES = new Set([undefined, 'logout+jwt', 'application/logout+jwt', 'jwt']);
const SKEW_S = 60;
/** However long a provider lets its tokens live: it bounds for how long a used one must be remembered. */
const OLDEST_S = 3600;

interface Client {
  /** Of the provider, in the configuration. */
  readonly name: string;
  readonly clientId: string;
}

interface Metadata {
  readonly issuer: string;
  readonly jwks_uri?: string;
  readonly id_token_signing_alg_values_supported?: string[];
}

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** Verifies the logout tokens of one provider (OpenID Connect Back-Channel Logout 1.0 section 2.6, security fact 11). */
export class LogoutTokens {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #fetch: SafeFetch;
  #keys: { readonly uri: string; readonly set: KeySet } | undefined;

  constructor(client: Client, clock: Clock, fetchKeys: SafeFetch) {
    this.#client = client;
    this.#clock = clock;
    this.#fetch = fetchKeys;
  }

  /** @throws GatewayError `logout_token_invalid` (400); also when the provider's keys cannot be had: fail closed. */
  async verify(token: string, metadata: Metadata): Promise<LogoutNotice> {
    const listed = metadata.id_token_signing_alg_values_supported ?? WITHOUT_A_LIST;
    const now = this.#clock();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#keySet(metadata.jwks_uri ?? ''), {
        issuer: metadata.issuer,
        audience: this.#client.clientId,
        algorithms: ASYMMETRIC.filter((algorithm) => listed.includes(algorithm)),
        requiredClaims: ['iat', 'exp', 'jti', 'events'],
        maxTokenAge: OLDEST_S,
        clockTolerance: SKEW_S,
        currentDate: new Date(now),
      });
      if (!TYPES.has(protectedHeader.typ?.toLowerCase()))
        throw new TypeError('its typ is of another kind of token');
      return notice(metadata.issuer, payload, now);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : 'unknown failure';
      throw new GatewayError(
        'logout_token_invalid',
        400,
        `a logout token for "${this.#client.name}" is not valid: ${why}`,
      );
    }
  }

  /** An unknown `kid` makes it fetch the keys again, throttled. */
  #keySet(uri: string): KeySet {
    if (this.#keys?.uri !== uri)
      this.#keys = { uri, set: createRemoteJWKSet(new URL(uri), { [customFetch]: this.#fetch }) };
    return this.#keys.set;
  }
}

function notice(issuer: string, claims: JWTPayload, now: number): LogoutNotice {
  const { sub, sid, jti, exp = 0, events } = claims;
  // What makes an ID token an ID token must not make it a logout token as well.
  if ('nonce' in claims) throw new TypeError('it has a nonce, so it is an ID token');
  if (!isObject(events) || !isObject(events[EVENT]))
    throw new TypeError('its events claim does not say logout');
  if (!isName(jti)) throw new TypeError('its jti is not a name');
  for (const name of [sub, sid]) {
    if (name !== undefined && !isName(name)) throw new TypeError('its sub or sid is not a name');
  }
  if (sub === undefined && sid === undefined) throw new TypeError('it has neither sub nor sid');
  const remembered = Math.min(exp * 1000, now + OLDEST_S * 1000) + SKEW_S * 1000;
  return { issuer, id: jti, usedUntil: remembered, subject: sub, sid: sid as string | undefined };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 1000;
}
