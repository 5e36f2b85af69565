import type * as Client from 'openid-client';
import { GatewayError } from '../core/errors.ts';
import type { Clock, Session, SignedIn, TokenSet } from '../core/types.ts';
import { Api } from './api.ts';
import { requireBearer } from './bearer-token.ts';
import { identityFrom } from './claims.ts';
import { oidcError } from './errors/provider-error.ts';
import type { OAuthQuirk, OAuthSettings } from './oauth-quirk.ts';
import type { LoginHints, LoginTransaction, RedirectProvider, ValidatedCallback } from './provider.ts';
import { renewedIdentity, renewTokens, type Tokens, tokenSet } from './renewal.ts';
import { type FetchVia, isSecure, REQUEST_TIMEOUT_S, type SafeFetch, safeFetch } from './safe-fetch.ts';
import { tokenFetch } from './token-fetch.ts';

interface Loaded {
  readonly client: typeof Client;
  readonly config: Client.Configuration;
}

/**
 * A provider without ID tokens: authorization code flow with PKCE S256 and state, always; who signed in is what the
 * vendor's API says to the access token that came straight from the token endpoint. A code of another provider cannot
 * be brought in (mix-up, RFC 9700 section 4.4): each provider has a redirect URI of its own, and the transaction names it.
 */
export class OAuthProvider implements RedirectProvider {
  readonly kind = 'redirect';
  readonly name: string;
  readonly title: string;
  readonly redirectUri: string | undefined;
  readonly #settings: OAuthSettings;
  readonly #quirk: OAuthQuirk;
  readonly #clock: Clock;
  readonly #fetch: SafeFetch;
  #loaded: Promise<Loaded> | undefined;

  /**
   * @throws GatewayError `issuer_insecure` (500) for an endpoint in plain http that is not loopback,
   * `provider_option_unsupported` (500) for one that only OpenID Connect can keep.
   */
  constructor(settings: OAuthSettings, quirk: OAuthQuirk, clock: Clock, via?: FetchVia) {
    checkEndpoints(settings.name, quirk);
    checkOptions(settings);
    this.name = settings.name;
    this.title = settings.title;
    this.redirectUri = settings.redirectUri;
    this.#settings = settings;
    this.#quirk = quirk;
    this.#clock = clock;
    this.#fetch = safeFetch(via);
  }

