import type { JsonWebKey } from 'node:crypto';

/** Algorithms by which whoever checks a signature cannot make one (RFC 7518, RFC 8037, RFC 9864). */
export const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** Those with one secret for both sides. */
export const SYMMETRIC = ['HS256', 'HS384', 'HS512'] as const;

export type BearerAlgorithm = (typeof ASYMMETRIC)[number] | (typeof SYMMETRIC)[number];

/** By what a token is judged. */
export type BearerSource =
  /** Keys of the issuer, where its metadata say. */
  | { readonly kind: 'discovery' }
  | { readonly kind: 'jwks'; readonly url: string }
  /** Public keys that are here. */
  | { readonly kind: 'keys'; readonly keys: readonly JsonWebKey[] }
  | { readonly kind: 'secret'; readonly secret: Uint8Array }
  /** The issuer itself is asked (RFC 7662). */
  | {
      readonly kind: 'introspection';
      readonly url: string;
      readonly clientId: string;
      readonly clientSecret: string;
    };

/** Whose bearer tokens are believed, and which of them. */
export interface BearerSettings {
  /** The key in the configuration; no provider has it. */
  readonly name: string;
  /** Exactly as in the tokens' `iss`. */
  readonly issuer: string;
  readonly source: BearerSource;
  /** Names for these apps at the issuer, as in the tokens' `aud`; one of them has to be there. */
  readonly audience: readonly string[];
  /** Empty for introspection, where no signature is looked at. */
  readonly algorithms: readonly BearerAlgorithm[];
  /** All of them are required. */
  readonly scopes: readonly string[];
  /** See `ClientSettings`. */
  readonly rolesClaim: string;
  readonly groupsClaim: string;
  readonly userClaim?: string;
  readonly claims?: readonly string[];
}

/** How other pages may show an app. */
export interface EmbedSettings {
  /** Origins of the pages, as browsers write them. */
  readonly origins: readonly string[];
  /** Whether those pages may render the app inside of their own document, without an iframe. */
  readonly inline: boolean;
  /** Whether the app's pages get the script that talks to the page around them. */
  readonly script: boolean;
}
