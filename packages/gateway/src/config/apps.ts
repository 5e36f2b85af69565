import { resolve } from 'node:path';
import { isObject } from '../core/object.ts';
import type { AllowEntry, Rule } from '../core/types.ts';
import { appSchema, ruleSchema } from './app-schema.ts';
import { type Context, readFileAt } from './context.ts';
import { readCredential } from './credentials.ts';
import { readEmbedding } from './embedding.ts';
import { readProfiles } from './profiles.ts';
import type { AppSettings, AppType } from './settings.ts';
import { type Path, readShape } from './shape.ts';

/** What every page of Panel and Bokeh loads; nothing of an app is in it. */
const PANEL_RESOURCES = ['/static/**', '/components/**'];
const EVERYONE: readonly AllowEntry[] = [{ kind: 'everyone' }];

/** All apps, with problems for what is wrong with them and for two in one place. */
export function readApps(context: Context, publicUrl: string | undefined): AppSettings[] {
  const { problems } = context;
  const raw = context.raw['apps'];
  if (raw === undefined) return [];
  if (!isObject(raw)) {
    problems.add(['apps'], 'should be a set of apps by name', 'Write apps: and below it for example sales:');
    return [];
  }
  const places = new Map<string, string>();
  const apps: AppSettings[] = [];
  for (const [name, value] of Object.entries(raw)) {
    if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name))
      problems.add(
        ['apps', name],
        'is not a name for an app',
        'Use up to 40 lower-case letters, digits and hyphens.',
      );
    const app = readApp(context, name, value);
    if (app === undefined) continue;
    apps.push(app);
    // What stands in place of an unreadable at or host says nothing about where the app was meant to be.
    if (problems.concern(['apps', name, 'at']) || problems.concern(['apps', name, 'host'])) continue;
    const place = (app.host ?? '') + app.at;
    const other = places.get(place);
    const where = app.host ?? app.at;
    if (other !== undefined)
      problems.add(
        ['apps', name],
        `is at the same place as ${other}: ${where}`,
        'Give one of them another at or host.',
      );
    else places.set(place, name);
    if (app.host !== undefined && publicUrl !== undefined && new URL(publicUrl).hostname === app.host)
      problems.add(['apps', name, 'host'], 'is the host of public_url itself', 'Use at: / instead of host.');
  }
  return apps;
}

function readApp(context: Context, name: string, value: unknown): AppSettings | undefined {
  const { problems } = context;
  const path: Path = ['apps', name];
  const read = readShape(appSchema, value, path, problems, ['rules']);
  if (!isObject(value)) return undefined;
  const rules = readRules(context, [...path, 'rules'], value['rules']);
  const { run, upstream } = read;
  if (value['run'] !== undefined && value['upstream'] !== undefined)
    problems.add(
      path,
      'has both run and upstream',
      'Keep run to have the app started, or upstream when it already runs.',
    );
  if (value['run'] === undefined && value['upstream'] === undefined)
    problems.add(
      path,
      'has neither run nor upstream',
      'Write run: COMMAND, or upstream: http://127.0.0.1:PORT.',
    );
  if (value['at'] !== undefined && value['host'] !== undefined)
    problems.add(
      path,
      'has both at and host',
      'Keep at for a path of the public URL, host for a host of its own.',
    );
  for (const key of ['cwd', 'env'] as const)
    if (value[key] !== undefined && value['upstream'] !== undefined)
      problems.add(
        [...path, key],
        'means nothing for an app that already runs',
        `Remove ${key}, or use run.`,
      );
  const cwd = resolve(context.base, read.cwd ?? '.');
  const type = read.type ?? (run === undefined ? 'command' : context.recognise(run, cwd));
  const authorize = readAuthorize(context, path, read.authorize);
  const told = readProfiles(context, path, type, read);
  const credential = readCredential(context, path, value);
  const embedding = readEmbedding(context, path, read);
  if (read.guests) context.notes.push(`${name}: guests may enter without signing in.`);
  if (read.allow === undefined)
    context.notes.push(`${name}: everyone who can sign in may enter, since it has no allow list.`);
  return {
    name,
    title: read.title ?? titleOf(name),
    ...(read.description === undefined ? {} : { description: read.description }),
    at: read.host === undefined ? (read.at ?? `/${name}`) : '/',
    ...(read.host === undefined ? {} : { host: read.host }),
    type,
    allow: read.allow ?? EVERYONE,
    rules: [...rules, ...guestRules(type, read.guest_endpoints ?? [])],
    ...(read.guests ? { guests: true } : {}),
    ...(authorize === undefined ? {} : { authorize }),
    ...told,
    ...embedding,
    ...(credential === undefined ? {} : { credential }),
    ...(run === undefined ? {} : { run, cwd, env: read.env ?? {} }),
    ...(upstream === undefined ? {} : { upstream }),
  };
}

function readRules(context: Context, path: Path, value: unknown): Rule[] {
  const { problems } = context;
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.add(path, 'should be a list', 'Write - { path: /admin/**, allow: [role:admin] }');
    return [];
  }
  return value.flatMap((each: unknown, index): Rule[] => {
    const at = [...path, index];
    const read = readShape(ruleSchema, each, at, problems);
    if (!isObject(each)) return [];
    if ((each['allow'] === undefined) === (each['public'] === undefined))
      problems.add(
        at,
        'needs either allow or public',
        'Write allow: [role:admin], or public: true for everybody.',
      );
    if (read.path?.startsWith('/.auth'))
      problems.add([...at, 'path'], '/.auth is the gateway’s own and reaches no app', 'Remove the rule.');
    if (read.path === undefined) return [];
    if (read.public) return [{ path: read.path, access: { public: true } }];
    return [{ path: read.path, access: { public: false, allow: read.allow ?? [] } }];
  });
}

/** After the app's own rules, which decide first. */
function guestRules(type: AppType, endpoints: readonly string[]): Rule[] {
  if (endpoints.length === 0) return [];
  const more = type === 'panel' || type === 'bokeh' ? PANEL_RESOURCES : [];
  const paths = endpoints.flatMap((given) => {
    const bare = given.replace(/\/$/, '');
    const path = bare === '' ? '/' : bare;
    return more.length > 0 && !path.includes('*') ? [path, `${bare}/ws`] : [path];
  });
  return [...paths, ...more].map((path) => ({ path, access: { public: true } }));
}

/** The app's own module, or the one for all apps; an absolute path. */
function readAuthorize(context: Context, path: Path, own: string | undefined): string | undefined {
  const given = own ?? context.raw['authorize'];
  if (typeof given !== 'string' || given === '') return undefined;
  const where = own === undefined ? ['authorize'] : [...path, 'authorize'];
  if (context.problems.concern(where)) return undefined;
  if (!/\.[cm]?[jt]s$/.test(given))
    context.problems.add(where, 'is no JavaScript or TypeScript file', 'Name a file such as ./authorize.ts.');
  else if (readFileAt(context, where, given) !== undefined) return resolve(context.base, given);
  return undefined;
}

/** `sales-eu` as `Sales eu`. */
export function titleOf(name: string): string {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
