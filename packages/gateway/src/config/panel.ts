import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isObject } from '../core/object.ts';
import type { Problems } from './problems.ts';
import { canonicalType } from './provider-types.ts';

/** A provider's keys as they stand in portico.yaml, while they are put together. */
type Raw = Record<string, unknown>;

/**
 * The name of a provider that only the command line describes: its type, by one name whichever of them was given, so that
 * the redirect URI stays the same.
 */
export function nameForType(type: unknown): string {
  const name = typeof type === 'string' ? canonicalType(type) : 'oidc';
  return /^[a-z0-9][a-z0-9-]{0,31}$/.test(name) && name !== 'dev' ? name : 'oidc';
}

/** Where Panel's special parameters belong, by the type of provider. */
const SPECIAL: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  entra: { tenant: 'tenant' },
  auth0: { subdomain: 'domain' },
  okta: { url: 'domain', server: 'server' },
  gitlab: { url: 'url' },
  oauth2: {
    TOKEN_URL: 'token_url',
    AUTHORIZE_URL: 'authorize_url',
    USER_URL: 'user_url',
    LOGOUT_URL: 'logout_url',
  },
};
/** Panel keeps these to itself whatever the provider: `RESERVED_OAUTH_PARAMS` in `panel/auth.py`. */
const RESERVED = new Set(Object.values(SPECIAL).flatMap((keys) => Object.keys(keys)));
/** Scopes of Panel's own for providers without a type of their own. */
const SCOPE = 'openid email profile';

/**
 * A provider in Panel's words in those of portico.yaml. What has a key already keeps it.
 *
 * @param from - what gave the parameters, for problems
 * @returns sentences for the start-up summary
 */
export function translateProvider(provider: Raw, from: string, problems: Problems): string[] {
  const notes: string[] = [];
  const given = isObject(provider['extra_params']) ? provider['extra_params'] : {};
  const explicit = ['TOKEN_URL', 'AUTHORIZE_URL'].some((key) => given[key] !== undefined);
  const endpoints = provider['token_url'] !== undefined || provider['authorize_url'] !== undefined;
  // Panel's generic provider is told its endpoints one by one, ours finds them by the issuer.
  if (provider['type'] === 'generic' && provider['issuer'] === undefined && (explicit || endpoints))
    provider['type'] = 'oauth2';
  const type = typeof provider['type'] === 'string' ? canonicalType(provider['type']) : 'oidc';
  const rest: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    const place = SPECIAL[type]?.[key];
    if (key === 'scope') provider['scope'] ??= scopes(value);
    else if (key === 'USER_KEY') provider['user_claim'] ??= value;
    else if (place !== undefined) provider[place] ??= key === 'url' ? address(type, value) : value;
    else if (RESERVED.has(key)) notes.push(`${from}: ${key} means nothing to a provider of type ${type}.`);
    else if (['string', 'number', 'boolean'].includes(typeof value)) rest[key] = String(value);
    else problems.add(from, `${key} is neither text nor a number`, 'Write {"name": "value"}.');
  }
  if (Object.keys(rest).length > 0) provider['extra_params'] = rest;
  else delete provider['extra_params'];
  // Panel asks the server called default, and the organization's own one only for an empty name.
  if (type === 'okta' && given['url'] !== undefined) provider['server'] ??= 'default';
  if (provider['server'] === '') delete provider['server'];
  if (type === 'oauth2') provider['scope'] ??= SCOPE;
  const claim = provider['user_claim'];
  if (['github', 'gitlab', 'bitbucket'].includes(type) && (claim === 'login' || claim === 'username'))
    provider['user_claim'] = 'preferred_username';
  return notes;
}

/** `a,b`, `a b` or a list. */
export function scopes(value: unknown): unknown {
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' ? value.split(/[\s,]+/).join(' ') : value;
}

function address(type: string, value: unknown): unknown {
  const bare = typeof value === 'string' && !/^https?:/i.test(value);
  return bare && type === 'gitlab' ? `https://${value}` : value;
}

/**
 * `--basic-auth`: a file of users when there is one of that name, else the password itself.
 *
 * @param cwd - against which a path is resolved
 */
export function passwordProvider(value: string, cwd: string, from: string, problems: Problems): Raw {
  const file = resolve(cwd, value);
  if (existsSync(file) && statSync(file).isFile()) return { type: 'password', users_file: file };
  // A mistyped path would otherwise be everybody's password.
  if (/[/\\]|\.(?:json|htpasswd|txt|ya?ml)$/i.test(value))
    problems.add(
      from,
      'looks like a file, and there is none',
      'Correct the path, or choose another password.',
    );
  return { type: 'password', password: value };
}
