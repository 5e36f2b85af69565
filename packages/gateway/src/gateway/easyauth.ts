import { DEV_PROVIDER } from '../config/dev-graph.ts';
import type { ProviderType, Settings } from '../config/settings.ts';
import type { EasyAuthParts } from '../gate/easyauth.ts';

/** EasyAuth's own names of identity providers, by the types of ours: they are in its addresses, headers and claims. */
const IDPS: Partial<Readonly<Record<ProviderType, string>>> = {
  entra: 'aad',
  google: 'google',
  github: 'github',
};

/** App Service's names for what is configured here. */
export function easyAuthOf(settings: Settings): Omit<EasyAuthParts, 'refresher'> {
  const idps = idpNames(settings);
  return {
    idpOf: (provider) => idps.get(provider) ?? provider,
    aliases: loginAliases(settings),
    tokensInMe: settings.tokensInMe === true,
  };
}

/** What EasyAuth calls a provider of ours: the vendor's fixed name, else the name in the configuration. */
function idpNames({ providers, dev }: Settings): ReadonlyMap<string, string> {
  const names = new Map(providers.map(({ name, type }) => [name, IDPS[type] ?? name]));
  // Development stands in for Entra, so that an app written for App Service finds what it looks for.
  return dev === undefined ? names : names.set(DEV_PROVIDER, 'aad');
}

/**
 * Names of ours for those in `/.auth/login/aad` and the like, where no provider has that very name. One that several
 * providers could be meant by is nobody's.
 */
function loginAliases({ providers, dev }: Settings): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  for (const [type, alias] of Object.entries(IDPS)) {
    if (providers.some(({ name }) => name === alias)) continue;
    const [meant, other] = providers.filter((provider) => provider.type === type);
    if (meant !== undefined && other === undefined) aliases.set(alias, meant.name);
    else if (meant === undefined && dev !== undefined) aliases.set(alias, DEV_PROVIDER);
  }
  return aliases;
}
