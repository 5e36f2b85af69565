import type { SignedIn, TokenSet } from '../core/types.ts';

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

/** Everything the gateway wants of an identity provider. A plug-in is one object that satisfies this. */
export interface IdentityProvider {
  /** The key in the configuration. */
  readonly name: string;
  /** For people: "Sign in with …". */
  readonly title: string;
  /** @throws GatewayError `provider_unreachable` (502) when its metadata cannot be had. */
  authorizationUrl(transaction: LoginTransaction): Promise<URL>;
  /** @throws GatewayError `sign_in_refused` and others, status 400, 403 or 502, with a public message. */
  redeem(callback: ValidatedCallback): Promise<SignedIn>;
  /** RP-initiated logout, where the provider offers it. */
  endSessionUrl(tokens: TokenSet, postLogoutRedirectUri: string): Promise<URL | undefined>;
}
