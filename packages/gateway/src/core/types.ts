/** Milliseconds since the epoch. Handed to pure functions so that tests own time. */
export type Clock = () => number;

/** Cryptographically strong random bytes. Handed in so that tests own randomness. */
export type RandomBytes = (size: number) => Uint8Array;

/**
 * Who somebody is, as the identity provider vouched for it. Keyed on `issuer` + `subject`, never on
 * e-mail (CVE-2023-3128); `email` is present only when the provider says that it is verified.
 */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** Name of the provider in the configuration, e.g. `entra`. */
  readonly provider: string;
  readonly email?: string;
  readonly name?: string;
  /** What apps call this person, by the provider's `user_claim`; the subject when absent. Nobody is told apart by it. */
  readonly user?: string;
  readonly roles: readonly string[];
  /** Those of `roles` that the provider does not know of: the configuration's `roles` added them. */
  readonly addedRoles?: readonly string[];
  readonly groups: readonly string[];
  /** Further claims, those that the provider's `claims` setting names. */
  readonly claims?: Readonly<Record<string, ClaimValue>>;
}

/** What a claim may hold to be passed on. */
export type ClaimValue = string | number | boolean | readonly string[];

/** An access token for one API, obtained for the person of a session. */
export interface ApiToken {
  readonly accessToken: string;
  /** Milliseconds since the epoch; absent when the provider does not say. */
  readonly expiresAt?: number;
  /** Milliseconds since the epoch; written down by the gateway when it keeps the token. */
  readonly obtainedAt?: number;
  /** Space-separated, as granted. */
  readonly scope?: string;
}

/** How an access token for an API is had of a provider. */
export type TokenGrant =
  /** The one of the sign-in. */
  | 'session'
  /** The refresh token, for another scope or resource (RFC 6749 section 6, RFC 8707). */
  | 'refresh'
  /** Entra's on-behalf-of (RFC 7523 with `requested_token_use`). */
  | 'on-behalf-of'
  /** RFC 8693. */
  | 'exchange';

/** Tokens of one session. They live on the server, sealed, and never reach a browser or an app's headers. */
export interface TokenSet {
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly idToken?: string;
  /** When the access token ends, milliseconds since the epoch. */
  readonly accessTokenExpiresAt?: number;
  readonly scope?: string;
}

/** What is stored, sealed, for one signed-in browser. All times in milliseconds since the epoch. */
export interface Session {
  /** Opaque handle for logs, assertions and the command line. Knowing it opens nothing: it is not the cookie. */
  readonly sid: string;
  readonly identity: Identity;
  readonly tokens: TokenSet;
  /** Access tokens for declared APIs, by what they are for (API, resource and scopes). */
  readonly apiTokens?: Readonly<Record<string, ApiToken>>;
  /** When the tokens were last renewed; absent while they are those of the sign-in. */
  readonly renewedAt?: number;
  /** The provider's name for its own session (`sid` of the ID token), by which its back-channel logout ends this one. */
  readonly providerSid?: string;
  /** For a session inside another site's page: what it is good for. */
  readonly embed?: Embedded;
  readonly createdAt: number;
  /** Absolute end. */
  readonly expiresAt: number;
  /** Last request or message from the browser; the idle end is counted from here. */
  readonly lastSeenAt: number;
}

/** Where a session inside another site's page belongs: it is good for one app, in pages of one origin. */
export interface Embedded {
  /** Name of the app. */
  readonly app: string;
  /** Origin of the page around the app, as browsers write it. */
  readonly origin: string;
  /** Name of the issuer in `bearer` whose token began it, and whose tokens renew it. */
  readonly bearer: string;
}

/**
 * What a provider says is over (OpenID Connect Back-Channel Logout 1.0 section 2.4): one of its sessions, or, without
 * `sid`, everything of one person.
 */
export interface ProviderLogout {
  readonly issuer: string;
  readonly subject?: string | undefined;
  readonly sid?: string | undefined;
}

/** Why a session ended; audit lines and WebSocket close reasons use these words. */
export type SessionEnd =
  | 'sign-out'
  | 'expired'
  | 'idle'
  | 'revoked'
  | 'replaced'
  | 'refresh-refused'
  | 'back-channel-logout';

/** One entry of an `allow` list, parsed. */
export type AllowEntry =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'role'; readonly value: string }
  | { readonly kind: 'group'; readonly value: string }
  | { readonly kind: 'email'; readonly value: string }
  | { readonly kind: 'domain'; readonly value: string }
  | { readonly kind: 'claim'; readonly name: string; readonly value: string };

/** A role that the configuration gives, and to whom. */
export interface RoleRule {
  readonly role: string;
  readonly holders: readonly AllowEntry[];
}

/** A rule of one app for some of its paths; the first rule whose pattern matches decides, else the app's `allow`. */
export interface Rule {
  /** Path below the app, e.g. `/admin/**`. */
  readonly path: string;
  readonly access:
    | { readonly public: true }
    | { readonly public: false; readonly allow: readonly AllowEntry[] };
}

/** Where an app answers. Always `http:`; the gateway speaks HTTP/1.1 to apps. */
export interface Upstream {
  readonly hostname: string;
  readonly port: number;
}

/** How an app does that the gateway started; one that runs elsewhere is always `ready`. */
export type AppState = 'starting' | 'ready' | 'crashed' | 'stopped';

/** One app behind the gateway. */
export interface App {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  /** Normalised path prefix: `/` or `/sales` (no trailing slash). */
  readonly at: string;
  /** Lower-case host without port; absent for an app on the host of `public_url`. */
  readonly host?: string;
  readonly allow: readonly AllowEntry[];
  readonly rules: readonly Rule[];
  /** Whoever is not signed in may enter as nobody, where no rule says otherwise. */
  readonly guests?: boolean;
}

/** Why a request may go on, must sign in, or may not. The reason is one sentence for log and 403 page. */
export type Decision =
  | { readonly kind: 'allow'; readonly reason: string }
  | { readonly kind: 'login'; readonly reason: string }
  | { readonly kind: 'deny'; readonly reason: string };

/** What a sign-in brings home. */
export interface SignedIn {
  readonly identity: Identity;
  readonly tokens: TokenSet;
  /** See `Session.providerSid`. */
  readonly providerSid?: string;
}
