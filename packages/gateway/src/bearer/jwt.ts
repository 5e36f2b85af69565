import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyResult, jwtVerify } from 'jose';
import type { BearerSettings } from '../config/settings.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/types.ts';
import type { SafeFetch } from '../identity/safe-fetch.ts';
import { isAccessToken } from './access-token.ts';
import { discoverKeys, fetchJson } from './fetch-json.ts';
import { localKeys, RemoteKeys } from './keys.ts';
import { refused } from './refusal.ts';

/** Seconds by which the issuer's clock may be ahead. Its tokens end on time all the same. */
const TOLERANCE = 30;

/** What a token's own header may say about how it is to be checked, and is refused for. */
const REFUSED_MEMBERS = ['crit', 'b64', 'zip'] as const;

/**
 * Judges a token: its claims when it is good.
 *
 * @param isKnown - it was good a while ago; default: nobody knows
 * @throws GatewayError
 */
export type Judge = (token: string, isKnown?: boolean) => Promise<JWTPayload>;

/**
 * Judges JWTs of one issuer by signature, algorithm, issuer, audience, times and kind (RFC 7519, RFC 8725, RFC 9068). Algorithms and
 * keys come from the configuration and the issuer; `jwk`, `jku`, `x5u` and `x5c` of a token's header are not looked at.
 */
export function jwtJudge(settings: BearerSettings, fetch: SafeFetch, clock: Clock): Judge {
  const { issuer, audience, algorithms, source } = settings;
  const verify = verifierOf(settings, fetch, clock);
  const ownKey = source.kind === 'keys' || source.kind === 'secret';
  return async (token) => {
    const now = clock();
    const rules = {
      algorithms: [...algorithms],
      issuer,
      audience: [...audience],
      requiredClaims: ['iss', 'aud', 'exp'],
      clockTolerance: TOLERANCE,
      currentDate: new Date(now),
    };
    const { payload, protectedHeader } = await verify(token, rules).catch((error: unknown) => {
      if (error instanceof GatewayError) throw error;
      throw refused(error instanceof errors.JOSEError ? error.message : 'The token cannot be read', error);
    });
    const member = REFUSED_MEMBERS.find((name) => name in protectedHeader);
    if (member !== undefined) throw refused(`The header of the token has "${member}"`);
    const { iat } = payload;
    if (iat !== undefined && !(iat <= now / 1000 + TOLERANCE)) throw refused('The token is from the future');
    if (!isAccessToken(payload, protectedHeader.typ, ownKey)) throw refused('The token is no access token');
    return payload;
  };
}

type Rules = NonNullable<Parameters<typeof jwtVerify>[2]>;

function verifierOf(
  { issuer, source }: BearerSettings,
  fetch: SafeFetch,
  clock: Clock,
): (token: string, rules: Rules) => Promise<JWTVerifyResult> {
  // A secret is never offered as a key for anything but HMAC: `algorithms` has nothing else then.
  if (source.kind === 'secret') return (token, rules) => jwtVerify(token, source.secret, rules);
  const key: JWTVerifyGetKey =
    source.kind === 'keys'
      ? localKeys([...source.keys])
      : new RemoteKeys(async () => {
          const url = source.kind === 'jwks' ? source.url : await discoverKeys(issuer, fetch);
          return fetchJson(url, fetch);
        }, clock).get;
  return (token, rules) => jwtVerify(token, key, rules);
}
