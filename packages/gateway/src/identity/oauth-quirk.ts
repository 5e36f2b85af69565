import type { ClientSettings } from '../config/provider-settings.ts';
import type { Api, JsonObject } from './api.ts';
import type { Claims } from './claims.ts';
import type { LoginHints } from './provider.ts';
import type { SafeFetch } from './safe-fetch.ts';

/** A client of a provider that speaks OAuth 2 without OpenID Connect; an empty scope asks for what is given anyway. */
export type OAuthSettings = Omit<ClientSettings, 'place'>;

/** The gateway as the provider's client, for requests outside the standards. */
interface VendorClient {
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly fetch: SafeFetch;
}

/** One vendor's OAuth 2: where its endpoints are, how its answers differ, and who its API says that somebody is. */
export interface OAuthQuirk {
  /** Issuer of the identities: with the subject it tells people apart, so it must never change. */
  readonly issuer: string;
  /** What the vendor sends as `iss` in the callback (RFC 9207); where it is unknown, `iss` is not looked at. */
  readonly callbackIssuer?: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  /** How the client authenticates at the token endpoint (RFC 6749 section 2.3.1). */
  readonly clientAuth: 'client_secret_basic' | 'client_secret_post';
  /** Headers for the API. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Parameters of the authorization URL; `prompt` and `login_hint` where the vendor has no other words for them. */
  hints?(hints: LoginHints): Readonly<Record<string, string>>;
  /** The token endpoint's answer in the words of RFC 6749 section 5. */
  tokenAnswer?(body: JsonObject): JsonObject;
  /** Claims in OpenID Connect's names: a `sub` that never changes, and an e-mail only when it is verified. */
  profile(api: Api): Promise<Claims>;
  /** Ends one token; the provider has no RFC 7009 endpoint. */
  revoke?(client: VendorClient, accessToken: string): Promise<Response>;
  readonly logoutUrl?: string;
}
