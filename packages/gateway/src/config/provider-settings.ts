/** What every way to sign in has. */
export interface ProviderCommon {
  /** The key in the configuration. */
  readonly name: string;
  /** For people: "Sign in with …". */
  readonly title: string;
  /** Where the accounts live, for the start-up summary and `portico check`: an address or a file. */
  readonly place: string;
}

/** What every OAuth 2 client has, vendor or not. */
export interface ClientSettings extends ProviderCommon {
  readonly clientId: string;
  readonly clientSecret?: string;
  /** Private key for `private_key_jwt`, PEM or JWK as text. */
  readonly clientKey?: string;
  /** Space-separated. */
  readonly scope: string;
  /** Extra parameters for the authorization URL. */
  readonly extraParams: Readonly<Record<string, string>>;
  /** Claims that hold roles and groups; dotted paths are allowed. */
  readonly rolesClaim: string;
  readonly groupsClaim: string;
  /** Claim that names the user to apps; the subject when absent. */
  readonly userClaim?: string;
  /** Further claims that policy, apps and `roles` get to know; dotted paths are allowed. */
  readonly claims?: readonly string[];
  /** Redirect URI in place of our own; on one of the configured origins. */
  readonly redirectUri?: string;
  readonly prompt?: string;
  /** Seconds since the person last proved who they are, at most. */
  readonly maxAge?: number;
  /** Pushed authorization requests (RFC 9126). `auto`, when absent, does what the provider's metadata demands. */
  readonly par?: 'auto' | 'required' | 'never';
  /** Identifiers of APIs for which tokens are asked later (RFC 8707); only where the sign-in has to name them. */
  readonly resources?: readonly string[];
  /** Ask for a refresh token in the way of the vendor. */
  readonly refreshTokens?: boolean;
}

export interface OidcProviderSettings extends ClientSettings {
  readonly type: 'oidc';
  readonly issuer: string;
}

export interface EntraProviderSettings extends ClientSettings {
  readonly type: 'entra';
  /** Origin of the cloud's sign-in service: `https://login.microsoftonline.com`. */
  readonly authority: string;
  /** Id or domain of one tenant, or `organizations`, `common`, `consumers` together with `tenants`. */
  readonly tenant: string;
  /** Ids of the tenants whose people may enter; lower case. */
  readonly tenants?: readonly string[];
  readonly domainHint?: string;
  /** Fetch the groups from Microsoft Graph when a token has no room for them. */
  readonly groupsFromGraph: boolean;
}

export interface Auth0ProviderSettings extends ClientSettings {
  readonly type: 'auth0';
  /** Origin of the Auth0 tenant or its custom domain. */
  readonly domain: string;
  readonly audience?: string;
  /** Prefix of custom claims: `https://apps.example.com/`. */
  readonly namespace?: string;
}

export interface OktaProviderSettings extends ClientSettings {
  readonly type: 'okta';
  /** Origin of the Okta organization. */
  readonly domain: string;
  /** Id of a custom authorization server, such as `default`; the organization's own when absent. */
  readonly server?: string;
}

export interface GoogleProviderSettings extends ClientSettings {
  readonly type: 'google';
  readonly hostedDomain?: string;
}

export interface KeycloakProviderSettings extends ClientSettings {
  readonly type: 'keycloak';
  /** Base URL without a slash at the end: `https://sso.example.com`. */
  readonly url: string;
  readonly realm: string;
}

export interface GitlabProviderSettings extends ClientSettings {
  readonly type: 'gitlab';
  /** Base URL without a slash at the end: `https://gitlab.com`. */
  readonly url: string;
}

export interface GithubProviderSettings extends ClientSettings {
  readonly type: 'github';
  /** Base URL without a slash at the end: `https://github.com` or an Enterprise Server. */
  readonly url: string;
}

export interface BitbucketProviderSettings extends ClientSettings {
  readonly type: 'bitbucket';
}

export interface OAuth2ProviderSettings extends ClientSettings {
  readonly type: 'oauth2';
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly userUrl: string;
  readonly logoutUrl?: string;
  /** Field of the user's document that never changes and is never reused; `sub`, else `id`, when absent. */
  readonly userKey?: string;
}

export interface PasswordProviderSettings extends ProviderCommon {
  readonly type: 'password';
  /** One password for everybody, or its hash; exclusive with `usersFile`. */
  readonly password?: string;
  /** Absolute path of a JSON or htpasswd file. */
  readonly usersFile?: string;
}

/** A provider that somebody else wrote. */
export interface PluginProviderSettings extends ProviderCommon {
  readonly type: 'plugin';
  /** Absolute path of a module, or the name of a package. */
  readonly module: string;
  /** Folder from which a package is looked for; absolute. */
  readonly base: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A configured way to sign in, told apart by `type`. */
export type ProviderSettings =
  | OidcProviderSettings
  | EntraProviderSettings
  | Auth0ProviderSettings
  | OktaProviderSettings
  | GoogleProviderSettings
  | KeycloakProviderSettings
  | GitlabProviderSettings
  | GithubProviderSettings
  | BitbucketProviderSettings
  | OAuth2ProviderSettings
  | PasswordProviderSettings
  | PluginProviderSettings;

/** Those that speak OpenID Connect. */
export type OidcVendorSettings = Exclude<
  ProviderSettings,
  { readonly type: 'github' | 'bitbucket' | 'oauth2' | 'password' | 'plugin' }
>;

export type ProviderType = ProviderSettings['type'];
