import { GatewayError } from '../../core/errors.ts';
import type { Api, JsonObject } from '../api.ts';
import type { Claims } from '../claims.ts';
import type { OAuthQuirk } from '../oauth-quirk.ts';
import { numberAsText } from '../subject.ts';

interface OAuth2Options {
  readonly name: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly userUrl: string;
  readonly logoutUrl?: string;
  /** Field of the user's document that never changes for one person; `sub`, else `id`, when not given. */
  readonly userKey?: string;
}

/**
 * Any OAuth 2 server with a URL that tells who a token is for. It has no issuer of its own, so the origin of its token
 * endpoint is the identities' issuer.
 */
export function oauth2(options: OAuth2Options): OAuthQuirk {
  const { authorizeUrl, tokenUrl, userUrl, logoutUrl } = options;
  return {
    issuer: new URL(tokenUrl).origin,
    authorizeUrl,
    tokenUrl,
    ...(logoutUrl === undefined ? {} : { logoutUrl }),
    // Servers disagree about the encoding inside of Basic (RFC 6749 section 2.3.1); a form has one meaning.
    clientAuth: 'client_secret_post',
    profile: (api) => profile(api, userUrl, options),
  };
}

async function profile(api: Api, userUrl: string, { name, userKey }: OAuth2Options): Promise<Claims> {
  const user = await api.get(userUrl);
  const sub =
    userKey === undefined ? (identifier(user, 'sub') ?? identifier(user, 'id')) : identifier(user, userKey);
  if (sub === undefined) {
    throw new GatewayError(
      'sign_in_refused',
      403,
      `the user document of "${name}" has no usable ${userKey ?? 'sub or id'}; its fields are ${Object.keys(user).slice(0, 30).join(', ')}. ` +
        'Set user_key to the one that never changes for one person',
      { publicMessage: 'The sign-in service described your account in a way that cannot be used here.' },
    );
  }
  return { ...user, sub };
}

/** Text as it is, or a whole number. An e-mail address that is not verified is nobody's identity (CVE-2023-3128). */
function identifier(user: JsonObject, key: string): string | undefined {
  if (!Object.hasOwn(user, key)) return undefined;
  if (key === 'email' && user['email_verified'] === false) return undefined;
  const value = user[key];
  return typeof value === 'string' && value !== '' ? value : numberAsText(value);
}
