import { DEV_PROVIDER, GRAPH_SCOPES } from '../config/dev-graph.ts';
import { claimNamesOf } from '../config/personas.ts';
import type { ApiSettings, ProviderSettings, Settings } from '../config/settings.ts';
import type { DevProvider } from '../devidp/server.ts';
import { redirectUriFor } from '../login/context.ts';
import type { SessionStore } from '../session/store.ts';
import type { Log } from '../telemetry/log.ts';
import { ownSecret } from './own-secret.ts';

const CLIENT_ID = 'portico';
const SIGN_IN_SCOPES = ['openid', 'profile', 'email', 'roles', 'groups', 'offline_access'];

/** The gateway as a client of its own development provider. */
export function devClient(settings: Settings): ProviderSettings {
  const issuer = `${settings.publicUrl}/.auth/dev`;
  return {
    name: DEV_PROVIDER,
    type: 'oidc',
    title: 'Development sign-in',
    place: issuer,
    issuer,
    clientId: CLIENT_ID,
    clientSecret: clientSecretOf(settings),
    scope: [
      ...new Set([...SIGN_IN_SCOPES, ...GRAPH_SCOPES, ...ownApis(settings).flatMap(({ scopes }) => scopes)]),
    ].join(' '),
    extraParams: {},
    rolesClaim: 'roles',
    groupsClaim: 'groups',
    claims: claimNamesOf(settings.dev?.personas ?? []),
  };
}

/**
 * Starts the development provider.
 *
 * @param origins - where the gateway is seen, each with a redirect URI of its own
 * @param onTokensEnded - told of a person whose tokens a developer has ended
 * @throws GatewayError `dev_not_loopback` (500)
 */
export async function startDev(
  settings: Settings,
  origins: readonly string[],
  store: SessionStore,
  log: Log,
  onTokensEnded: (subject: string) => void,
): Promise<DevProvider> {
  const { personas = [], tokenLifetime = 0 } = settings.dev ?? {};
  const { startDevProvider } = await import('../devidp/server.ts');
  return startDevProvider({
    publicUrl: settings.publicUrl,
    address: settings.address,
    clients: [
      {
        clientId: CLIENT_ID,
        clientSecret: clientSecretOf(settings),
        redirectUris: origins.map((origin) => redirectUriFor(origin, DEV_PROVIDER)),
        postLogoutRedirectUris: origins.map((origin) => `${origin}/.auth/signed-out`),
      },
    ],
    personas,
    tokenLifetime,
    resources: ownApis(settings).map((api) => ({ identifier: api.resource ?? api.url, scopes: api.scopes })),
    secret: ownSecret(settings, 'dev-provider'),
    store,
    onTokensEnded,
    onError: (error) => log.error({ err: error }, 'the development provider failed'),
  });
}

/** The declared APIs that the development provider makes access tokens for; others take the one of the sign-in. */
function ownApis({ apis }: Settings): readonly ApiSettings[] {
  return apis.filter(({ provider, grant }) => provider === DEV_PROVIDER && grant !== 'session');
}

function clientSecretOf(settings: Settings): string {
  return ownSecret(settings, 'dev-client');
}
