import { createPrivateKey, type JsonWebKey } from 'node:crypto';
import { titleOf } from './apps.ts';
import { type Context, readFileAt } from './context.ts';
import type { Asked } from './provider-read.ts';
import type { ClientSettings, ProviderType } from './provider-settings.ts';
import type { Path } from './shape.ts';

/** Parameters that make the sign-in safe, or that have a key of their own. */
const RESERVED_PARAMS = new Set([
  ...['client_id', 'redirect_uri', 'response_type', 'response_mode', 'scope', 'state', 'nonce'],
  ...['code_challenge', 'code_challenge_method', 'client_secret', 'request', 'request_uri'],
]);

/** Claims that say nothing of the person, or that have a place of their own where they are checked. */
const RESERVED_CLAIMS = new Set([
  ...['iss', 'sub', 'aud', 'azp', 'exp', 'iat', 'nbf', 'jti', 'nonce', 'sid', 'auth_time'],
  ...['at_hash', 'c_hash', 's_hash', 'email', 'email_verified'],
]);

/** What of a vendor is different for its client. */
interface ClientDefaults {
  readonly scope: string;
  /** Scope that brings a refresh token, where it takes one. */
  readonly offline?: string;
}

type ClientType = Exclude<ProviderType, 'password' | 'plugin'>;

/** The keys that every OAuth 2 client has; `undefined` without a client ID, which is reported already. */
export function readClient(
  asked: Asked<ClientType>,
  defaults: ClientDefaults,
): Omit<ClientSettings, 'place'> | undefined {
  const { context, name, path, read } = asked;
  const { problems } = context;
  for (const key of Object.keys(read.extra_params ?? {}))
    if (RESERVED_PARAMS.has(key))
      problems.add([...path, 'extra_params', key], 'is set by the gateway itself', 'Remove it here.');
  const openId = defaults.scope.startsWith('openid');
  if (openId && read.scope !== undefined && !read.scope.split(' ').includes('openid'))
    problems.add(
      [...path, 'scope'],
      'does not contain openid, so the provider would not say who signed in',
      'Write for example: openid profile email',
    );
  const clientSecret = textOrFile(asked, 'client_secret');
  const clientKey = textOrFile(asked, 'client_key');
  if (clientKey !== undefined && !isPrivateKey(clientKey))
    problems.add(
      [...path, read.client_key_file === undefined ? 'client_key' : 'client_key_file'],
      'is no private key in PEM or JWK that could be read',
      'Write an RSA, EC or Ed25519 private key without a passphrase.',
    );
  if (clientSecret !== undefined && clientKey !== undefined)
    problems.add(path, 'has both a client secret and a client key', 'Keep one of them.');
  if (read.client_id === undefined) return undefined;
  const given = {
    clientSecret,
    clientKey,
    userClaim: read.user_claim,
    claims: claimNames(context, path, read.claims),
    redirectUri: redirectUri(asked),
    prompt: read.prompt,
    maxAge: read.max_age,
    par: read.par,
    refreshTokens: read.refresh_tokens,
  };
  return {
    name,
    title: read.title ?? titleOf(name),
    clientId: read.client_id,
    scope: scopeOf(read.scope ?? defaults.scope, read.refresh_tokens === true ? defaults.offline : undefined),
    extraParams: read.extra_params ?? {},
    rolesClaim: read.roles_claim ?? 'roles',
    groupsClaim: read.groups_claim ?? 'groups',
    ...defined(given),
  };
}

/** Passed on as `email`, an address that nobody has verified would look like one that counts (security fact 6). */
export function claimNames(
  context: Context,
  path: Path,
  names: readonly string[] | undefined,
): readonly string[] | undefined {
  for (const [index, name] of (names ?? []).entries())
    if (RESERVED_CLAIMS.has(name))
      context.problems.add(
        [...path, 'claims', index],
        `${name} is the gateway’s own to judge and to pass on`,
        name.startsWith('email')
          ? 'Leave it out: a verified address is passed on in any case, and rules name it as email:ADDRESS.'
          : 'Leave it out.',
      );
  return names;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function scopeOf(scope: string, more: string | undefined): string {
  return more === undefined || scope.split(' ').includes(more) ? scope : `${scope} ${more}`;
}

function textOrFile(
  { context, path, read }: Asked<ClientType>,
  key: 'client_secret' | 'client_key',
): string | undefined {
  const file = read[`${key}_file`];
  const given = read[key];
  if (given !== undefined && file !== undefined)
    context.problems.add(path, `has both ${key} and ${key}_file`, 'Keep one of them.');
  if (file === undefined) return given;
  const text = readFileAt(context, [...path, `${key}_file`], file)?.trim();
  if (text === '')
    context.problems.add([...path, `${key}_file`], 'the file is empty', `Put the ${key.slice(7)} in it.`);
  return text;
}

function isPrivateKey(text: string): boolean {
  try {
    if (text.startsWith('{')) createPrivateKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' });
    else createPrivateKey(text);
    return true;
  } catch {
    return false;
  }
}

/** On which of our addresses it lies is known when the apps are. */
function redirectUri({ context, path, read }: Asked<ClientType>): string | undefined {
  if (read.redirect_uri === undefined) return undefined;
  const url = URL.parse(read.redirect_uri);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    context.problems.add(
      [...path, 'redirect_uri'],
      'is not an address without a query',
      'Write it exactly as it is registered at the provider.',
    );
  // Both the browser and the OIDC client would write it so, and providers compare byte for byte.
  else if (url.href !== read.redirect_uri)
    context.problems.add(
      [...path, 'redirect_uri'],
      'is not written as browsers write it',
      `Write ${url.href}, and register exactly that at the provider.`,
    );
  else return read.redirect_uri;
  return undefined;
}