  async authorizationUrl(transaction: LoginTransaction, hints: LoginHints = {}): Promise<URL> {
    const { client, config } = await this.#load();
    const { scope, prompt, extraParams } = this.#settings;
    return client.buildAuthorizationUrl(config, {
      ...extraParams,
      ...(this.#quirk.hints ?? standardHints)({
        ...hints,
        ...(hints.otherAccount === true ? { prompt: 'select_account' } : {}),
        ...(prompt === undefined ? {} : { prompt }),
      }),
      // After the extra parameters, so that none of them can weaken the flow.
      response_type: 'code',
      ...(scope === '' ? {} : { scope }),
      redirect_uri: transaction.redirectUri,
      state: transaction.state,
      code_challenge: await client.calculatePKCECodeChallenge(transaction.codeVerifier),
      code_challenge_method: 'S256',
    });
  }

  async redeem(callback: ValidatedCallback): Promise<SignedIn> {
    const { client, config } = await this.#load();
    const { transaction } = callback;
    const url = new URL(callback.url);
    if (this.#quirk.callbackIssuer === undefined) url.searchParams.delete('iss');
    let tokens: Tokens;
    try {
      tokens = await client.authorizationCodeGrant(config, url, {
        expectedState: transaction.state,
        pkceCodeVerifier: transaction.codeVerifier,
        idTokenExpected: false,
      });
    } catch (error) {
      throw oidcError(this.name, 'token request', error);
    }
    requireBearer(this.name, tokens);
    return { identity: await this.#identity(tokens.access_token), tokens: tokenSet(tokens, this.#clock()) };
  }

  async refresh(before: Pick<Session, 'identity' | 'tokens'>): Promise<SignedIn> {
    const { tokens } = await renewTokens(this.name, before.tokens, () => this.#load());
    requireBearer(this.name, tokens);
    const look = () => this.#identity(tokens.access_token);
    const identity = await renewedIdentity(this.name, before.identity, look);
    return { identity, tokens: tokenSet(tokens, this.#clock(), before.tokens) };
  }

  async revoke(tokens: TokenSet): Promise<void> {
    const { revoke } = this.#quirk;
    if (revoke === undefined || tokens.accessToken === undefined) return;
    const { clientId, clientSecret } = this.#settings;
    const client = { clientId, fetch: this.#fetch, ...(clientSecret === undefined ? {} : { clientSecret }) };
    try {
      const response = await revoke(client, tokens.accessToken);
      await response.body?.cancel();
      // A token that is not there any more is what was wanted.
      if (response.ok || response.status === 404 || response.status === 422) return;
      throw new TypeError(`the provider answers ${response.status}`);
    } catch (error) {
      throw oidcError(this.name, 'token revocation', error);
    }
  }

  async endSessionUrl(): Promise<URL | undefined> {
    const { logoutUrl } = this.#quirk;
    return logoutUrl === undefined ? undefined : new URL(logoutUrl);
  }

  #load(): Promise<Loaded> {
    this.#loaded ??= this.#configure();
    return this.#loaded;
  }

  async #configure(): Promise<Loaded> {
    const client = await import('openid-client');
    const { clientId, clientSecret } = this.#settings;
    const { issuer, callbackIssuer, authorizeUrl, tokenUrl, clientAuth, tokenAnswer } = this.#quirk;
    const auth =
      clientSecret === undefined
        ? client.None()
        : clientAuth === 'client_secret_basic'
          ? client.ClientSecretBasic(clientSecret)
          : client.ClientSecretPost(clientSecret);
    const metadata = {
      issuer: callbackIssuer ?? issuer,
      authorization_endpoint: authorizeUrl,
      token_endpoint: tokenUrl,
    };
    const config = new client.Configuration(metadata, clientId, undefined, auth);
    config.timeout = REQUEST_TIMEOUT_S;
    const fetch = tokenFetch(this.#fetch, tokenUrl, tokenAnswer);
    config[client.customFetch] = (url, options) => fetch(url, options as RequestInit);
    // Loopback only: `safeFetch` and the constructor refuse every other plain http.
    client.allowInsecureRequests(config);
    return { client, config };
  }

  async #identity(accessToken: string): Promise<SignedIn['identity']> {
    const { headers, issuer } = this.#quirk;
    const api = new Api({
      name: this.name,
      accessToken,
      fetch: this.#fetch,
      ...(headers === undefined ? {} : { headers }),
    });
    return identityFrom(issuer, this.#settings, await this.#quirk.profile(api));
  }
}

function standardHints({ prompt, loginHint }: LoginHints): Record<string, string> {
  return {
    ...(prompt === undefined ? {} : { prompt }),
    ...(loginHint === undefined ? {} : { login_hint: loginHint }),
  };
}

function checkEndpoints(name: string, { authorizeUrl, tokenUrl, logoutUrl }: OAuthQuirk): void {
  for (const endpoint of [authorizeUrl, tokenUrl, logoutUrl]) {
    const url = endpoint === undefined ? undefined : URL.parse(endpoint);
    if (url === null || (url !== undefined && !isSecure(url)))
      throw new GatewayError(
        'issuer_insecure',
        500,
        `the addresses of provider "${name}" must be https URLs (http only on loopback)`,
      );
  }
}

/** What cannot be kept is refused at the start: a promise that is silently broken would be worse. */
function checkOptions({ name, maxAge, clientKey, par }: OAuthSettings): void {
  const wanted = { max_age: maxAge, client_key: clientKey, par: par === 'required' ? par : undefined };
  for (const [option, value] of Object.entries(wanted))
    if (value !== undefined)
      throw new GatewayError(
        'provider_option_unsupported',
        500,
        `providers.${name}.${option} needs OpenID Connect, which this type of provider does not speak`,
        { publicHint: 'Leave it out, or use type: oidc where the provider offers OpenID Connect.' },
      );
}
