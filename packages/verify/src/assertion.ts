import { createLocalJWKSet } from 'jose';
import { VerifyError } from './errors.ts';
import { trustworthy } from './fetch-json.ts';
import { remoteKeys } from './keys.ts';
import { checkToken, isText, isTexts, refuse } from './token.ts';
import type { CommonOptions, Principal, RequestHead, Verifier } from './verifier.ts';

/** Bytes. */
const LIMIT = 2048;
/** Seconds. */
const LONGEST_LIFE = 300;
const HEADER = 'portico-assertion';
const TYPE = 'portico+jwt';

/** What a further claim of a provider may be. */
export type ClaimValue = string | number | boolean | readonly string[];

/** Who is looking, as the gateway vouches for them; contract/assertion.md says what each claim means. */
export interface User extends Principal {
  /** Name of the identity provider; a person is `provider` and `id` together. */
  readonly provider: string;
  /** Handle of the session; it opens nothing. */
  readonly session: string;
  /** Further claims that the gateway was told to pass on; undefined when unknown. */
  readonly claims: Readonly<Record<string, ClaimValue>> | undefined;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

export interface AssertionOptions extends CommonOptions {
  /** Public URL of the gateway; default `PORTICO_ISSUER`. */
  readonly issuer?: string;
  /** Name of this app at the gateway; default `PORTICO_AUDIENCE`. */
  readonly audience?: string;
  /** Default `PORTICO_JWKS_URL`, or `/.auth/jwks.json` below the issuer. */
  readonly jwksUrl?: string;
}

/**
 * Checks Portico's identity assertions. An app that the gateway started needs no options: they are in its environment.
 * @throws TypeError when issuer or audience is lacking, or the keys would come over plain http from another machine.
 */
export function assertionVerifier(options: AssertionOptions = {}): Verifier<User> {
  const { fetch = globalThis.fetch, clock = Date.now } = options;
  const issuer = setting(options.issuer, 'issuer', 'PORTICO_ISSUER');
  const audience = setting(options.audience, 'audience', 'PORTICO_AUDIENCE');
  const given = options.jwksUrl ?? (options.issuer === undefined ? env('PORTICO_JWKS_URL') : undefined);
  const url = trustworthy(given ?? `${issuer}/.auth/jwks.json`, 'The address of the keys');
  const keys = options.jwks
    ? createLocalJWKSet(options.jwks)
    : remoteKeys({ url: async () => url, fetch, clock });
  const rules = { algorithms: ['ES256'], issuer };

  const verify = async (token: string): Promise<User> => {
    const { claims, type, keyId } = await checkToken(token, { limit: LIMIT, keys, clock, rules });
    if (type !== TYPE) throw refuse('The token is no assertion');
    // `aud` is one text: a token for several apps could be passed on from one to the other.
    if (claims.aud !== audience) throw refuse('The assertion is for another app');
    if (keyId === undefined) throw refuse('The assertion names no key');
    return userOf(claims);
  };
  return { scheme: 'Portico', verify, authenticate: async (request) => verify(tokenOf(request)) };
}

function tokenOf(request: RequestHead): string {
  const [token, second] = request.headers(HEADER);
  if (token === undefined) throw new VerifyError('missing_token', 'The request has no Portico-Assertion');
  if (second !== undefined)
    throw new VerifyError('invalid_request', 'The request has several Portico-Assertion headers');
  return token;
}

function userOf(claims: Readonly<Record<string, unknown>>): User {
  const { iss, sub, sid, provider, iat, exp, email, name, roles, groups, claims: further } = claims;
  if (!isText(iss) || !isText(sub) || !isText(sid) || !isText(provider)) throw refuse('A claim is lacking');
  if (typeof iat !== 'number' || typeof exp !== 'number') throw refuse('A time is lacking');
  if (exp - iat > LONGEST_LIFE) throw refuse('The assertion lives too long');
  if (![email, name].every((value) => value === undefined || isText(value))) throw refuse('A text is none');
  if (![roles, groups].every((value) => value === undefined || isTexts(value)))
    throw refuse('A list is none');
  if (further !== undefined && !isClaims(further)) throw refuse('The further claims are none');
  return {
    id: sub,
    issuer: iss,
    provider,
    session: sid,
    ...(isText(email) && { email }),
    ...(isText(name) && { name }),
    roles: isTexts(roles) ? roles : undefined,
    groups: isTexts(groups) ? groups : undefined,
    scopes: [],
    claims: further ?? (claims['claims_overflow'] === undefined ? {} : undefined),
    expiresAt: exp,
  };
}

const isClaim = (value: unknown): value is ClaimValue =>
  ['string', 'number', 'boolean'].includes(typeof value) || isTexts(value);

const isClaims = (value: unknown): value is Readonly<Record<string, ClaimValue>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isClaim);

const env = (name: string): string | undefined => globalThis.process?.env[name] || undefined;

function setting(given: string | undefined, option: string, variable: string): string {
  const value = given ?? env(variable);
  if (value) return value;
  throw new TypeError(`Give { ${option} }, or set ${variable}`);
}
