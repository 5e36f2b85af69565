import { isObject } from '../core/object.ts';
import { defaultGrant, grantProblem } from './api-grants.ts';
import { apiSchema } from './api-schema.ts';
import { signInTrouble } from './api-sign-in.ts';
import type { Context } from './context.ts';
import { DEV_PROVIDER } from './dev-graph.ts';
import type { ApiSettings, AppSettings, ProviderSettings } from './settings.ts';
import { type Path, readShape } from './shape.ts';
import { nearest } from './suggest.ts';

/** All sound APIs, with problems for the others. */
export function readApis(
  context: Context,
  providers: readonly ProviderSettings[],
  apps: readonly AppSettings[],
): ApiSettings[] {
  const { problems } = context;
  const raw = context.raw['apis'];
  if (raw === undefined) return [];
  if (!isObject(raw)) {
    problems.add(['apis'], 'should be a set of APIs by name', 'Write apis: and below it for example graph:');
    return [];
  }
  return Object.entries(raw).flatMap(([name, value]) => {
    const before = problems.count;
    const api = readApi(context, name, value, providers, apps);
    return api === undefined || problems.count > before ? [] : [api];
  });
}

function readApi(
  context: Context,
  name: string,
  value: unknown,
  providers: readonly ProviderSettings[],
  apps: readonly AppSettings[],
): ApiSettings | undefined {
  const { problems } = context;
  const path: Path = ['apis', name];
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name))
    problems.add(path, 'is not a name for an API', 'Use up to 40 lower-case letters, digits and hyphens.');
  const read = readShape(apiSchema, value, path, problems);
  if (!isObject(value)) return undefined;
  checkApps(context, [...path, 'apps'], read.apps ?? [], apps);
  const provider = providerOf(context, path, read.provider);
  if (provider === undefined || read.url === undefined || read.apps === undefined) return undefined;
  const settings = providers.find((each) => each.name === provider);
  // The development provider is one of type oidc. Of one that could not be read nothing is known.
  const type = provider === DEV_PROVIDER ? 'oidc' : settings?.type;
  if (type === undefined) return undefined;
  const wish = { scopes: read.scopes ?? [], resource: read.resource };
  const grant = read.grant ?? defaultGrant(type, wish);
  const wrong = problems.concern([...path, 'grant']) ? undefined : grantProblem(type, grant, wish);
  if (wrong !== undefined) problems.add([...path, wrong.key], wrong.message, wrong.fix);
  if (settings !== undefined) {
    const { problem, note } = signInTrouble(settings, { name, grant });
    if (problem !== undefined) problems.add(path, problem.message, problem.fix);
    if (note !== undefined) context.notes.push(note);
  }
  return {
    name,
    url: read.url,
    provider,
    scopes: [...new Set(wish.scopes)],
    ...(wish.resource === undefined ? {} : { resource: wish.resource }),
    grant,
    apps: [...new Set(read.apps)],
  };
}

/** The one that is named, or the only one that there is. */
function providerOf({ raw, problems }: Context, path: Path, named: string | undefined): string | undefined {
  const configured = isObject(raw['providers']) ? Object.keys(raw['providers']) : [];
  const dev = raw['dev'] !== undefined && raw['dev'] !== false;
  const known = [...configured, ...(dev ? [DEV_PROVIDER] : [])];
  const at = [...path, 'provider'];
  if (named === undefined) {
    if (known.length > 1 && !problems.concern(at))
      problems.add(at, 'is missing, and there are several providers', `Write one of ${known.join(', ')}.`);
    return known.length === 1 ? known[0] : undefined;
  }
  if (known.includes(named)) return named;
  const guess = nearest(named, known);
  problems.add(
    at,
    `${named} is not a provider here`,
    guess === undefined ? `Use one of ${known.join(', ')}.` : `Did you mean ${guess}?`,
  );
  return undefined;
}

function checkApps(
  { raw, problems }: Context,
  path: Path,
  named: readonly string[],
  apps: readonly AppSettings[],
) {
  // Also those that could not be read: they are problems of their own.
  const known = isObject(raw['apps']) ? Object.keys(raw['apps']) : apps.map(({ name }) => name);
  for (const [index, name] of named.entries()) {
    if (known.includes(name)) continue;
    const guess = nearest(name, known);
    problems.add(
      [...path, index],
      `${name} is not an app here`,
      guess === undefined ? `The apps are ${known.join(', ')}.` : `Did you mean ${guess}?`,
    );
  }
}
