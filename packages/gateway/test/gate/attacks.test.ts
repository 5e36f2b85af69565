import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { Sealer } from '../../src/session/seal.ts';
import { httpApp, stopApps, type TestApp } from './apps.ts';
import { ask, HANDSHAKE, head, NAVIGATION, rawClient } from './client.ts';
import { COOKIE, gatewayWith, HOST, ORIGIN, SECRET, stopAll, type TestGateway } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

/** One server with two apps in the configuration: everybody may see what is not the sales'. */
async function twoAppsOfOneServer(): Promise<{ app: TestApp; gateway: TestGateway }> {
  const app = await httpApp((request, response) => void response.end(`inside ${request.url}`));
  const { upstream } = app;
  const gateway = await gatewayWith({
    apps: [
      { name: 'site', at: '/', upstream, rules: [{ path: '/**', access: { public: true } }] },
      { name: 'sales', at: '/sales', upstream, allow: [{ kind: 'role', value: 'sales' }] },
    ],
  });
  return { app, gateway };
}

describe('two apps on one server', () => {
  /** `/sales/secret` with any of its letters percent-encoded, which every server takes for the same path. */
  const spelling = fc
    .array(fc.constantFrom('as it is', 'upper', 'lower'), { minLength: 11, maxLength: 11 })
    .map((how) => {
      let at = 0;
      return '/sales/secret'.replace(/[a-z]/g, (letter) => {
        const hex = letter.charCodeAt(0).toString(16);
        const way = how[at++];
        return way === 'as it is' ? letter : `%${way === 'upper' ? hex.toUpperCase() : hex}`;
      });
    });

  test('are told apart by the path as the server reads it, however it is encoded', async () => {
    const { app, gateway } = await twoAppsOfOneServer();
    await fc.assert(
      fc.asyncProperty(spelling, async (path) => {
        expect((await ask(gateway, path)).status).toBe(401);
      }),
      { numRuns: 100 },
    );
    expect(app.connections).toBe(0);
  });

  test.each(['/sales;x/secret', '/sales;/secret', '/%73ales;a=b/secret', '/sales%3fx', '/sales%23x'])(
    '%s is neither’s: servers disagree about it',
    async (path) => {
      const { app, gateway } = await twoAppsOfOneServer();
      const cookie = await gateway.signIn({ roles: ['sales'] });
      expect((await ask(gateway, path, { cookie })).status).toBe(404);
      expect(app.connections).toBe(0);
    },
  );

  test('each gets its own paths as they were sent', async () => {
    const { gateway } = await twoAppsOfOneServer();
    const cookie = await gateway.signIn({ roles: ['sales'] });
    for (const path of [
      '/%73ales/secret',
      '/sales/a%20b',
      '/sales/a;b',
      '/other/%73ales',
      '/%C3%A9/x',
      '/a;b',
    ])
      expect((await ask(gateway, path, { cookie })).text).toBe(`inside ${path}`);
    expect((await ask(gateway, '/%73alesforce')).text).toBe('inside /%73alesforce');
  });
});

describe('a header that moves the app (Gunicorn takes SCRIPT_NAME off the path)', () => {
  test.each([
    'SCRIPT_NAME: /static',
    'script_name: /static',
    'Script-Name: /static',
    'SCRIPT.NAME: /static',
    'X-Script-Name: /static',
    'X_SCRIPT_NAME: /static',
    'PATH_INFO: /admin',
    'Path-Info: /admin',
    'X-Forwarded-Prefix: /static',
  ])('%s does not reach it', async (line) => {
    const heard: string[][] = [];
    const app = await httpApp((request, response) => {
      heard.push(request.rawHeaders);
      response.end();
    });
    const gateway = await gatewayWith({
      apps: [
        { name: 'sales', upstream: app.upstream, rules: [{ path: '/static/**', access: { public: true } }] },
      ],
    });
    const client = await rawClient(gateway);
    client.send(head('GET /static/admin', 'a=b', line, 'X-Plain: here', 'Connection: close'));
    expect(await client.until(undefined)).toMatch(/^HTTP\/1\.1 200 /);
    expect(heard[0]).toContain('X-Plain');
    expect(heard[0]?.join('\n')).not.toMatch(/script.name|path.info|prefix/i);
  });
});

describe('CVE-2022-29226: what somebody calls a token opens nothing', () => {
  const jwt = (header: object): string =>
    [header, { sub: 'ann-1', aud: 'sales', exp: 9_999_999_999 }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');

  test.each([
    ['any bearer token', 'Authorization: Bearer x'],
    ['an unsigned JWT', `Authorization: Bearer ${jwt({ alg: 'none' })}.`],
    ['a JWT that brings its key', `Authorization: Bearer ${jwt({ alg: 'HS256', jwk: {} })}.c2ln`],
    ['user and password', 'Authorization: Basic YW5uOmFubg=='],
    ['DPoP', 'Authorization: DPoP x'],
    ['the session as a bearer token', 'Authorization: Bearer SESSION'],
    ['the session in a header of its own', `${COOKIE}: SESSION`],
    ['a forged assertion', `Portico-Assertion: ${jwt({ alg: 'none' })}.`],
    ['a forged name', 'X-Forwarded-User: ann-1'],
  ])('%s', async (_what, line) => {
    const app = await httpApp((_request, response) => response.end('inside'));
    const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
    const session = (await gateway.signIn()).slice(COOKIE.length + 1);
    const query = `access_token=${session}&id_token=x&${COOKIE}=${session}`;
    for (const more of [[], HANDSHAKE]) {
      const client = await rawClient(gateway);
      client.send(head(`GET /?${query}`, 'a=b', line.replace('SESSION', session), ...more));
      expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 401 /);
      client.socket.destroy();
    }
    expect(app.connections).toBe(0);
  });
});

