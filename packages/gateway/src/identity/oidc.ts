import { GatewayError } from '../core/errors.ts';
import type { Clock, Identity, Session, SignedIn, TokenSet } from '../core/types.ts';
import { type Claims, identityFrom, wantsUserInfo } from './claims.ts';
import { type Discovered, type FetchVia, MetadataSource } from './metadata.ts';
import { isInvalidGrant, oidcError, refreshRefused } from './oidc-errors.ts';
import type { LoginHints, LoginTransaction, RedirectProvider, ValidatedCallback } from './provider.ts';

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

type Tokens = Awaited<ReturnType<Discovered['client']['authorizationCodeGrant']>>;

/** A longer hint would make a URL that providers refuse; `client_id` then has to be enough. */
const MAX_ID_TOKEN_HINT = 4000;

/** Any OpenID Connect provider: authorization code flow with PKCE S256, state and nonce, always. */
export class OidcProvider implements RedirectProvider {
  readonly kind = 'redirect';
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

  async authorizationUrl(transaction: LoginTransaction, hints: LoginHints = {}): Promise<URL> {
    const { client, config } = await this.#source.get();
    return client.buildAuthorizationUrl(config, {
      ...this.#settings.extraParams,
      ...(hints.prompt === undefined ? {} : { prompt: hints.prompt }),
      ...(hints.loginHint === undefined ? {} : { login_hint: hints.loginHint }),
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
    let tokens: Tokens;
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
    return this.#signedIn(found, tokens, undefined);
  }

  async refresh(before: Pick<Session, 'identity' | 'tokens'>): Promise<SignedIn> {
    const { refreshToken } = before.tokens;
    if (refreshToken === undefined) throw refreshRefused(this.name, 'there is no refresh token');
    const found = await this.#source.get();
    let tokens: Tokens;
    try {
      tokens = await found.client.refreshTokenGrant(found.config, refreshToken);
    } catch (error) {
      if (isInvalidGrant(error)) throw refreshRefused(this.name, 'the provider answered invalid_grant');
      throw oidcError(this.name, 'token refresh', error);
    }
    return this.#signedIn(found, tokens, before);
  }

  async revoke(tokens: TokenSet): Promise<void> {
    const { client, config, metadata } = await this.#source.get();
    if (metadata.revocation_endpoint === undefined) return;
    // The refresh token first: RFC 7009 section 2.1 lets it take the access token with it.
    for (const token of [tokens.refreshToken, tokens.accessToken]) {
      if (token === undefined) continue;
      try {
        await client.tokenRevocation(config, token);
      } catch (error) {
        throw oidcError(this.name, 'token revocation', error);
      }
    }
  }

  /** @param before - the session that these tokens renew */
  async #signedIn(
    found: Discovered,
    tokens: Tokens,
    before: Pick<Session, 'identity' | 'tokens'> | undefined,
  ): Promise<SignedIn> {
    const claims = tokens.claims();
    if (claims === undefined && before === undefined)
      throw new GatewayError('sign_in_refused', 400, `provider "${this.name}" sent no ID token`);
    const identity =
      claims === undefined
        ? (before as Pick<Session, 'identity'>).identity
        : await this.#identity(found, tokens, claims);
    // Security fact 5: a refreshed ID token keeps iss and sub (OpenID Connect Core section 12.2).
    if (
      before !== undefined &&
      (identity.issuer !== before.identity.issuer || identity.subject !== before.identity.subject)
    )
      throw refreshRefused(this.name, 'the refreshed ID token is about somebody else');
    const refreshToken = tokens.refresh_token ?? before?.tokens.refreshToken;
    const idToken = tokens.id_token ?? before?.tokens.idToken;
    const scope = tokens.scope ?? before?.tokens.scope;
    return {
      identity,
      tokens: {
        accessToken: tokens.access_token,
        ...(refreshToken === undefined ? {} : { refreshToken }),
        ...(idToken === undefined ? {} : { idToken }),
        ...(tokens.expires_in === undefined
          ? {}
          : { accessTokenExpiresAt: this.#clock() + tokens.expires_in * 1000 }),
        ...(scope === undefined ? {} : { scope }),
      },
    };
  }

  async #identity(
    found: Discovered,
    tokens: Tokens,
    claims: Claims & { readonly sub: string },
  ): Promise<Identity> {
    const userInfo = wantsUserInfo(claims, this.#settings)
      ? await this.#userInfo(found, tokens.access_token, claims.sub)
      : undefined;
    return identityFrom(found.metadata.issuer, this.#settings, claims, userInfo);
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
