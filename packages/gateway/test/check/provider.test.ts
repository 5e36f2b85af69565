import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/check/finding.ts';
import { checkProvider } from '../../src/check/provider.ts';
import type { OidcProviderSettings, ProviderSettings } from '../../src/config/provider-settings.ts';
import type { TokenGrant } from '../../src/core/types.ts';
import { SECRET, type StrictProvider, startStrictProvider } from '../identity/strict-provider.ts';

const ORIGIN = 'https://apps.example.com';
const METADATA = '/.well-known/openid-configuration';
const WRONG = 'wrong-canary-wrong-canary-wrong-canary';

let strict: StrictProvider;
beforeEach(async () => {
  strict = await startStrictProvider();
});
afterEach(() => strict.close());

const settings = (changes: Partial<OidcProviderSettings> = {}): OidcProviderSettings => ({
  name: 'strict',
  type: 'oidc',
  title: 'Strict',
  place: strict.issuer,
  issuer: strict.issuer,
  clientId: 'portico',
  clientSecret: SECRET,
  scope: 'openid profile email roles',
  extraParams: {},
  rolesClaim: 'roles',
  groupsClaim: 'groups',
  ...changes,
});

async function findings(
  of: ProviderSettings,
  origin = ORIGIN,
  grants: readonly TokenGrant[] = [],
): Promise<readonly Finding[]> {
  const section = await checkProvider({
    settings: of,
    origins: [origin],
    wanted: { refresh: true, grants },
    clock: Date.now,
    random: randomBytes,
  });
  const all = JSON.stringify(section);
  for (const secret of [SECRET, WRONG]) expect(all).not.toContain(secret);
  return section.findings;
}

const problems = (found: readonly Finding[]): Finding[] => found.filter(({ level }) => level === 'problem');
const codes = (found: readonly Finding[]): string[] => found.map(({ code }) => code);

const tweakMetadata = (changes: Record<string, unknown>): void => {
  strict.tweak = (path, body) =>
    path === METADATA ? { body: JSON.stringify({ ...JSON.parse(body), ...changes }) } : undefined;
};

describe('a provider that is set up well', () => {
  test('has no problem, and what was looked at is said', async () => {
    const found = await findings(settings());
    expect(problems(found)).toEqual([]);
    expect(codes(found)).toEqual(
      expect.arrayContaining([
        'issuer',
        'scopes',
        'code_flow',
        'pkce',
        'keys',
        'clock',
        'redirect_uri',
        'client_authentication',
      ]),
    );
    expect(found.find(({ code }) => code === 'redirect_uri')).toMatchObject({ level: 'ok' });
    expect(found.find(({ code }) => code === 'client_authentication')).toMatchObject({ level: 'ok' });
  });

  test('is not changed, and nobody is signed in there', async () => {
    await findings(settings());
    expect(new Set(strict.asked)).toEqual(new Set([METADATA, '/jwks', '/auth', '/token']));
  });
});

describe('tokens for APIs', () => {
  test.each([
    ['offered', ['refresh_token'], 'api_grants'],
    ['not listed', ['authorization_code'], 'api_grant_not_listed'],
  ])('are %s by the metadata', async (_what, offered, code) => {
    tweakMetadata({ grant_types_supported: ['authorization_code', ...offered] });
    const found = await findings(settings(), ORIGIN, ['refresh', 'session']);
    expect(codes(found)).toContain(code);
    expect(problems(found)).toEqual([]);
  });

  test('are no matter where no API is declared, or the metadata says nothing of grants', async () => {
    tweakMetadata({ grant_types_supported: undefined });
    expect(codes(await findings(settings(), ORIGIN, ['exchange'])).join()).not.toContain('api_grant');
    strict.tweak = () => undefined;
    expect(codes(await findings(settings())).join()).not.toContain('api_grant');
  });
});