test('CVE-2023-48309: the cookie of a sign-in under way opens nothing as a session', async () => {
  const app = await httpApp((_request, response) => response.end('inside'));
  const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
  const sealer = new Sealer([SECRET]);
  const name = `${COOKIE}-login-${'a'.repeat(16)}`;
  const transaction = { state: 's', nonce: 'n', codeVerifier: 'v', provider: 'corp', returnTo: '/' };
  const sealed = sealer.sealText('login', JSON.stringify(transaction), name);
  const values = [sealed, sealed.slice(0, 43), 's'.repeat(43)];
  for (const value of values)
    for (const cookie of [`${COOKIE}=${value}`, `${name}=${value}`, `${name}=${value}; ${COOKIE}=${value}`])
      expect((await ask(gateway, '/', { cookie })).status).toBe(401);
  expect(app.connections).toBe(0);
});

describe('somebody who is nobody', () => {
  test('leaves nothing behind in memory or in the store, whatever they ask for', async () => {
    const app = await httpApp((_request, response) => response.end('inside'));
    const gateway = await gatewayWith({
      apps: [
        { name: 'sales', upstream: app.upstream, rules: [{ path: '/open', access: { public: true } }] },
        { name: 'lab', host: 'lab.example.com', upstream: app.upstream, guests: true },
      ],
      providers: [{ name: 'team', title: 'Team', type: 'password', place: '', password: 'correct horse' }],
    });
    const rows = async (): Promise<string[]> => {
      const keys: string[] = [];
      for await (const [key] of gateway.store.entries('')) keys.push(key);
      return keys.sort();
    };
    const before = await rows();
    const cookie = fc.constantFrom(
      '',
      `${COOKIE}=${'A'.repeat(43)}`,
      `${COOKIE}=x`,
      `${COOKIE}-login-x=y; ${COOKIE}-login-z=y`,
    );
    const path = fc.constantFrom(
      '/',
      '/open',
      '/.auth/',
      '/.auth/login?return_to=%2Fx',
      '/.auth/login/team',
      '/.auth/login/team/callback?code=x&state=y',
      '/.auth/login/none/callback?error=x&state=y',
      '/.auth/logout',
      '/.auth/logout/team/backchannel',
      '/.auth/session',
    );
    const request = fc.record({
      path,
      cookie,
      method: fc.constantFrom('GET', 'POST'),
      host: fc.constantFrom(HOST, 'lab.example.com'),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ path, cookie, method, host }) => {
        const body = method === 'POST' ? 'username=ann&password=wrong&logout_token=e30.e30.x' : undefined;
        const answer = await ask(gateway, path, {
          method,
          ...(cookie === '' ? {} : { cookie }),
          ...(body === undefined ? {} : { body }),
          headers: {
            ...NAVIGATION,
            host,
            origin: host === HOST ? ORIGIN : `https://${host}`,
            'content-type': 'application/x-www-form-urlencoded',
          },
        });
        expect(answer.status).toBeLessThan(500);
        for (const set of answer.headers['set-cookie'] ?? []) expect(set).toContain('Max-Age=0');
      }),
      { numRuns: 200 },
    );
    expect(await rows()).toEqual(before);
    const { text } = await ask(gateway, '/.auth/metrics');
    expect(text).toMatch(/^portico_sessions_live 0$/m);
    expect(text).toMatch(/^portico_connections_held 0$/m);
  });
});

describe('the own prefix in another spelling', () => {
  test.each([
    '/.auth%2fsession',
    '/.auth%2Fmetrics',
    '//.auth/session',
    '/./.auth/session',
    '/%2eauth/session',
    '/.auth/../.auth/session',
    '/.auth\\session',
  ])('%s is refused', async (path) => {
    const { app, gateway } = await twoAppsOfOneServer();
    const client = await rawClient(gateway);
    client.send(head(`GET ${path}`, await gateway.signIn()));
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    client.socket.destroy();
    expect(app.connections).toBe(0);
  });

  test.each([
    '/.AUTH/session',
    '/.auth;x/session',
    '/.authx/session',
    '/.%61uth/session',
    '/x/.auth/session',
  ])('%s tells nothing of the session: it is an app’s path like any other', async (path) => {
    const { gateway } = await twoAppsOfOneServer();
    expect((await ask(gateway, path, { cookie: await gateway.signIn() })).text).toBe(`inside ${path}`);
  });
});
