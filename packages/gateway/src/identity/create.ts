import type { ProviderSettings } from '../config/provider-settings.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock, RandomBytes } from '../core/types.ts';
import type { FetchVia } from './metadata.ts';
import type { IdentityProvider } from './provider.ts';

/** What a provider needs besides its settings. */
export interface ProviderTools {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Where a URL of the provider is really fetched. */
  readonly fetchVia?: FetchVia;
}

/**
 * The provider that settings describe; the one place that knows every type. Each type's module is loaded when it is
 * configured.
 *
 * @throws GatewayError `issuer_insecure` and what a plug-in's loading brings, status 500
 */
export async function createProvider(
  settings: ProviderSettings,
  tools: ProviderTools,
): Promise<IdentityProvider> {
  switch (settings.type) {
    case 'oidc': {
      const { OidcProvider } = await import('./oidc.ts');
      return new OidcProvider(settings, tools.clock, tools.fetchVia);
    }
    default:
      throw new GatewayError('provider_not_built', 500, `type ${settings.type} is not built yet`);
  }
}
