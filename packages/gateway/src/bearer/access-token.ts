import type { JWTPayload } from 'jose';

/** `typ` of the header (RFC 9068 section 2.1; a media type may leave out `application/`). */
const RFC9068_TYPE = /^(?:application\/)?at\+jwt$/i;
const ORDINARY_TYPE = /^(?:application\/)?jwt$/i;

/** Only ID tokens and logout tokens have these (OpenID Connect Core sections 2 and 3.3.2.11; Back-Channel Logout section 2.4). */
const OF_ANOTHER_KIND = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'] as const;

/** Only access tokens have these; the last four are of Okta, Entra (two) and Auth0. */
const OF_ACCESS = ['scope', 'scp', 'client_id', 'cid', 'appid', 'azpacr', 'gty'] as const;

/** What Keycloak (`typ`), Cognito and Hydra (`token_use`) call the kind of a token in its claims. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  typ: ['Bearer'],
  token_use: ['access', 'access_token'],
};

/** Whether the claims call the token something else than an access token; `undefined` when they do not say. */
export function saysAccess(claims: JWTPayload): boolean | undefined {
  const said = Object.entries(KINDS).filter(([name]) => claims[name] !== undefined);
  if (said.length === 0) return undefined;
  return said.every(([name, kinds]) => kinds.includes(String(claims[name])));
}

/**
 * Whether this is an access token, and not an ID token or another JWT of the same issuer with a valid signature (RFC 9068
 * section 2.1, RFC 8725 section 3.12). An ordinary JWT has to show it by its claims, because its header does not.
 *
 * @param ownKey - the key is for these tokens alone, so that being signed with it shows enough; marks of another kind still count
 */
export function isAccessToken(claims: JWTPayload, type: string | undefined, ownKey: boolean): boolean {
  const has = (name: string): boolean => claims[name] !== undefined;
  if (type !== undefined && RFC9068_TYPE.test(type))
    return ['sub', 'client_id', 'iat', 'jti'].every(has) && !has('events');
  if (type !== undefined && !ORDINARY_TYPE.test(type)) return false;
  const said = saysAccess(claims);
  if (said !== undefined) return said;
  return (ownKey || OF_ACCESS.some(has)) && !OF_ANOTHER_KIND.some(has);
}
