import type { ApiToken, ProviderLogout, Session, SignedIn, TokenGrant, TokenSet } from '../core/types.ts';

/** One sign-in under way. Sealed into a short-lived cookie, so it is bound to one browser and needs no server state. */
export interface LoginTransaction {
  readonly provider: string;
  readonly state: string;
  readonly nonce: string;
  /** PKCE (RFC 7636), always S256, one verifier per transaction. */
  readonly codeVerifier: string;
  /** From the configuration, never from Host (security fact 4). */
  readonly redirectUri: string;
  readonly returnTo: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

declare const validated: unique symbol;
/**
 * A callback whose state was matched to this browser's transaction, whose parameters are single, and whose state had
 * not been used. Only `login/callback.ts` makes one, so an unvalidated callback cannot be redeemed.
 */
export interface ValidatedCallback {
  readonly [validated]: true;
  /** The callback as the provider sent it, on the configured redirect URI. */
  readonly url: URL;
  readonly transaction: LoginTransaction;
}

/** Wishes for one sign-in that a link may carry; each a parameter of OpenID Connect Core section 3.1.2.1. */
export interface LoginHints {
  readonly prompt?: string;
  readonly loginHint?: string;
  /** Let the person choose another account, though one is signed in at the provider; in the words that the provider knows. */
  readonly otherAccount?: boolean;
}

/** An access token that is wanted for an API. */
export interface TokenRequest {
  /** That of the sign-in (`session`) is there already. */
  readonly grant: Exclude<TokenGrant, 'session'>;
  readonly scopes: readonly string[];
  /** The API's identifier at the provider: `resource` of RFC 8707, `audience` where the vendor calls it so. */
  readonly resource?: string | undefined;
}

/** What came of a `TokenRequest`. */
export interface DelegatedToken {
  readonly token: ApiToken;
  /** The session's own tokens, where the request changed them (a rotated refresh token): to be stored before use. */
  readonly tokens?: TokenSet;
}

/** A logout token that was verified. */
export interface LogoutNotice extends ProviderLogout {
  /** `jti`: one token works once. */
  readonly id: string;
  /** Milliseconds since the epoch, until when a used `id` must be remembered. */
  readonly usedUntil: number;
}

interface ProviderBase {
  /** The key in the configuration. */
  readonly name: string;
  /** For people: "Sign in with …". */
  readonly title: string;
}

/** A provider that people are sent to, and that sends them back with a code. */
export interface RedirectProvider extends ProviderBase {
  readonly kind: 'redirect';
  /** Redirect URI from the configuration in place of our own, for the origin that it names. */
  readonly redirectUri?: string | undefined;
  /** @throws GatewayError `provider_unreachable` (502) when its metadata cannot be had. */
  authorizationUrl(transaction: LoginTransaction, hints?: LoginHints): Promise<URL>;
  /** @throws GatewayError `sign_in_refused` and others, status 400, 403 or 502, with a public message. */
  redeem(callback: ValidatedCallback): Promise<SignedIn>;
  /**
   * Fresh tokens, and the identity as it is now. What the answer leaves out (a refresh token that goes on, an ID token)
   * is taken over from before.
   *
   * @throws GatewayError `refresh_refused` (401) when the grant is over (`invalid_grant`): the session ends. Every other
   * error is the provider's trouble and costs no session.
   */
  refresh(session: Pick<Session, 'identity' | 'tokens'>): Promise<SignedIn>;
  /**
   * An access token for an API, for the person of the session; at most one request to the provider. For `exchange` and
   * `on-behalf-of` it is had with the session's access token: one that has ended is renewed before, by `refresh`. Only
   * the grant `refresh` changes the session's tokens.
   *
   * @throws GatewayError `refresh_refused` (401) when the grant is over; `token_refused` (403) when the provider gives no
   * such token to this person or client; `provider_unreachable` (502) and others for its trouble.
   */
  tokenFor?(session: Pick<Session, 'identity' | 'tokens'>, wanted: TokenRequest): Promise<DelegatedToken>;
  /** Revokes what can be revoked (RFC 7009); resolves where the provider has no such endpoint. */
  revoke(tokens: TokenSet): Promise<void>;
  /**
   * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6); absent where the provider has none.
   *
   * @throws GatewayError `logout_token_invalid` (400); `provider_unreachable` (502) when its metadata cannot be had.
   */
  verifyLogout?(logoutToken: string): Promise<LogoutNotice>;
  /** RP-initiated logout, where the provider offers it. */
  endSessionUrl(tokens: TokenSet, postLogoutRedirectUri: string): Promise<URL | undefined>;
}

/** A provider that asks for a password on the gateway's own page. */
export interface FormProvider extends ProviderBase {
  readonly kind: 'form';
  /** False when there is only a password to ask for. */
  readonly asksUsername: boolean;
  /** Sentences for the start-up summary: what deserves attention. */
  readonly notes?: readonly string[];
  /** @throws GatewayError `wrong_password` (401) or `too_many_attempts` (429). */
  authenticate(given: { username: string; password: string; clientAddress: string }): Promise<SignedIn>;
}

/** Everything the gateway wants of an identity provider. A plug-in is one object that satisfies this. */
export type IdentityProvider = RedirectProvider | FormProvider;
