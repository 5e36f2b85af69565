import { isAbsolute, resolve } from 'node:path';
import { isObject } from '../core/object.ts';
import { OPTIONS, type Option } from './flags.ts';
import { readLiteral } from './literal.ts';
import type { OptionValues } from './option-values.ts';
import { nameForType, passwordProvider, scopes, translateProvider } from './panel.ts';
import { type Problems, pathText } from './problems.ts';
import { canonicalType } from './provider-types.ts';
import type { Path } from './shape.ts';

/** A configuration as raw values, and which of its keys a flag or variable gave. */
interface Layered {
  readonly raw: Record<string, unknown>;
  /** A key as text (`session.lifetime`) to what gave it (`--oauth-expiry-days`). */
  readonly origins: ReadonlyMap<string, string>;
  /** Sentences for the start-up summary. */
  readonly notes: readonly string[];
  /** Variables of Panel's that values were taken from. */
  readonly fallbacks: readonly string[];
}

/** Keys of which only one may be in force: giving one in a higher layer takes the other out of a lower one. */
const RIVALS: Readonly<Record<string, string>> = {
  secret: 'secret_file',
  secret_file: 'secret',
  client_secret: 'client_secret_file',
  client_secret_file: 'client_secret',
};

/**
 * Lays flags and environment over the file, and Panel's variables below it. `app` is the name of the app that the
 * command line describes, if any.
 */
export function overlay(
  file: Record<string, unknown>,
  options: OptionValues,
  cwd: string,
  app: string | undefined,
  problems: Problems,
): Layered {
  const raw = structuredClone(file);
  const origins = new Map<string, string>();
  const notes: string[] = [];
  const fallbacks: string[] = [];
  const names = isObject(raw['providers']) ? Object.keys(raw['providers']) : [];
  const provider = names.length > 1 ? undefined : (names[0] ?? nameForType(options['oauth-provider']?.value));
  for (const option of OPTIONS) {
    const given = options[option.name];
    if (given === undefined) continue;
    const { value, from } = given;
    if (option.secret && typeof value === 'string') problems.hide(value);
    if (given.fallback) {
      if (option.key?.startsWith('apps.NAME.') && app === undefined) {
        notes.push(
          `${from} is not used: with several apps, write it in portico.yaml under the one it is for.`,
        );
        continue;
      }
      if (!isWanted(option, names.length > 0, options)) continue;
    }
    if (option.idle !== undefined) notes.push(`${from} is not needed: ${option.idle}.`);
    if (option.name === 'basic-auth' && typeof value === 'string') {
      put(raw, ['providers', 'password'], passwordProvider(value, cwd, from, problems));
      for (const key of ['password', 'users_file']) origins.set(`providers.password.${key}`, from);
      if (given.fallback) fallbacks.push(from);
    }
    const key = option.key;
    if (key === undefined) continue;
    const name = key.startsWith('providers.') ? provider : app;
    if (key.includes('.NAME.') && name === undefined) {
      const [which, fix] = key.startsWith('providers.')
        ? ['does not say which of several providers', 'Set it in portico.yaml.']
        : ['describes an app, and no app is given here', 'Set it in portico.yaml under the app.'];
      problems.add(from, which, fix);
      continue;
    }
    const path = key.replace('NAME', name ?? '').split('.');
    const rival = RIVALS[path.at(-1) ?? ''];
    const rivalPath = rival === undefined ? undefined : [...path.slice(0, -1), rival];
    if (given.fallback) {
      if (at(raw, path) !== undefined || (rivalPath && at(raw, rivalPath) !== undefined)) continue;
      fallbacks.push(from);
    }
    // A folder of templates stays beside the one that is given by itself.
    const templates = at(raw, ['branding', 'templates']);
    if (path[0] === 'branding' && typeof templates === 'string')
      put(raw, ['branding', 'templates'], { folder: templates });
    put(raw, path, understand(option, value, option.path ? cwd : undefined, from, problems));
    origins.set(pathText(path), from);
    if (rivalPath !== undefined && !origins.has(pathText(rivalPath))) put(raw, rivalPath, undefined);
  }
  const described = provider === undefined ? undefined : at(raw, ['providers', provider]);
  if (names.length === 0 && isObject(described)) {
    const from = options['oauth-extra-params']?.from ?? '--oauth-extra-params';
    notes.push(...translateProvider(described, from, problems));
  }
  if (
    options['oauth-provider']?.value === 'password' &&
    options['basic-auth'] === undefined &&
    names.length === 0
  ) {
    problems.add(
      options['oauth-provider'].from,
      'of Panel hands people’s passwords on to the provider, which OAuth has given up (RFC 9700 section 2.4)',
      'Use auth_code with the same addresses; or, for passwords of your own, --basic-auth.',
    );
    problems.settle(['providers', 'password']);
  }
  if (fallbacks.length > 0) notes.push(`Taken from ${fallbacks.join(', ')}.`);
  return { raw, origins, notes, fallbacks };
}

/** Panel's variables describe a provider only where the file has none and something asks for one. */
function isWanted(option: Option, fileHasProviders: boolean, options: OptionValues): boolean {
  if (option.name === 'basic-auth') return !fileHasProviders;
  if (!option.key?.startsWith('providers.')) return true;
  const type = options['oauth-provider']?.value;
  if (option.name === 'oauth-tenant') return !fileHasProviders && canonicalType(String(type)) === 'entra';
  return !fileHasProviders && (type !== undefined || options['oauth-issuer'] !== undefined);
}

function at(raw: Record<string, unknown>, path: Path): unknown {
  return path.reduce<unknown>(
    (inside, part) => (isObject(inside) && Object.hasOwn(inside, part) ? inside[part] : undefined),
    raw,
  );
}

function understand(
  option: Option,
  value: string | true | readonly string[],
  base: string | undefined,
  from: string,
  problems: Problems,
): unknown {
  if (typeof value !== 'string') return value;
  if (base !== undefined) return isAbsolute(value) ? value : resolve(base, value);
  if (option.value === undefined) return readSwitch(value, from, problems);
  switch (option.name) {
    case 'oauth-expiry-days':
      return `${value}d`;
    case 'oauth-scope':
      return scopes(value);
    case 'oauth-extra-params':
      return readParams(value, from, problems);
    case 'oauth-guest-endpoints':
      return readLiteral(value) ?? value.split(',').map((path) => path.trim());
    default:
      return value;
  }
}

function readSwitch(value: string, from: string, problems: Problems): boolean {
  const yes = /^(?:1|true|yes|on)$/i.test(value);
  if (!yes && !/^(?:0|false|no|off)$/i.test(value))
    problems.add(from, 'is neither on nor off', 'Write 1 or 0.');
  return yes;
}

/** As Panel takes them: a Python dictionary, or JSON. */
function readParams(value: string, from: string, problems: Problems): unknown {
  const params = readLiteral(value);
  if (isObject(params)) return params;
  problems.add(from, 'is neither a Python dictionary nor JSON', 'Write {"name": "value"}.');
  return {};
}

function put(raw: Record<string, unknown>, path: Path, value: unknown): void {
  let inside = raw;
  for (const part of path.slice(0, -1)) {
    const next = inside[part];
    // A switch such as `dev: true` or a wrong type gives way to what the higher layer says.
    const object = isObject(next) ? next : {};
    if (value === undefined && !isObject(next)) return;
    inside[part] = object;
    inside = object;
  }
  const last = path.at(-1) ?? '';
  if (value === undefined) delete inside[last];
  else if (!(last === 'dev' && value === true && isObject(inside[last]))) inside[last] = value;
}
