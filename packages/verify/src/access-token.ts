import type { Checked } from './token.ts';

/** `typ` of the header (RFC 9068, section 2.1; a media type may leave out `application/`). */
const RFC9068_TYPE = /^(?:application\/)?at\+jwt$/i;
const ORDINARY_TYPE = /^(?:application\/)?jwt$/i;

/** Claims that only ID tokens and logout tokens have (OpenID Connect Core, sections 2 and 3.3.2.11; Back-Channel Logout, section 2.4). */
const OF_ANOTHER_KIND = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'] as const;

/** Claims that only access tokens have; the last four are of Okta, Entra (two) and Auth0. */
const OF_ACCESS = ['scope', 'scp', 'client_id', 'cid', 'appid', 'azpacr', 'gty'] as const;

/** What Keycloak (`typ`) and Cognito (`token_use`) call the kind of a token in its claims. */
const KIND: Readonly<Record<string, string>> = { typ: 'Bearer', token_use: 'access' };

/**
 * Whether this is an access token, and not an ID token or another JWT of the same issuer with a valid signature (RFC 9068,
 * section 2.1; RFC 8725, section 3.12). An ordinary JWT has to show it by its claims, because its header does not.
 * @param strict only what follows RFC 9068
 */
export function isAccessToken({ claims, type }: Checked, strict: boolean): boolean {
  const has = (name: string) => claims[name] !== undefined;
  if (type !== undefined && RFC9068_TYPE.test(type))
    return ['sub', 'client_id', 'iat', 'jti'].every(has) && !has('events');
  if (strict || (type !== undefined && !ORDINARY_TYPE.test(type))) return false;
  const kinds = Object.entries(KIND).filter(([name]) => has(name));
  if (kinds.length > 0) return kinds.every(([name, kind]) => claims[name] === kind);
  return OF_ACCESS.some(has) && !OF_ANOTHER_KIND.some(has);
}
