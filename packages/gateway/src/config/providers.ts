import { titleOf } from './apps.ts';
import { type Context, readFileAt } from './context.ts';
import { DEFAULT_PERSONAS } from './personas.ts';
import { devSchema, oidcSchema, personaSchema } from './schema.ts';
import type { OidcProviderSettings, Persona } from './settings.ts';
import { isObject, type Path, readShape } from './shape.ts';

/** Types of other gateways and of later versions, so that nobody hunts for a typing error. */
const LATER_TYPES = new Set([
  ...['entra', 'azure', 'azurev2', 'google', 'okta', 'auth0', 'keycloak', 'cognito', 'github', 'gitlab'],
  ...['bitbucket', 'oauth', 'saml', 'ldap', 'password', 'pam', 'auth_code'],
]);

/** Parameters that make the sign-in safe, or that have a key of their own. */
const RESERVED_PARAMS = new Set([
  ...['client_id', 'redirect_uri', 'response_type', 'response_mode', 'scope', 'state', 'nonce'],
  ...['code_challenge', 'code_challenge_method', 'client_secret', 'request', 'request_uri'],
]);

/** All sound identity providers. */
export function readProviders(context: Context): OidcProviderSettings[] {
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
): OidcProviderSettings | undefined {
  const { problems } = context;
  const type = isObject(value) ? value['type'] : undefined;
  if (typeof type === 'string' && LATER_TYPES.has(type)) {
    problems.add(
      [...path, 'type'],
      `${type} is not in this version yet`,
      'Use type: oidc with the issuer of the provider, if it speaks OpenID Connect.',
    );
    return undefined;
  }
  const plain = isObject(value) ? value['client_secret'] : undefined;
  if (typeof plain === 'string') problems.hide(plain);
  const read = readShape(oidcSchema, value, path, problems);
  if (read.client_secret !== undefined && read.client_secret_file !== undefined)
    problems.add(path, 'has both client_secret and client_secret_file', 'Keep one of them.');
  for (const key of Object.keys(read.extra_params ?? {}))
    if (RESERVED_PARAMS.has(key))
      problems.add([...path, 'extra_params', key], 'is set by the gateway itself', 'Remove it here.');
  const secret = clientSecret(context, read.client_secret, read.client_secret_file, path);
  if (read.issuer === undefined || read.client_id === undefined) return undefined;
  return {
    name,
    type: 'oidc',
    title: read.title ?? titleOf(name),
    issuer: read.issuer,
    clientId: read.client_id,
    ...(secret === undefined ? {} : { clientSecret: secret }),
    scope: read.scope ?? 'openid profile email',
    extraParams: read.extra_params ?? {},
    rolesClaim: read.roles_claim ?? 'roles',
    groupsClaim: read.groups_claim ?? 'groups',
  };
}

function clientSecret(context: Context, given: string | undefined, file: string | undefined, path: Path) {
  if (file === undefined) return given;
  const secret = readFileAt(context, [...path, 'client_secret_file'], file)?.trim();
  if (secret === '')
    context.problems.add([...path, 'client_secret_file'], 'the file is empty', 'Put the secret in it.');
  return secret;
}

/** The people of the development provider, or `undefined` when it is off. */
export function readDev(context: Context): { personas: readonly Persona[] } | undefined {
  const raw = context.raw['dev'];
  if (raw === undefined || raw === false) return undefined;
  if (raw === true || raw === null) return { personas: DEFAULT_PERSONAS };
  readShape(devSchema, raw, ['dev'], context.problems, ['personas']);
  const people = isObject(raw) ? raw['personas'] : undefined;
  if (people === undefined) return { personas: DEFAULT_PERSONAS };
  if (!Array.isArray(people) || people.length === 0) {
    context.problems.add(
      ['dev', 'personas'],
      'should be a list of people',
      'Leave it out for the usual three.',
    );
    return { personas: DEFAULT_PERSONAS };
  }
  return { personas: uniquePersonas(context, people) };
}

function uniquePersonas(context: Context, people: readonly unknown[]): Persona[] {
  const taken = new Set<string>();
  return people.flatMap((each, index) => {
    const path: Path = ['dev', 'personas', index];
    const read = readShape(personaSchema, each, path, context.problems);
    if (read.name === undefined || read.email === undefined) return [];
    const id =
      read.id ??
      read.name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '');
    if (id === '' || taken.has(id))
      context.problems.add(path, 'cannot be told from another person', 'Give it an id of its own.');
    taken.add(id);
    const description = read.description === undefined ? {} : { description: read.description };
    return [
      {
        id,
        name: read.name,
        email: read.email,
        ...description,
        roles: read.roles ?? [],
        groups: read.groups ?? [],
      },
    ];
  });
}
