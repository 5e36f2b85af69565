import { isAbsolute, resolve } from 'node:path';
import type { OptionValues } from './command-line.ts';
import { OPTIONS } from './flags.ts';
import { type Problems, pathText } from './problems.ts';
import { isObject, type Path } from './shape.ts';

/** A configuration as raw values, and which of its keys a flag or variable gave. */
export interface Layered {
  readonly raw: Record<string, unknown>;
  /** A key as text (`session.lifetime`) to what gave it (`--oauth-expiry-days`). */
  readonly origins: ReadonlyMap<string, string>;
}

/** Keys of which only one may be in force: giving one in a higher layer takes the other out of a lower one. */
const RIVALS: Readonly<Record<string, string>> = {
  secret: 'secret_file',
  secret_file: 'secret',
  client_secret: 'client_secret_file',
  client_secret_file: 'client_secret',
};

/** Lays flags and environment over the file. `app` is the name of the app that the command line describes, if any. */
export function overlay(
  file: Record<string, unknown>,
  options: OptionValues,
  cwd: string,
  app: string | undefined,
  problems: Problems,
): Layered {
  const raw = structuredClone(file);
  const origins = new Map<string, string>();
  const given = OPTIONS.filter((option) => option.key !== undefined && options[option.name] !== undefined);
  const provider = providerName(raw);
  for (const option of given) {
    const { value, from } = options[option.name] ?? { value: true, from: '' };
    if (option.name.includes('secret') && !option.path && typeof value === 'string') problems.hide(value);
    const key = option.key ?? '';
    const name = key.startsWith('providers.') ? provider : app;
    if (key.includes('.NAME.') && name === undefined) {
      const [which, fix] = key.startsWith('providers.')
        ? ['does not say which of several providers', 'Set it in portico.yaml.']
        : ['describes an app, and no app is given here', 'Set it in portico.yaml under the app.'];
      problems.add(from, which, fix);
      continue;
    }
    const path = key.replace('NAME', name ?? '').split('.');
    put(raw, path, understand(option.name, value, option.path ? cwd : undefined, from, problems));
    origins.set(pathText(path), from);
    const rival = RIVALS[path.at(-1) ?? ''];
    const rivalPath = rival === undefined ? undefined : [...path.slice(0, -1), rival];
    if (rivalPath !== undefined && !origins.has(pathText(rivalPath))) put(raw, rivalPath, undefined);
  }
  return { raw, origins };
}

/** The provider that `--oauth-…` is about: the only one of the file, or one of its own. */
function providerName(raw: Record<string, unknown>): string | undefined {
  const names = isObject(raw['providers']) ? Object.keys(raw['providers']) : [];
  return names.length > 1 ? undefined : (names[0] ?? 'oidc');
}

function understand(
  name: string,
  value: string | true | readonly string[],
  base: string | undefined,
  from: string,
  problems: Problems,
): unknown {
  if (typeof value !== 'string') return value;
  if (base !== undefined) return isAbsolute(value) ? value : resolve(base, value);
  switch (name) {
    case 'dev':
      return readSwitch(value, from, problems);
    case 'oauth-expiry-days':
      return `${value}d`;
    case 'oauth-extra-params':
      return readParams(value, from, problems);
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

/** JSON; single quotes are taken for double ones, since Panel's documentation shows them so. */
function readParams(value: string, from: string, problems: Problems): unknown {
  const text = value.includes('"') ? value : value.replaceAll("'", '"');
  try {
    return JSON.parse(text);
  } catch {
    problems.add(from, 'is not JSON', 'Write {"name": "value"}.');
    return {};
  }
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
