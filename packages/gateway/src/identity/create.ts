import type {
  BitbucketProviderSettings,
  GithubProviderSettings,
  OAuth2ProviderSettings,
  ProviderSettings,
} from '../config/provider-settings.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Clock, RandomBytes } from '../core/types.ts';
import type { FetchVia } from './metadata.ts';
import type { OAuthQuirk } from './oauth-quirk.ts';
import type { IdentityProvider } from './provider.ts';

/** What a provider needs besides its settings. */
interface ProviderTools {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Where a URL of the provider is really fetched. */
  readonly fetchVia?: FetchVia;
  /** Told of trouble that stops nobody yet, such as a file of users that was changed and cannot be read. */
  readonly onProblem?: (error: GatewayError) => void;
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
    case 'oidc':
    case 'entra':
    case 'auth0':
    case 'okta':
    case 'google':
    case 'keycloak':
    case 'gitlab': {
      const { OidcProvider } = await import('./oidc.ts');
      const { oidcVendor } = await import('./quirks/oidc.ts');
      const { issuer, quirk } = await oidcVendor(settings);
      return new OidcProvider({ ...settings, issuer }, tools.clock, tools.fetchVia, quirk);
    }
    case 'github':
    case 'bitbucket':
    case 'oauth2': {
      const { OAuthProvider } = await import('./oauth.ts');
      return new OAuthProvider(settings, await oauthQuirk(settings), tools.clock, tools.fetchVia);
    }
    case 'plugin': {
      const { loadPlugin } = await import('./plugin.ts');
      return loadPlugin(settings, tools);
    }
    case 'password': {
      const { PasswordProvider } = await import('./password/password.ts');
      return PasswordProvider.open(settings, tools);
    }
  }
}

async function oauthQuirk(
  settings: GithubProviderSettings | BitbucketProviderSettings | OAuth2ProviderSettings,
): Promise<OAuthQuirk> {
  switch (settings.type) {
    case 'github':
      return (await import('./quirks/github.ts')).github(settings);
    case 'bitbucket':
      return (await import('./quirks/bitbucket.ts')).bitbucket();
    case 'oauth2':
      return (await import('./quirks/oauth2.ts')).oauth2(settings);
  }
}
