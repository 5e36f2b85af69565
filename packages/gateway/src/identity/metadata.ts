import type * as Client from 'openid-client';
import { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/types.ts';
import { oidcError } from './oidc-errors.ts';
import { type FetchVia, isSecure, REQUEST_TIMEOUT_S, safeFetch } from './safe-fetch.ts';

export type { FetchVia } from './safe-fetch.ts';

export interface MetadataSettings {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
}

const DISCOVERY_TIMEOUT_S = 5;
const FRESH_MS = 60 * 60_000;
/** With usable old metadata at hand, a provider that is down is not asked at each sign-in. */
const RETRY_STALE_MS = 60_000;

export interface Discovered {
  readonly client: typeof Client;
  readonly config: Client.Configuration;
  readonly metadata: Client.ServerMetadata;
}

/**
 * A provider's metadata, fetched on first use and kept for an hour. A failure is never kept: the next sign-in tries
 * again. When a refresh fails, the old metadata stays in use.
 */
export class MetadataSource {
  readonly #settings: MetadataSettings;
  readonly #clock: Clock;
  readonly #fetch: Client.CustomFetch;
  #current: Discovered | undefined;
  #staleAt = 0;
  #pending: Promise<Discovered> | undefined;

  constructor(settings: MetadataSettings, clock: Clock, fetchVia?: FetchVia) {
    const issuer = URL.parse(settings.issuer);
    if (issuer === null || !isSecure(issuer)) {
      throw new GatewayError(
        'issuer_insecure',
        500,
        `the issuer of provider "${settings.name}" must be an https URL (http only on loopback)`,
      );
    }
    this.#settings = settings;
    this.#clock = clock;
    const fetch = safeFetch(fetchVia);
    this.#fetch = (url, options) => fetch(url, options as RequestInit);
  }

  /** @throws GatewayError `provider_unreachable` or `issuer_mismatch`, both 502. */
  async get(): Promise<Discovered> {
    if (this.#current !== undefined && this.#clock() < this.#staleAt) return this.#current;
    this.#pending ??= this.#refresh().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #refresh(): Promise<Discovered> {
    try {
      this.#current = await this.#discover();
      this.#staleAt = this.#clock() + FRESH_MS;
    } catch (error) {
      if (this.#current === undefined) throw oidcError(this.#settings.name, 'discovery', error);
      this.#staleAt = this.#clock() + RETRY_STALE_MS;
    }
    return this.#current;
  }

  async #discover(): Promise<Discovered> {
    const client = await import('openid-client');
    const { name, issuer, clientId, clientSecret } = this.#settings;
    const insecure = new URL(issuer).protocol === 'http:';
    const found = await client.discovery(new URL(issuer), clientId, undefined, undefined, {
      timeout: DISCOVERY_TIMEOUT_S,
      [client.customFetch]: this.#fetch,
      execute: insecure ? [client.allowInsecureRequests] : [],
    });
    const metadata: Client.ServerMetadata = { ...found.serverMetadata() };
    if (metadata.issuer !== issuer) {
      throw new GatewayError(
        'issuer_mismatch',
        502,
        `provider "${name}" calls itself ${metadata.issuer}, the configuration says ${issuer}`,
        {
          publicMessage: 'The sign-in service is not the one that this site expects.',
          publicHint:
            'Ask whoever runs this site to compare the issuer in its configuration with the provider’s.',
        },
      );
    }
    // The browser is sent to these two, past the client's own checks of what it fetches itself.
    for (const endpoint of [metadata.authorization_endpoint, metadata.end_session_endpoint]) {
      const url = endpoint === undefined ? undefined : URL.parse(endpoint);
      if (url === null || (url !== undefined && !isSecure(url)))
        throw new TypeError('the metadata names an endpoint that is not https');
    }
    const config = new client.Configuration(
      metadata,
      clientId,
      undefined,
      clientAuth(client, metadata, clientSecret),
    );
    config.timeout = REQUEST_TIMEOUT_S;
    config[client.customFetch] = this.#fetch;
    if (insecure) client.allowInsecureRequests(config);
    // Verify the ID token's signature too, though it comes over TLS from the token endpoint (security fact 5).
    client.enableNonRepudiationChecks(config);
    return { client, config, metadata };
  }
}

/** OpenID Connect Discovery section 3: without a list, `client_secret_basic` is what every provider takes. */
function clientAuth(
  client: typeof Client,
  metadata: Client.ServerMetadata,
  secret: string | undefined,
): Client.ClientAuth {
  if (secret === undefined) return client.None();
  const methods = metadata.token_endpoint_auth_methods_supported;
  return methods === undefined ||
    methods.includes('client_secret_basic') ||
    !methods.includes('client_secret_post')
    ? client.ClientSecretBasic(secret)
    : client.ClientSecretPost(secret);
}
