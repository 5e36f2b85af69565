import type { App, ClaimValue, RoleRule, TokenGrant, Upstream } from '../core/types.ts';
import type { Branding } from '../http/pages/brand.ts';
import type { BearerSettings, EmbedSettings } from './bearer-settings.ts';
import type { ProviderSettings } from './provider-settings.ts';

export type * from './bearer-settings.ts';
export type * from './provider-settings.ts';

/** An app with how it is reached: started by us, or already running. */
export interface AppSettings extends App {
  readonly type: AppType;
  /** argv of the app to start; exclusive with `upstream`. */
  readonly run?: readonly string[];
  /** Working directory for `run`; absolute. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly upstream?: Upstream;
  /** Absolute path of the module whose function has the last word on who may enter. */
  readonly authorize?: string;
  /** What an app that runs elsewhere proves itself with at `/.auth/token`; one that we start gets a derived one. */
  readonly credential?: string;
  /** Header profiles: other gateways' ways to tell an app who is there, beside our own. */
  readonly profiles?: readonly HeaderProfile[];
  /** Whether the profiles tell the app the provider's tokens, too. */
  readonly tokenHeaders?: boolean;
  /** Names of the issuers whose tokens its requests may carry; absent when it takes none. */
  readonly bearer?: readonly string[];
  /** Pages of other sites that may show it; absent when none may. */
  readonly embed?: EmbedSettings;
}

/** Gateways and platforms whose headers apps may be written for. */
export const HEADER_PROFILES = [
  'easyauth',
  'oauth2-proxy',
  'cloudflare-access',
  'google-iap',
  'shiny',
  'dash-enterprise',
] as const;
export type HeaderProfile = (typeof HEADER_PROFILES)[number];

/** An API that apps call with the user's token. */
export interface ApiSettings {
  readonly name: string;
  /** Base URL without a slash at the end; nothing outside of it can be called. */
  readonly url: string;
  /** Name of the provider whose people it is for. */
  readonly provider: string;
  readonly scopes: readonly string[];
  /** The API's identifier at the provider, where it wants one (RFC 8707; Auth0's audience). */
  readonly resource?: string;
  readonly grant: TokenGrant;
  /** Names of the apps that may use it. */
  readonly apps: readonly string[];
}

/** The frameworks, and `command` for anything else. */
export const APP_TYPES = [
  'streamlit',
  'dash',
  'panel',
  'bokeh',
  'gradio',
  'shiny',
  'jupyter',
  'voila',
  'marimo',
  'command',
] as const;
export type AppType = (typeof APP_TYPES)[number];

/** Somebody to sign in as at the development provider. */
export interface Persona {
  /** The subject. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly description?: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** What a company's provider might tell besides, such as a department. */
  readonly claims?: Readonly<Record<string, ClaimValue>>;
}

/** The development identity provider. */
export interface DevSettings {
  readonly personas: readonly Persona[];
  /** Life of its access and ID tokens, in milliseconds. */
  readonly tokenLifetime: number;
}

/** The whole configuration, validated, defaults filled in, as plain values. */
export interface Settings {
  /** Origin only, no trailing slash: `https://apps.example.com`. */
  readonly publicUrl: string;
  readonly address: string;
  readonly port: number;
  /** PEM contents, when the gateway itself terminates TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** First is used for sealing, all open: that is how a secret rotates. */
  readonly secrets: readonly string[];
  readonly store: { readonly kind: 'memory' } | { readonly kind: 'sqlite'; readonly path: string };
  readonly session: {
    /** Absolute and idle life in milliseconds. */
    readonly absolute: number;
    readonly idle: number;
    /** Renew tokens ahead of their end, where the provider gave a refresh token. */
    readonly refresh: boolean;
  };
  readonly providers: readonly ProviderSettings[];
  readonly dev?: DevSettings;
  /** Issuers whose bearer tokens apps may take. */
  readonly bearer?: readonly BearerSettings[];
  readonly apps: readonly AppSettings[];
  readonly apis: readonly ApiSettings[];
  /** Whether `/.auth/me` tells browsers the provider's tokens, as App Service does. */
  readonly tokensInMe?: boolean;
  /** Roles that people have beside those of their provider. */
  readonly roles?: readonly RoleRule[];
  /** The operator's own look of the pages. */
  readonly branding?: Branding;
  /** CIDRs of peers whose X-Forwarded-For is believed; default none. */
  readonly trustedProxies: readonly string[];
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly format: 'pretty' | 'json' };
  /** Where the generated secret and the default database live; absolute. */
  readonly stateDir: string;
  /** Seconds to let requests and sockets end after SIGTERM. */
  readonly drainSeconds: number;
}
