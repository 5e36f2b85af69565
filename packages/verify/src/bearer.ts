import { createLocalJWKSet, type JWTPayload } from 'jose';
import { isAccessToken } from './access-token.ts';
import { discoverKeys } from './discovery.ts';
import { VerifyError } from './errors.ts';
import { trustworthy } from './fetch-json.ts';
import { remoteKeys } from './keys.ts';
import { type Checked, checkToken, isText, isTexts, refuse } from './token.ts';
import type { CommonOptions, Principal, RequestHead, Verifier } from './verifier.ts';

/** Bytes; what Node.js takes of all headers together. */
const LIMIT = 16_384;
/** RFC 7235, section 2.1: the scheme in any case, one space, then token68. */
const CREDENTIALS = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** Algorithms by which an issuer can sign so that whoever checks cannot sign (RFC 7518, RFC 8037). */
export type Algorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA';

const ALGORITHMS = /^(?:[RPE]S(?:256|384|512)|EdDSA)$/;

/** What an access token says. */
export interface Access extends Principal {
  /** Who asked for the token: `client_id`, or the names that older issuers have for it. */
  readonly client?: string;
  /** All claims, checked and as they are. */
  readonly claims: Readonly<JWTPayload>;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

export interface BearerOptions extends CommonOptions {
  /** Exactly as in the tokens' `iss`. */
  readonly issuer: string;
  /** This service's name at the issuer, as in the tokens' `aud`; any of several. */
  readonly audience: string | readonly string[];
  /** Where the keys are; default: what the issuer's metadata say. */
  readonly jwksUrl?: string;
  /** Default RS256 and ES256. */
  readonly algorithms?: readonly Algorithm[];
  /** Only tokens that follow RFC 9068; default is to take ordinary JWTs, too. */
  readonly rfc9068?: boolean;
  /** Where the roles stand, `realm_access.roles` for one inside another; default `roles`. */
  readonly rolesClaim?: string;
  /** The same for groups; default `groups`. */
  readonly groupsClaim?: string;
}

/**
 * Checks access tokens that come as `Authorization: Bearer` (RFC 6750).
 * @throws TypeError for settings under which anybody's token could pass.
 */
export function bearerVerifier(options: BearerOptions): Verifier<Access> {
  const { issuer, fetch = globalThis.fetch, clock = Date.now } = options;
  const { algorithms = ['RS256', 'ES256'] } = options;
  const audience = [options.audience].flat();
  if (!issuer || audience.length === 0 || !audience.every(Boolean))
    throw new TypeError('Give { issuer, audience }');
  // With a shared secret (HS256), a public key of the issuer would sign; `none` needs no key at all.
  if (algorithms.length === 0 || !algorithms.every((name) => ALGORITHMS.test(name)))
    throw new TypeError(`The algorithms must be of public keys: ${algorithms.join(', ')}`);
  const fixed = options.jwksUrl && trustworthy(options.jwksUrl, 'The address of the keys');
  if (!fixed && !options.jwks) trustworthy(issuer, 'The issuer');
  const url = async () => fixed || discoverKeys(issuer, fetch);
  const keys = options.jwks ? createLocalJWKSet(options.jwks) : remoteKeys({ url, fetch, clock });
  const rules = { algorithms: [...algorithms], issuer, audience };

  const verify = async (token: string): Promise<Access> => {
    const checked = await checkToken(token, { limit: LIMIT, keys, clock, rules });
    if (!isAccessToken(checked, options.rfc9068 === true)) throw refuse('The token is no access token');
    // Of a token that is bound to a key the sender must prove that key, and nothing here can check it (RFC 9449, RFC 8705).
    if (checked.claims['cnf'] !== undefined) throw refuse('The token is bound to a key of its sender');
    return accessOf(checked, options);
  };
  return { scheme: 'Bearer', verify, authenticate: async (request) => verify(tokenOf(request)) };
}

function tokenOf(request: RequestHead): string {
  const given = request.headers('authorization');
  const ours = given.filter((value) => /^bearer(?: |$)/i.test(value));
  if (ours.length === 0) throw new VerifyError('missing_token', 'The request has no bearer token');
  const [, token] = CREDENTIALS.exec(ours[0] ?? '') ?? [];
  // Not as a URL: a target such as `//` is none, and would be an error of the server's.
  const [, query = ''] = request.url.split(/\?(.*)/s);
  const inQuery = new URLSearchParams(query).has('access_token');
  if (given.length > 1 || inQuery || token === undefined)
    throw new VerifyError('invalid_request', 'The request has several tokens, or one that is malformed');
  return token;
}

function accessOf({ claims }: Checked, options: BearerOptions): Access {
  const { sub, iss, exp, email, name } = claims;
  const client = [claims['client_id'], claims['azp'], claims['appid'], claims['cid']].find(isText);
  if (!isText(iss) || !isText(sub) || sub === '') throw refuse('The token names nobody');
  return {
    id: sub,
    issuer: iss,
    // An address is somebody's only when the issuer has verified it.
    ...(isText(email) && claims['email_verified'] === true && { email }),
    ...(isText(name) && { name }),
    ...(client !== undefined && { client }),
    scopes: scopesOf(claims['scope'] ?? claims['scp']),
    roles: listAt(claims, options.rolesClaim ?? 'roles'),
    groups: listAt(claims, options.groupsClaim ?? 'groups'),
    claims,
    expiresAt: exp,
  };
}

/** `scope` is a text with spaces (RFC 9068); Okta and others send a list. */
function scopesOf(value: unknown): readonly string[] {
  if (isText(value)) return value.split(' ').filter(Boolean);
  if (value === undefined || isTexts(value)) return value ?? [];
  throw refuse('The scope is none');
}

/** A claim whose name has dots or is a URL counts as a whole first; else the dots lead inwards. */
function listAt(claims: Readonly<Record<string, unknown>>, path: string): readonly string[] {
  const own = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, key)
      ? (value as Record<string, unknown>)[key]
      : undefined;
  const found = own(claims, path) ?? path.split('.').reduce<unknown>(own, claims);
  if (found === undefined) return [];
  if (isText(found)) return [found];
  if (isTexts(found)) return found;
  throw refuse(`The claim ${path} is no list`);
}
