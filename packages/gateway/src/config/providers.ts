import type { z } from 'zod';
import { isObject } from '../core/object.ts';
import { originsOf } from '../core/origin.ts';
import type { App } from '../core/types.ts';
import type { Context } from './context.ts';
import { settingsOf } from './provider-read.ts';
import { PROVIDER_SCHEMAS } from './provider-schema.ts';
import type { ProviderSettings, ProviderType } from './provider-settings.ts';
import { ALIASES, isModulePath } from './provider-types.ts';
import { type Path, readShape } from './shape.ts';
import { nearest } from './suggest.ts';

/** What people write for a type, other names included. */
const TYPES: ReadonlyMap<string, ProviderType> = new Map([
  ...(Object.keys(PROVIDER_SCHEMAS) as ProviderType[])
    .filter((type) => type !== 'plugin')
    .map((type) => [type, type] as const),
  ...ALIASES,
]);

/** Types of other gateways, so that nobody hunts for a typing error. */
const UNKNOWN_TYPES = new Set(['saml', 'ldap', 'cognito', 'oauth']);

/** All sound identity providers. */
export function readProviders(context: Context): ProviderSettings[] {
  const { problems } = context;
  const raw = context.raw['providers'];
  if (raw === undefined) return [];
  if (!isObject(raw)) {
    problems.add(
      ['providers'],
      'should be a set of providers by name',
      'Write providers: and below it company:',
    );
    return [];
  }
  return Object.entries(raw).flatMap(([name, value]) => {
    const before = problems.count;
    const path: Path = ['providers', name];
    if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name))
      problems.add(
        path,
        'is not a name for a provider',
        'Use up to 32 lower-case letters, digits and hyphens.',
      );
    if (name === 'dev' || name === 'callback')
      problems.add(path, `${name} is a name of the gateway’s own`, 'Choose another name.');
    const provider = readProvider(context, name, value, path);
    return provider === undefined || problems.count > before ? [] : [provider];
  });
}

function readProvider(
  context: Context,
  name: string,
  value: unknown,
  path: Path,
): ProviderSettings | undefined {
  const { problems } = context;
  for (const key of ['client_secret', 'client_key', 'password']) {
    const plain = isObject(value) ? value[key] : undefined;
    if (typeof plain === 'string') problems.hide(plain);
  }
  const type = typeOf(context, isObject(value) ? value['type'] : undefined, [...path, 'type']);
  if (type === undefined) return undefined;
  const schema: z.ZodObject = PROVIDER_SCHEMAS[type];
  const read = readShape(schema, value, path, problems);
  return settingsOf(type, { context, name, path, read });
}

/**
 * Redirect URIs of one's own: each on an address that browsers know the gateway by, where the sign-in's cookie is, and
 * each of one provider, since a callback must be unmistakable.
 */
export function checkRedirectUris(
  { problems }: Pick<Context, 'problems'>,
  providers: readonly ProviderSettings[],
  publicUrl: string,
  apps: readonly Pick<App, 'host'>[],
): void {
  const origins = originsOf(apps, publicUrl);
  const taken = new Map<string, string>();
  for (const provider of providers) {
    const uri = 'redirectUri' in provider ? provider.redirectUri : undefined;
    if (uri === undefined) continue;
    const path: Path = ['providers', provider.name, 'redirect_uri'];
    const { origin, pathname } = new URL(uri);
    if (!origins.includes(origin))
      problems.add(path, 'is not on an address of this gateway', `Use one on ${origins.join(' or ')}.`);
    // The callback of a name that no provider has is free: App Service's `aad` may be registered already.
    const named = CALLBACK.exec(pathname)?.[1];
    const isFree = named === provider.name || !providers.some(({ name }) => name === named);
    if (pathname.startsWith('/.auth/') && (named === undefined || !isFree))
      problems.add(path, 'is one of the gateway’s own pages', 'Leave it out, or use a path outside /.auth.');
    const other = taken.get(uri);
    if (other !== undefined)
      problems.add(path, `is that of provider ${other} too`, 'Give each a redirect URI of its own.');
    taken.set(uri, provider.name);
  }
}

const CALLBACK = /^\/\.auth\/login\/([A-Za-z0-9_-]{1,64})\/callback$/;

/** @param given - a type, another name of it, a file, or a package */
function typeOf(context: Context, given: unknown, path: Path): ProviderType | undefined {
  // Of what is no text at all the schema tells more.
  if (typeof given !== 'string') return 'oidc';
  const known = TYPES.get(given);
  if (known !== undefined) return known;
  if (isModulePath(given)) return 'plugin';
  if (given === 'pam') {
    context.problems.add(
      path,
      'pam is not offered: checking a system’s passwords takes the rights of root, and a gateway must not have them',
      'Use password with a file of users (htpasswd works), or an identity provider that knows your accounts.',
    );
    return undefined;
  }
  const guess = nearest(given, TYPES.keys());
  if (guess === undefined && !UNKNOWN_TYPES.has(given) && /^(?:@[\w.-]+\/)?[a-z0-9][\w.-]*$/.test(given))
    return 'plugin';
  context.problems.add(
    path,
    `${given} is not a type of provider`,
    guess === undefined ? `Use one of ${[...TYPES.keys()].join(', ')}.` : `Did you mean ${guess}?`,
  );
  return undefined;
}

/** Names that a provider gives to one account only, for ever or as long as it is verified. */
const UNIQUE_CLAIMS = new Set(['sub', 'oid', 'email']);

/** What somebody should know who tells apps another name than the subject. */
export function userClaimNotes(providers: readonly ProviderSettings[]): string[] {
  return providers.flatMap((provider) => {
    const claim = 'userClaim' in provider ? provider.userClaim : undefined;
    if (claim === undefined || UNIQUE_CLAIMS.has(claim)) return [];
    return [
      `${provider.name}: apps are told ${claim} as the user. If people can choose or change it, an app may take one for another; Portico itself goes by issuer and subject.`,
    ];
  });
}
