import type * as Client from 'openid-client';
import { GatewayError } from '../core/errors.ts';
import { isSamePerson } from '../core/same-person.ts';
import type { Identity, TokenSet } from '../core/types.ts';
import { isInvalidGrant, oidcError, refreshRefused } from './errors/provider-error.ts';

interface Loaded {
  readonly client: typeof Client;
  readonly config: Client.Configuration;
}

/** What a token endpoint answered. */
export type Tokens = Awaited<ReturnType<typeof Client.refreshTokenGrant>>;

/**
 * Fresh tokens for those of a session (RFC 6749 section 6).
 *
 * @param load - the provider's metadata; not asked for where there is nothing to renew
 * @throws GatewayError `refresh_refused` (401) when the grant is over
 */
export async function renewTokens<L extends Loaded>(
  provider: string,
  { refreshToken }: TokenSet,
  load: () => Promise<L>,
): Promise<{ readonly loaded: L; readonly tokens: Tokens }> {
  if (refreshToken === undefined) throw refreshRefused(provider, 'there is no refresh token');
  const loaded = await load();
  try {
    return { loaded, tokens: await loaded.client.refreshTokenGrant(loaded.config, refreshToken) };
  } catch (error) {
    if (isInvalidGrant(error)) throw refreshRefused(provider, 'the provider answered invalid_grant');
    throw oidcError(provider, 'token refresh', error);
  }
}

/**
 * The identity that a refresh shows. The refresh token may be spent by now, so what is down for the moment costs no session.
 *
 * @param look - who the fresh tokens are for
 * @throws GatewayError `refresh_refused` (401); also for another person (security fact 5, OpenID Connect Core section 12.2)
 */
export async function renewedIdentity(
  provider: string,
  before: Identity,
  look: () => Promise<Identity>,
): Promise<Identity> {
  let identity: Identity;
  try {
    identity = await look();
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'provider_unreachable') return before;
    throw refreshRefused(provider, error instanceof Error ? error.message : String(error));
  }
  if (!isSamePerson(identity, before))
    throw refreshRefused(provider, 'the refreshed tokens are about somebody else');
  return identity;
}

/**
 * An answer of the token endpoint as it is kept.
 *
 * @param now - milliseconds since the epoch
 * @param before - goes on where the answer leaves it out (RFC 6749 section 6)
 */
export function tokenSet(answer: Tokens, now: number, before: TokenSet = {}): TokenSet {
  const refreshToken = answer.refresh_token ?? before.refreshToken;
  const idToken = answer.id_token ?? before.idToken;
  const scope = answer.scope ?? before.scope;
  return {
    accessToken: answer.access_token,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(idToken === undefined ? {} : { idToken }),
    ...(answer.expires_in === undefined ? {} : { accessTokenExpiresAt: now + answer.expires_in * 1000 }),
    ...(scope === undefined ? {} : { scope }),
  };
}
