import type * as Client from 'openid-client';
import type { Session, TokenSet } from '../core/types.ts';
import { isGrantOver, refreshRefused } from './errors/provider-error.ts';
import { apiTokenError, noTokenFor } from './errors/token-refused.ts';
import type { DelegatedToken, TokenRequest } from './provider.ts';
import type { Tokens } from './renewal.ts';

interface Loaded {
  readonly client: typeof Client;
  readonly config: Client.Configuration;
}

/** What an API is called in a token request. */
export type TokenParameters = Readonly<Record<string, string>>;

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

/** The standards' own words: `scope`, and `resource` (RFC 8707 section 2.2); `audience` for what is no address (RFC 8693 section 2.1). */
export function standardParameters({ grant, scopes, resource }: TokenRequest): TokenParameters {
  return {
    ...scopeParameter(scopes),
    ...(resource === undefined
      ? {}
      : grant === 'exchange' && !URL.canParse(resource)
        ? { audience: resource }
        : { resource }),
  };
}

/** For vendors that know an API by its audience. */
export function audienceParameters({ scopes, resource }: TokenRequest): TokenParameters {
  return { ...scopeParameter(scopes), ...(resource === undefined ? {} : { audience: resource }) };
}

function scopeParameter(scopes: readonly string[]): TokenParameters {
  return scopes.length === 0 ? {} : { scope: scopes.join(' ') };
}

/**
 * An access token for an API from the token endpoint, by one request.
 *
 * @param parameters - what the API is called there
 * @param now - milliseconds since the epoch
 */
export async function delegatedToken(
  provider: string,
  { tokens }: Pick<Session, 'tokens'>,
  { grant, scopes }: TokenRequest,
  parameters: TokenParameters,
  load: () => Promise<Loaded>,
  now: () => number,
): Promise<DelegatedToken> {
  const answer = await (grant === 'refresh'
    ? byRefreshToken(provider, tokens, parameters, load)
    : byAccessToken(provider, grant, tokens, parameters, load));
  requireAccessToken(provider, answer);
  const granted = answer.scope ?? (scopes.length === 0 ? undefined : scopes.join(' '));
  const { refresh_token: rotated } = answer;
  return {
    token: {
      accessToken: answer.access_token,
      ...(answer.expires_in === undefined ? {} : { expiresAt: now() + answer.expires_in * 1000 }),
      ...(granted === undefined ? {} : { scope: granted }),
    },
    // Of a token that was exchanged a refresh token would be another grant's, and is not kept.
    ...(grant === 'refresh' && rotated !== undefined && rotated !== tokens.refreshToken
      ? { tokens: { ...tokens, refreshToken: rotated } }
      : {}),
  };
}

/** RFC 6749 section 7.1 and RFC 8693 section 2.2.1: what is not known as an access token for a bearer is not used as one. */
function requireAccessToken(provider: string, { token_type: type, ...answer }: Tokens): void {
  const issued = answer['issued_token_type'];
  if (type.toLowerCase() !== 'bearer') throw noTokenFor(provider, 'its token is not of type Bearer');
  if (issued !== undefined && issued !== ACCESS_TOKEN && issued !== JWT)
    throw noTokenFor(provider, 'what it issued is not an access token');
}

/** RFC 6749 section 6, with another scope or resource (RFC 8707 section 2.2). */
async function byRefreshToken(
  provider: string,
  { refreshToken }: TokenSet,
  parameters: TokenParameters,
  load: () => Promise<Loaded>,
): Promise<Tokens> {
  if (refreshToken === undefined)
    throw noTokenFor(provider, 'the sign-in brought no refresh token; refresh_tokens: true asks for one');
  const { client, config } = await load();
  try {
    return await client.refreshTokenGrant(config, refreshToken, parameters);
  } catch (error) {
    if (isGrantOver(error)) throw refreshRefused(provider, 'the provider answered invalid_grant');
    throw apiTokenError(provider, error);
  }
}

/** RFC 8693 section 2.1, and Entra's on-behalf-of. */
async function byAccessToken(
  provider: string,
  grant: 'exchange' | 'on-behalf-of',
  { accessToken }: TokenSet,
  parameters: TokenParameters,
  load: () => Promise<Loaded>,
): Promise<Tokens> {
  if (accessToken === undefined) throw noTokenFor(provider, 'the sign-in brought no access token');
  const { client, config } = await load();
  try {
    return grant === 'exchange'
      ? await client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
          subject_token: accessToken,
          subject_token_type: ACCESS_TOKEN,
          requested_token_type: ACCESS_TOKEN,
          ...parameters,
        })
      : // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow#middle-tier-access-token-request
        await client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:jwt-bearer', {
          assertion: accessToken,
          requested_token_use: 'on_behalf_of',
          ...parameters,
        });
  } catch (error) {
    throw apiTokenError(provider, error);
  }
}
