import type { ProviderSettings, Settings } from '../config/settings.ts';
import type { DevProvider } from '../devidp/server.ts';
import { redirectUriFor } from '../login/context.ts';
import type { SessionStore } from '../session/store.ts';
import type { Log } from '../telemetry/log.ts';
import { ownSecret } from './own-secret.ts';

const NAME = 'dev';
const CLIENT_ID = 'portico';

/** The gateway as a client of its own development provider. */
export function devClient(settings: Settings): ProviderSettings {
  const issuer = `${settings.publicUrl}/.auth/dev`;
  return {
    name: NAME,
    type: 'oidc',
    title: 'Development sign-in',
    place: issuer,
    issuer,
    clientId: CLIENT_ID,
    clientSecret: clientSecretOf(settings),
    scope: 'openid profile email roles groups offline_access',
    extraParams: {},
    rolesClaim: 'roles',
    groupsClaim: 'groups',
  };
}

/**
 * Starts the development provider.
 *
 * @param origins - where the gateway is seen, each with a redirect URI of its own
 * @throws GatewayError `dev_not_loopback` (500)
 */
export async function startDev(
  settings: Settings,
  origins: readonly string[],
  store: SessionStore,
  log: Log,
): Promise<DevProvider> {
  const { startDevProvider } = await import('../devidp/server.ts');
  return startDevProvider({
    publicUrl: settings.publicUrl,
    address: settings.address,
    clients: [
      {
        clientId: CLIENT_ID,
        clientSecret: clientSecretOf(settings),
        redirectUris: origins.map((origin) => redirectUriFor(origin, NAME)),
        postLogoutRedirectUris: origins.map((origin) => `${origin}/.auth/signed-out`),
      },
    ],
    personas: settings.dev?.personas ?? [],
    secret: ownSecret(settings, 'dev-provider'),
    store,
    onError: (error) => log.error({ err: error }, 'the development provider failed'),
  });
}

function clientSecretOf(settings: Settings): string {
  return ownSecret(settings, 'dev-client');
}
