import type * as Client from 'openid-client';
import { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/types.ts';
import { type ClientCredentials, clientAuth } from './client-auth.ts';
import { oidcError } from './errors/provider-error.ts';
import type { OidcQuirk } from './oidc-quirk.ts';
import { type FetchVia, isSecure, REQUEST_TIMEOUT_S, safeFetch } from './safe-fetch.ts';

export type { FetchVia } from './safe-fetch.ts';

interface MetadataSettings extends ClientCredentials {
  readonly issuer: string;
  readonly clientId: string;
}

type MetadataQuirk = Pick<OidcQuirk, 'acceptsIssuer' | 'assertionAudience'>;

const DISCOVERY_TIMEOUT_S = 5;
const FRESH_MS = 60 * 60_000;
/** With usable old metadata at hand, a provider that is down is not asked at each sign-in. */
const RETRY_STALE_MS = 60_000;

/** The library, with a provider’s metadata as it was checked. */
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
  readonly #quirk: MetadataQuirk;
  #current: Discovered | undefined;
  #staleAt = 0;
  #pending: Promise<Discovered> | undefined;

  constructor(settings: MetadataSettings, clock: Clock, fetchVia?: FetchVia, quirk: MetadataQuirk = {}) {
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
    this.#quirk = quirk;
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
    const { name, issuer, clientId } = this.#settings;
    const insecure = new URL(issuer).protocol === 'http:';
    const auth = clientAuth(client, this.#settings, this.#quirk.assertionAudience);
    // This very configuration stays in use: with an issuer that leaves the tenant open, only it knows to fill one in.
    const config = await client.discovery(new URL(issuer), clientId, undefined, auth, {
      timeout: DISCOVERY_TIMEOUT_S,
      [client.customFetch]: this.#fetch,
      execute: insecure ? [client.allowInsecureRequests] : [],
    });
    const metadata: Client.ServerMetadata = { ...config.serverMetadata() };
    if (!(this.#quirk.acceptsIssuer?.(metadata.issuer) ?? metadata.issuer === issuer)) {
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
    config.timeout = REQUEST_TIMEOUT_S;
    // Verify the ID token's signature too, though it comes over TLS from the token endpoint (security fact 5).
    client.enableNonRepudiationChecks(config);
    return { client, config, metadata };
  }
}
