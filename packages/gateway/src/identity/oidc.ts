import type { ClientSettings } from '../config/provider-settings.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock, Identity, Session, SignedIn, TokenSet } from '../core/types.ts';
import { Api } from './api.ts';
import { requireBearer } from './bearer-token.ts';
import { type Claims, identityFrom, wantsUserInfo } from './claims.ts';
import { oidcError } from './errors/provider-error.ts';
import { LogoutTokens } from './logout-token.ts';
import { type Discovered, MetadataSource } from './metadata.ts';
import { type OidcQuirk, promptOf } from './oidc-quirk.ts';
import type {
  DelegatedToken,
  LoginHints,
  LoginTransaction,
  LogoutNotice,
  RedirectProvider,
  TokenRequest,
  ValidatedCallback,
} from './provider.ts';
import { renewedIdentity, renewTokens, type Tokens, tokenSet } from './renewal.ts';
import { type FetchVia, type SafeFetch, safeFetch } from './safe-fetch.ts';
import { delegatedToken, standardParameters } from './token-for.ts';

/** A client of an OpenID Connect provider; the scope contains `openid`. */
export interface OidcSettings extends Omit<ClientSettings, 'place'> {
  readonly issuer: string;
}

/** A longer hint would make a URL that providers refuse; `client_id` then has to be enough. */
const MAX_ID_TOKEN_HINT = 4000;

/** Any OpenID Connect provider: authorization code flow with PKCE S256, state and nonce, always. */
export class OidcProvider implements RedirectProvider {
  readonly kind = 'redirect';
  readonly name: string;
  readonly title: string;
  readonly #settings: OidcSettings;
  readonly redirectUri: string | undefined;
  readonly #quirk: OidcQuirk;
  readonly #fetch: SafeFetch;
  readonly #clock: Clock;
  readonly #source: MetadataSource;
  readonly #logoutTokens: LogoutTokens;

  /** @throws GatewayError `issuer_insecure` for a plain http issuer that is not loopback. */
  constructor(settings: OidcSettings, clock: Clock, fetchVia?: FetchVia, quirk: OidcQuirk = {}) {
    this.name = settings.name;
    this.title = settings.title;
    this.redirectUri = settings.redirectUri;
    this.#settings = settings;
    this.#quirk = quirk;
    this.#clock = clock;
    this.#fetch = safeFetch(fetchVia);
    this.#source = new MetadataSource(settings, clock, fetchVia, quirk);
    this.#logoutTokens = new LogoutTokens(settings, clock, this.#fetch);
  }

  async authorizationUrl(transaction: LoginTransaction, hints: LoginHints = {}): Promise<URL> {
    const { client, config, metadata } = await this.#source.get();
    const { par, scope, resources = [] } = this.#settings;
    const parameters = new URLSearchParams({
      ...this.#wishes(hints),
      // After the wishes, so that none of them can weaken the flow.
      response_type: 'code',
      scope,
      redirect_uri: transaction.redirectUri,
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(transaction.codeVerifier),
      code_challenge_method: 'S256',
    });
    // RFC 8707 section 2.1: what a token may be asked for later.
    for (const resource of resources) parameters.append('resource', resource);
    const demanded = metadata.require_pushed_authorization_requests === true;
    if (par !== 'required' && (par === 'never' || !demanded))
      return client.buildAuthorizationUrl(config, parameters);
    if (metadata.pushed_authorization_request_endpoint === undefined)
      throw new GatewayError(
        'par_unavailable',
        502,
        `provider "${this.name}" has no pushed authorization requests, and par is required`,
        {
          publicMessage: 'The sign-in service cannot do what this site demands of it.',
          publicHint: 'Ask whoever runs this site to look at its log.',
        },
      );
    try {
      // RFC 9126: what is asked for goes to the provider directly, where nobody on the way can read or change it.
      return await client.buildAuthorizationUrlWithPAR(config, parameters);
    } catch (error) {
      throw oidcError(this.name, 'pushed authorization request', error);
    }
  }

  /** The configuration's wishes win over a link's: no link may get anybody around `prompt: login`. */
  #wishes(hints: LoginHints): Record<string, string> {
    const { prompt = promptOf(hints, this.#quirk), maxAge, extraParams } = this.#settings;
    return {
      ...(hints.loginHint === undefined ? {} : { login_hint: hints.loginHint }),
      ...(prompt === undefined ? {} : { prompt }),
      ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
      ...this.#quirk.params,
      ...extraParams,
    };
  }

  async redeem(callback: ValidatedCallback): Promise<SignedIn> {
    const found = await this.#source.get();
    const { transaction, url } = callback;
    const maxAge = Number(this.#settings.maxAge ?? this.#settings.extraParams['max_age'] ?? Number.NaN);
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
    const { loaded, tokens } = await renewTokens(this.name, before.tokens, () => this.#source.get());
    return this.#signedIn(loaded, tokens, before);
  }

  async tokenFor(session: Pick<Session, 'tokens'>, wanted: TokenRequest): Promise<DelegatedToken> {
    const parameters = (this.#quirk.tokenParameters ?? standardParameters)(wanted);
    return delegatedToken(this.name, session, wanted, parameters, () => this.#source.get(), this.#clock);
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

  async verifyLogout(logoutToken: string): Promise<LogoutNotice> {
    const { metadata } = await this.#source.get();
    return this.#logoutTokens.verify(logoutToken, metadata);
  }

  /** @param before - the session that these tokens renew */
  async #signedIn(
    found: Discovered,
    tokens: Tokens,
    before: Pick<Session, 'identity' | 'tokens'> | undefined,
  ): Promise<SignedIn> {
    requireBearer(this.name, tokens);
    const claims = tokens.claims();
    if (claims === undefined && before === undefined)
      throw new GatewayError('sign_in_refused', 400, `provider "${this.name}" sent no ID token`);
    const identity =
      before === undefined
        ? await this.#identity(found, tokens, claims as Claims & { readonly sub: string })
        : claims === undefined
          ? before.identity
          : await renewedIdentity(this.name, before.identity, () => this.#identity(found, tokens, claims));
    const providerSid = claims?.['sid'];
    return {
      identity,
      ...(typeof providerSid === 'string' ? { providerSid } : {}),
      tokens: tokenSet(tokens, this.#clock(), before?.tokens),
    };
  }

  async #identity(
    found: Discovered,
    tokens: Tokens,
    claims: Claims & { readonly sub: string },
  ): Promise<Identity> {
    const quirk = this.#quirk;
    const accessToken = tokens.access_token;
    const asks = quirk.asksUserInfo !== false && wantsUserInfo(claims, this.#settings);
    const userInfo = asks ? await this.#userInfo(found, accessToken, claims.sub) : undefined;
    const documents = { issuer: found.metadata.issuer, idToken: claims, userInfo: userInfo ?? {} };
    const vouched =
      (await quirk.claims?.(documents, {
        token: accessToken,
        api: (headers) => new Api({ name: this.name, accessToken, fetch: this.#fetch, headers }),
      })) ?? documents;
    return identityFrom(vouched.issuer, this.#settings, vouched.idToken, vouched.userInfo);
  }

  async endSessionUrl(tokens: TokenSet, postLogoutRedirectUri: string): Promise<URL | undefined> {
    const { client, config, metadata } = await this.#source.get();
    if (metadata.end_session_endpoint === undefined)
      return this.#quirk.endSessionUrl?.(postLogoutRedirectUri);
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