describe('a provider that is set up wrongly', () => {
  test.each([
    ['an unknown client', () => settings({ clientId: 'nobody' }), ORIGIN, 'invalid_client'],
    ['a wrong secret', () => settings({ clientSecret: WRONG }), ORIGIN, 'invalid_client'],
    [
      'a redirect URI that is not registered',
      () => settings(),
      'https://elsewhere.example.com',
      'redirect_uri_mismatch',
    ],
  ])('with %s', async (_what, make, origin, code) => {
    const found = problems(await findings(make(), origin));
    expect(codes(found)).toContain(code);
    for (const { fix } of found) expect(fix).toMatch(/\w{3,}/);
  });

  test('with a redirect URI that is not registered: the fix has the one to register', async () => {
    const [found] = problems(await findings(settings(), 'https://elsewhere.example.com'));
    expect(found?.fix).toContain('https://elsewhere.example.com/.auth/login/strict/callback');
  });

  test.each([
    [-3600, 'problem'],
    [3600, 'problem'],
    [-90, 'note'],
    [90, 'note'],
    [5, 'ok'],
  ])('whose clock is %i seconds ahead is a %s', async (seconds, level) => {
    const date = new Date(Date.now() + seconds * 1000).toUTCString();
    strict.tweak = (path) => (path === METADATA ? { headers: { date } } : undefined);
    const clock = (await findings(settings())).find(({ code }) => code.startsWith('clock'));
    expect(clock?.level).toBe(level);
  });

  test('that redirects its metadata is told so, and is not followed', async () => {
    strict.tweak = (path) =>
      path === METADATA
        ? { status: 301, headers: { location: 'https://sso.example.com/' }, body: '' }
        : undefined;
    const found = problems(await findings(settings()));
    expect(found).toMatchObject([
      { code: 'provider_unreachable', found: expect.stringContaining('redirect') },
    ]);
    expect(strict.asked).toEqual([METADATA]);
  });

  test('that answers the page of a proxy', async () => {
    strict.tweak = () => ({ headers: { 'content-type': 'text/html' }, body: '<h1>Please log in</h1>' });
    const found = problems(await findings(settings()));
    expect(found).toMatchObject([
      { code: 'provider_unreachable', found: expect.stringContaining('not JSON') },
    ]);
  });

  test.each([
    [404, 'not found'],
    [429, 'too many requests'],
    [503, 'an error of the provider'],
  ])('that answers %i', async (status, id) => {
    strict.tweak = () => ({ status, body: '' });
    expect(problems(await findings(settings()))).toMatchObject([{ found: expect.stringContaining(id) }]);
  });

  test.each([
    [{ issuer: 'https://other.example.com' }, 'issuer_mismatch'],
    [{ token_endpoint: 'http://idp.example.com/token' }, 'endpoint_insecure'],
    [{ jwks_uri: undefined }, 'endpoint_missing'],
    [{ grant_types_supported: ['implicit'] }, 'code_flow_missing'],
    [{ response_types_supported: ['id_token'] }, 'code_flow_missing'],
    [{ token_endpoint_auth_methods_supported: ['private_key_jwt'] }, 'client_authentication_missing'],
    [{ id_token_signing_alg_values_supported: ['HS256'] }, 'signature_unusable'],
  ])('whose metadata says %j', async (changes, code) => {
    tweakMetadata(changes);
    expect(codes(problems(await findings(settings())))).toContain(code);
  });

  test.each([
    [{ scopes_supported: ['openid'] }, 'scope_not_listed'],
    [{ code_challenge_methods_supported: undefined }, 'pkce_not_listed'],
    [{ end_session_endpoint: undefined }, 'sign_out_local'],
    [{ revocation_endpoint: undefined }, 'revocation_missing'],
  ])('whose metadata says %j, which is worth a note', async (changes, code) => {
    tweakMetadata(changes);
    const found = await findings(settings());
    expect(problems(found)).toEqual([]);
    expect(found.find((one) => one.code === code)?.level).toBe('note');
  });

  test('that has no usable key', async () => {
    strict.tweak = (path) =>
      path === '/jwks' ? { body: '{"keys":[{"kty":"oct","k":"x"},{"kty":"RSA","use":"enc"}]}' } : undefined;
    expect(codes(problems(await findings(settings())))).toContain('keys_unusable');
  });

  test('that takes pushed requests is asked by them', async () => {
    expect(problems(await findings(settings({ par: 'required' })))).toEqual([]);
    expect(strict.asked).toContain('/request');
  });

  test('that has no pushed requests, which par demands', async () => {
    tweakMetadata({ pushed_authorization_request_endpoint: undefined });
    expect(codes(problems(await findings(settings({ par: 'required' }))))).toContain('par_unavailable');
  });
});

describe('a provider without OpenID Connect', () => {
  const oauth = (changes: object = {}): ProviderSettings => ({
    ...settings(),
    type: 'oauth2',
    authorizeUrl: `${strict.issuer}/auth`,
    tokenUrl: `${strict.issuer}/token`,
    userUrl: `${strict.issuer}/me`,
    ...changes,
  });

  test('has redirect URI, client and clock looked at', async () => {
    const found = await findings(oauth());
    expect(problems(found)).toEqual([]);
    expect(codes(found)).toEqual(['redirect_uri', 'client_authentication', 'clock']);
  });

  test.each([
    [{ clientSecret: WRONG }, 'invalid_client'],
    [{ clientId: 'nobody' }, 'invalid_client'],
    [{ tokenUrl: 'http://id.example.com/token' }, 'issuer_insecure'],
  ])('and with %j is a problem', async (changes, code) => {
    expect(codes(problems(await findings(oauth(changes))))).toContain(code);
  });
});

describe('passwords', () => {
  const users = (usersFile: string): ProviderSettings => ({
    name: 'people',
    type: 'password',
    title: 'Password',
    place: usersFile,
    usersFile,
  });

  test('that cannot be read are a problem', async () => {
    expect(problems(await findings(users('/no/such/users.json')))).toMatchObject([
      { code: 'users_file_unreadable' },
    ]);
  });

  test('that can be read are in order', async () => {
    const found = await findings({
      ...users('one password'),
      usersFile: undefined,
      password: WRONG,
    } as never);
    expect(codes(found)).toContain('users_readable');
  });
});

describe('a provider that cannot be reached', () => {
  test('because nobody listens there', async () => {
    const server = createHttpServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    expect(problems(await findings(settings({ issuer: `http://127.0.0.1:${port}` })))).toMatchObject([
      { code: 'provider_unreachable', found: expect.stringContaining('connection refused') },
    ]);
  });

  test('because its certificate is signed by itself', async () => {
    const { server, port } = await tlsServer();
    const found = problems(await findings(settings({ issuer: `https://localhost:${port}` })));
    server.close();
    expect(found).toMatchObject([
      {
        found: expect.stringContaining('self-signed certificate'),
        fix: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
      },
    ]);
  });

  test('because its port does not speak TLS', async () => {
    const issuer = strict.issuer.replace('http:', 'https:');
    expect(problems(await findings(settings({ issuer })))).toMatchObject([
      { found: expect.stringContaining('no TLS there') },
    ]);
  });

  test('because it is plain http elsewhere', async () => {
    expect(problems(await findings(settings({ issuer: 'http://idp.example.com' })))).toMatchObject([
      { code: 'issuer_insecure' },
    ]);
  });
});

async function tlsServer(): Promise<{ server: Server; port: number }> {
  const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures', name));
  const server = createServer(
    { cert: fixture('localhost.cert.pem'), key: fixture('localhost.key.pem') },
    (_request, response) => response.end('{}'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}
