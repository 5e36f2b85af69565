import { GatewayError } from '../core/errors.ts';
import type { Clock, SignedIn, TokenSet } from '../core/types.ts';
import { type Claims, identityFrom, wantsUserInfo } from './claims.ts';
import { type Discovered, type FetchVia, MetadataSource } from './metadata.ts';
import { oidcError } from './oidc-errors.ts';
import type { IdentityProvider, LoginTransaction, ValidatedCallback } from './provider.ts';

export interface OidcSettings {
  readonly name: string;
  readonly title: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** Space-separated; must contain `openid`. */
  readonly scope: string;
  readonly extraParams: Readonly<Record<string, string>>;
  readonly rolesClaim: string;
  readonly groupsClaim: string;
}

/** A longer hint would make a URL that providers refuse; `client_id` then has to be enough. */
const MAX_ID_TOKEN_HINT = 4000;

/** Any OpenID Connect provider: authorization code flow with PKCE S256, state and nonce, always. */
export class OidcProvider implements IdentityProvider {
  readonly name: string;
  readonly title: string;
  readonly #settings: OidcSettings;
  readonly #clock: Clock;
  readonly #source: MetadataSource;

  /** @throws GatewayError `issuer_insecure` for a plain http issuer that is not loopback. */
  constructor(settings: OidcSettings, clock: Clock, fetchVia?: FetchVia) {
    this.name = settings.name;
    this.title = settings.title;
    this.#settings = settings;
    this.#clock = clock;
    this.#source = new MetadataSource(settings, clock, fetchVia);
  }

  async authorizationUrl(transaction: LoginTransaction): Promise<URL> {
    const { client, config } = await this.#source.get();
    return client.buildAuthorizationUrl(config, {
      ...this.#settings.extraParams,
      // After the extra parameters, so that none of them can weaken the flow.
      response_type: 'code',
      scope: this.#settings.scope,
      redirect_uri: transaction.redirectUri,
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(transaction.codeVerifier),
      code_challenge_method: 'S256',
    });
  }

  async redeem(callback: ValidatedCallback): Promise<SignedIn> {
    const found = await this.#source.get();
    const { transaction, url } = callback;
    const maxAge = Number(this.#settings.extraParams['max_age']);
    let tokens: Awaited<ReturnType<typeof found.client.authorizationCodeGrant>>;
    try {
      tokens = await found.client.authorizationCodeGrant(found.config, url, {
        expectedState: transaction.state,
        expectedNonce: transaction.nonce,
        pkceCodeVerifier: transaction.codeVerifier,
        idTokenExpected: true,
        ...(Number.isFinite(maxAge) ? { maxAge } : {}),
      });
    } catch (error) {
      throw oidcError(this.name, 'token request', error);
    }
    const claims = tokens.claims();
    if (claims === undefined)
      throw new GatewayError('sign_in_refused', 400, `provider "${this.name}" sent no ID token`);
    const userInfo = wantsUserInfo(claims, this.#settings)
      ? await this.#userInfo(found, tokens.access_token, claims.sub)
      : undefined;
    return {
      identity: identityFrom(found.metadata.issuer, this.#settings, claims, userInfo),
      tokens: {
        accessToken: tokens.access_token,
        ...(tokens.refresh_token === undefined ? {} : { refreshToken: tokens.refresh_token }),
        ...(tokens.id_token === undefined ? {} : { idToken: tokens.id_token }),
        ...(tokens.expires_in === undefined
          ? {}
          : { accessTokenExpiresAt: this.#clock() + tokens.expires_in * 1000 }),
        ...(tokens.scope === undefined ? {} : { scope: tokens.scope }),
      },
    };
  }

  async endSessionUrl(tokens: TokenSet, postLogoutRedirectUri: string): Promise<URL | undefined> {
    const { client, config, metadata } = await this.#source.get();
    if (metadata.end_session_endpoint === undefined) return undefined;
    const hint = tokens.idToken;
    return client.buildEndSessionUrl(config, {
      post_logout_redirect_uri: postLogoutRedirectUri,
      ...(hint !== undefined && hint.length <= MAX_ID_TOKEN_HINT ? { id_token_hint: hint } : {}),
    });
  }

  /** UserInfo whose `sub` equals the ID token's (OpenID Connect Core section 5.3.2), where the provider has the endpoint. */
  async #userInfo(found: Discovered, accessToken: string, subject: string): Promise<Claims | undefined> {
    if (found.metadata.userinfo_endpoint === undefined) return undefined;
    try {
      return await found.client.fetchUserInfo(found.config, accessToken, subject);
    } catch (error) {
      throw oidcError(this.name, 'UserInfo request', error);
    }
  }
}
