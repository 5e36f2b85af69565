import { resolve } from 'node:path';
import { titleOf } from './apps.ts';
import { type Context, readFileAt } from './context.ts';
import { readClient } from './provider-client.ts';
import type { PROVIDER_SCHEMAS } from './provider-schema.ts';
import type { PasswordProviderSettings, ProviderSettings, ProviderType } from './provider-settings.ts';
import { isModulePath } from './provider-types.ts';
import type { Path, Read } from './shape.ts';

type Schemas = typeof PROVIDER_SCHEMAS;
type ReadOf<T extends ProviderType> = Read<Schemas[T]['shape']>;

/** A provider as far as it could be read. */
export interface Asked<T extends ProviderType = ProviderType> {
  readonly context: Context;
  readonly name: string;
  readonly path: Path;
  readonly read: ReadOf<T>;
}

/** Tenants that stand for many (see the page of Entra ID); they need a list of those that are meant. */
const MANY_TENANTS = new Set(['organizations', 'common', 'consumers']);
const MICROSOFT = 'https://login.microsoftonline.com';

type Readers = { readonly [T in ProviderType]: (asked: Asked<T>) => ProviderSettings | undefined };

/** One reader a type; `undefined` where a key is missing, which is a problem already reported. */
const READERS: Readers = {
  oidc: (asked) => {
    const { issuer } = asked.read;
    const client = readClient(asked, { scope: 'openid profile email', offline: 'offline_access' });
    if (client === undefined || issuer === undefined) return undefined;
    return { ...client, type: 'oidc', place: issuer, issuer };
  },
  entra: (asked) => {
    const { read, context, path } = asked;
    const authority = read.url ?? MICROSOFT;
    const tenant = read.tenant?.toLowerCase() ?? (read.tenants === undefined ? undefined : 'organizations');
    const many = tenant !== undefined && MANY_TENANTS.has(tenant);
    if (tenant === undefined)
      context.problems.add([...path, 'tenant'], 'is missing', 'Write the Directory (tenant) ID.');
    else if (many && read.tenants === undefined)
      context.problems.add(
        [...path, 'tenants'],
        `is missing: with ${tenant} anybody’s directory could vouch for anybody`,
        'List the IDs of the tenants whose people may sign in.',
      );
    if (!many && read.tenants !== undefined)
      context.problems.add(
        [...path, 'tenant'],
        'names one tenant, and tenants lists several',
        'Leave out tenant.',
      );
    if (many && authority !== MICROSOFT)
      context.problems.add([...path, 'tenants'], 'cannot be several in this cloud', 'Name one tenant.');
    const client = readClient(asked, { scope: 'openid profile email User.Read', offline: 'offline_access' });
    if (client === undefined || tenant === undefined) return undefined;
    return {
      ...client,
      type: 'entra',
      place: `${authority}/${tenant}`,
      authority,
      tenant,
      ...(read.tenants === undefined ? {} : { tenants: read.tenants }),
      ...(read.domain_hint === undefined ? {} : { domainHint: read.domain_hint }),
      groupsFromGraph: read.groups_from_graph ?? true,
    };
  },
  auth0: (asked) => {
    const { domain, audience, namespace } = asked.read;
    const client = readClient(asked, { scope: 'openid profile email', offline: 'offline_access' });
    if (client === undefined || domain === undefined) return undefined;
    const extra = {
      ...(audience === undefined ? {} : { audience }),
      ...(namespace === undefined ? {} : { namespace }),
    };
    return { ...client, type: 'auth0', place: domain, domain, ...extra };
  },
  okta: (asked) => {
    const { domain, server } = asked.read;
    if (domain !== undefined && /-admin\.okta/.test(domain))
      asked.context.problems.add(
        [...asked.path, 'domain'],
        'is the address for administrators',
        'Leave out -admin.',
      );
    // A custom server refuses a scope that it does not have, and `groups` is only the organization's own.
    const scope = server === undefined ? 'openid profile email groups' : 'openid profile email';
    const client = readClient(asked, { scope, offline: 'offline_access' });
    if (client === undefined || domain === undefined) return undefined;
    return { ...client, type: 'okta', place: domain, domain, ...(server === undefined ? {} : { server }) };
  },
  google: (asked) => {
    const hostedDomain = asked.read.hosted_domain?.toLowerCase();
    const client = readClient(asked, { scope: 'openid profile email' });
    const place = 'https://accounts.google.com';
    return (
      client && { ...client, type: 'google', place, ...(hostedDomain === undefined ? {} : { hostedDomain }) }
    );
  },
  keycloak: (asked) => {
    const { url, realm } = asked.read;
    // Refresh tokens come anyhow; `offline_access` would make ones that outlive the person's session there.
    const client = readClient(asked, { scope: 'openid profile email' });
    if (client === undefined || url === undefined || realm === undefined) return undefined;
    return { ...client, type: 'keycloak', place: `${url}/realms/${realm}`, url, realm };
  },
  gitlab: (asked) => {
    const url = asked.read.url ?? 'https://gitlab.com';
    const client = readClient(asked, { scope: 'openid profile email' });
    return client && { ...client, type: 'gitlab', place: url, url };
  },
  github: (asked) => {
    const url = asked.read.url ?? 'https://github.com';
    const client = readClient(asked, { scope: 'read:user user:email read:org' });
    return client && { ...client, type: 'github', place: url, url };
  },
  bitbucket: (asked) => {
    const client = readClient(asked, { scope: 'account email' });
    return client && { ...client, type: 'bitbucket', place: 'https://bitbucket.org' };
  },
  oauth2: (asked) => {
    const { authorize_url, token_url, user_url, logout_url, user_key } = asked.read;
    const client = readClient(asked, { scope: '' });
    if (!client || !authorize_url || !token_url || !user_url) return undefined;
    return {
      ...client,
      type: 'oauth2',
      place: authorize_url,
      authorizeUrl: authorize_url,
      tokenUrl: token_url,
      userUrl: user_url,
      ...(logout_url === undefined ? {} : { logoutUrl: logout_url }),
      ...(user_key === undefined ? {} : { userKey: user_key }),
    };
  },
  password: (asked) => readPassword(asked),
  plugin: ({ context, name, read }) => {
    if (read.type === undefined) return undefined;
    const module = isModulePath(read.type) ? resolve(context.base, read.type) : read.type;
    const title = read.title ?? titleOf(name);
    return {
      name,
      type: 'plugin',
      title,
      place: read.type,
      module,
      base: context.base,
      options: read.options ?? {},
    };
  },
};

function readPassword({
  context,
  name,
  path,
  read,
}: Asked<'password'>): PasswordProviderSettings | undefined {
  const { password_file: file, users_file: users } = read;
  const given = [read.password, file, users].filter((value) => value !== undefined).length;
  if (given !== 1)
    context.problems.add(
      path,
      given === 0 ? 'has no password' : 'has more than one of password, password_file and users_file',
      'Give exactly one of password, password_file and users_file.',
    );
  const common = { name, type: 'password', title: read.title ?? titleOf(name) } as const;
  if (users !== undefined) {
    const usersFile = resolve(context.base, users);
    readFileAt(context, [...path, 'users_file'], users);
    return { ...common, place: usersFile, usersFile };
  }
  const password =
    file === undefined ? read.password : readFileAt(context, [...path, 'password_file'], file)?.trim();
  if (password === '')
    context.problems.add([...path, 'password_file'], 'the file is empty', 'Put the password in it.');
  return password === undefined ? undefined : { ...common, place: 'one password for everybody', password };
}

/** The settings of one provider from its keys. */
export function settingsOf(type: ProviderType, asked: Asked): ProviderSettings | undefined {
  const read = READERS[type] as (asked: Asked) => ProviderSettings | undefined;
  return read(asked);
}
