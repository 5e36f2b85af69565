import type { Api } from './api.ts';
import type { Claims } from './claims.ts';
import type { AssertionAudience } from './client-auth.ts';
import type { LoginHints, TokenRequest } from './provider.ts';
import type { TokenParameters } from './token-for.ts';

/** What a sign-in brought, all of it verified. */
interface Documents {
  /** Who vouches: the issuer of the identity. */
  readonly issuer: string;
  readonly idToken: Claims;
  /** Empty where the provider was not asked. */
  readonly userInfo: Claims;
}

/** How one vendor's OpenID Connect differs from the standard, and what it has beyond it. */
export interface OidcQuirk {
  /** What the metadata may call itself where that is not the configured issuer, byte for byte. */
  acceptsIssuer?(issuer: string): boolean;
  /** More parameters for the authorization URL; the configuration's own win. */
  readonly params?: Readonly<Record<string, string>>;
  readonly assertionAudience?: AssertionAudience;
  /** Value of `prompt` that lets people choose an account, where there is a better one than `login`. */
  readonly chooseAccount?: 'select_account';
  /** `false` where UserInfo has nothing that the ID token has not. */
  readonly asksUserInfo?: false;
  /**
   * The documents in standard claims: `sub` that never changes, `email_verified` that can be relied on, roles and groups.
   *
   * @throws GatewayError `wrong_tenant`, `wrong_domain`, `sign_in_refused`, 403
   */
  claims?(documents: Documents, access: Access): Documents | Promise<Documents>;
  /** What an API is called in a request for its token, where that is not the standards' `scope` and `resource`. */
  tokenParameters?(wanted: TokenRequest): TokenParameters;
  /** Where people are signed out at a provider whose metadata names no `end_session_endpoint`. */
  endSessionUrl?(postLogoutRedirectUri: string): URL;
}

/** The access token that came with the documents, and the vendor's own API through it. */
export interface Access {
  readonly token: string;
  api(headers: Readonly<Record<string, string>>): Api;
}

/** `login` is what every provider knows (OpenID Connect Core section 15.1). */
export function promptOf(hints: LoginHints, quirk: OidcQuirk): string | undefined {
  return hints.otherAccount === true ? (quirk.chooseAccount ?? 'login') : hints.prompt;
}
