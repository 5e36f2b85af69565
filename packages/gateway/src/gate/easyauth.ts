import type { RequestFacts } from '../http/facts.ts';
import { json, methodNotAllowed, type Reply } from '../http/reply.ts';
import type { TokenRefresher } from '../login/refresh.ts';
import { expiresOn } from '../proxy/profiles/easyauth.ts';
import { userClaims } from '../proxy/profiles/easyauth-claims.ts';
import { nameOf } from '../proxy/profiles/profile.ts';
import type { LiveSession } from '../session/live.ts';

/** What the endpoints in App Service's shape need. */
export interface EasyAuthParts {
  /** EasyAuth's name of an identity provider, by ours. */
  readonly idpOf: (provider: string) => string;
  /** Our name of a provider that `/.auth/login/<name>` means, where none has that very name. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly tokensInMe: boolean;
  /** Absent when tokens are not renewed. */
  readonly refresher: TokenRefresher | undefined;
}

/** Seconds after which an app may ask again for tokens that a provider in trouble did not renew. */
const COME_BACK = '30';

/**
 * `GET /.auth/me`: who am I, as App Service says it, in a list of one. Tokens only where the operator asks for them, and
 * never the refresh token.
 */
export function me(parts: EasyAuthParts, facts: RequestFacts, live: LiveSession | undefined): Reply {
  if (facts.method !== 'GET' && facts.method !== 'HEAD') return methodNotAllowed('GET, HEAD');
  if (live === undefined) return signInFirst();
  const { identity, tokens } = live.session;
  const idp = parts.idpOf(identity.provider);
  const told = parts.tokensInMe && !isCrossSite(facts);
  return json(200, [
    {
      ...(told
        ? {
            access_token: tokens.accessToken,
            expires_on: expiresOn(tokens.accessTokenExpiresAt),
            id_token: tokens.idToken,
          }
        : {}),
      provider_name: idp,
      user_claims: userClaims(identity, idp),
      user_id: nameOf(identity),
    },
  ]);
}

/**
 * `GET` or `POST /.auth/refresh`: renews the tokens of the session now, and with them identity, roles and groups. 403 when
 * there is nothing to renew them with, as in App Service.
 */
export async function refresh(
  { refresher }: EasyAuthParts,
  facts: RequestFacts,
  live: LiveSession | undefined,
): Promise<Reply> {
  if (facts.method !== 'GET' && facts.method !== 'POST') return methodNotAllowed('GET, POST');
  if (isCrossSite(facts)) return json(403, { error: 'cross_site' });
  if (live === undefined) return signInFirst();
  const outcome = (await refresher?.renewNow(live)) ?? 'impossible';
  if (outcome === 'renewed') return json(200, {});
  if (outcome === 'impossible') return json(403, { error: 'refresh_unavailable' });
  if (outcome === 'ended') return signInFirst();
  return json(503, { error: 'temporarily_unavailable' }, [['retry-after', COME_BACK]]);
}

function signInFirst(): Reply {
  return json(401, { error: 'login_required', login: '/.auth/login' });
}

/**
 * Whether a page of another site sent this (security fact 16: `same-site` is another). A client that says nothing is no
 * browser of today, and SameSite keeps the cookie from other sites in the older ones.
 */
function isCrossSite(facts: RequestFacts): boolean {
  const origin = facts.header('origin');
  if (origin !== undefined) return origin !== facts.origin;
  const site = facts.header('sec-fetch-site');
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}
