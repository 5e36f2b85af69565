import { afterEach, describe, expect, test } from 'vitest';
import { httpApp, stopApps, type TestApp } from './apps.ts';
import { ask, NAVIGATION, rawClient } from './client.ts';
import { COOKIE, gatewayWith, HOST, SECRET, stopAll, type TestGateway } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

/** An app with one public path, one for admins, and a second app on its own host. */
async function before(): Promise<{ app: TestApp; gateway: TestGateway }> {
  const app = await httpApp((request, response) => void response.end(`inside ${request.url}`));
  const { upstream } = app;
  const gateway = await gatewayWith({
    apps: [
      {
        name: 'sales',
        at: '/sales',
        upstream,
        rules: [
          { path: '/health', access: { public: true } },
          { path: '/static/**', access: { public: true } },
          { path: '/admin/**', access: { public: false, allow: [{ kind: 'role', value: 'admin' }] } },
        ],
      },
      { name: 'lab', host: 'lab.example.com', upstream },
    ],
  });
  return { app, gateway };
}

/** Sends a target as it is: no client would. */
async function raw(gateway: TestGateway, target: string, ...lines: string[]): Promise<string> {
  const client = await rawClient(gateway);
  client.send(
    [`GET ${target} HTTP/1.1`, `Host: ${HOST}`, 'Connection: close', ...lines, '', ''].join('\r\n'),
  );
  return client.until(undefined);
}

describe('a public path is that path and nothing else', () => {
  test.each([
    ['GHSA-7rh7: the query', '/sales/secret?x=/sales/health'],
    ['GHSA-7rh7: the query begins like it', '/sales/secret?/static/'],
    ['CVE-2026-41059: a fragment', '/sales/secret#/sales/health'],
    ['CVE-2026-41059: an encoded fragment', '/sales/secret%23/sales/health'],
    ['a dot segment', '/sales/static/../secret'],
    ['an encoded dot segment', '/sales/static/%2e%2e/secret'],
    ['a dot segment with a parameter', '/sales/static/..;/secret'],
    ['an encoded slash', '/sales/static%2f..%2fsecret'],
    ['double encoding', '/sales/static/%252e%252e/secret'],
    ['a backslash', '/sales/static/..\\secret'],
    ['an encoded backslash', '/sales/static/..%5csecret'],
    ['an overlong slash', '/sales/static/..%c0%afsecret'],
    ['a double slash', '//sales/health'],
    ['more of it', '/sales/healthcheck'],
    ['capitals', '/sales/HEALTH'],
    ['a parameter', '/sales/health;x'],
    ['NUL', '/sales/health%00'],
  ])('%s', async (_name, target) => {
    const { app, gateway } = await before();
    expect(await raw(gateway, target)).toMatch(/^HTTP\/1\.1 (?:400|401|404) /);
    expect(app.connections).toBe(0);
  });

  test('CVE-2026-34457: whatever the User-Agent', async () => {
    const { app, gateway } = await before();
    for (const agent of ['kube-probe/1.30', 'GoogleHC/1.0', 'ELB-HealthChecker/2.0'])
      expect(await raw(gateway, '/sales/secret', `User-Agent: ${agent}`)).toMatch(/^HTTP\/1\.1 401 /);
    expect(app.connections).toBe(0);
  });

  test.each([
    'X-Forwarded-Uri: /sales/health',
    'X_Forwarded_Uri: /sales/health',
    'X-Original-URL: /sales/health',
    'X-Rewrite-URL: /sales/health',
  ])('CVE-2026-40575, CVE-2025-64484: whatever %s says', async (line) => {
    const { app, gateway } = await before();
    expect(await raw(gateway, '/sales/secret', line)).toMatch(/^HTTP\/1\.1 401 /);
    expect(app.connections).toBe(0);
  });

  test('CVE-2026-40912: the app sees the path that policy judged', async () => {
    const { gateway } = await before();
    const cookie = await gateway.signIn();
    expect((await ask(gateway, '/sales/static/a%20b?q=1')).text).toBe('inside /sales/static/a%20b?q=1');
    for (const target of ['/sales/admin', '/sales/admin/', '/sales/admin/x', '/sales/%61dmin/x'])
      expect([target, (await ask(gateway, target, { cookie })).status]).toEqual([target, 403]);
  });

  test('a prefix ends at a segment', async () => {
    const { gateway } = await before();
    const cookie = await gateway.signIn();
    expect((await ask(gateway, '/salesforce', { cookie })).status).toBe(404);
    expect((await ask(gateway, '/sales', { cookie })).text).toBe('inside /sales');
  });
});

describe('CVE-2026-48794: a host is the same host however it is written', () => {
  test.each([
    'lab.example.com',
    'LAB.Example.COM',
    'lab.example.com.',
    'lab.example.com:443',
    'LAB.EXAMPLE.COM.:8443',
  ])('%s', async (host) => {
    const { app, gateway } = await before();
    expect((await ask(gateway, '/', { headers: { host } })).status).toBe(401);
    const cookie = await gateway.signIn();
    expect((await ask(gateway, '/', { cookie, headers: { host } })).text).toBe('inside /');
    expect(app.connections).toBe(1);
  });

  test.each(['evil.example', 'lab.example.com.evil.example', 'xlab.example.com', '127.0.0.1', 'localhost'])(
    '%s is nobody',
    async (host) => {
      const { app, gateway } = await before();
      const cookie = await gateway.signIn();
      expect((await ask(gateway, '/', { cookie, headers: { host } })).status).toBe(404);
      expect(app.connections).toBe(0);
    },
  );

  test('the app is told the configured host, never the one that was sent', async () => {
    const app = await httpApp((request, response) => void response.end(JSON.stringify(request.headers)));
    const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
    const host = 'APPS.example.com:99';
    const told = JSON.parse(
      (await ask(gateway, '/', { cookie: await gateway.signIn(), headers: { host } })).text,
    );
    expect([told.host, told['x-forwarded-host']]).toEqual([HOST, HOST]);
  });
});

describe('CVE-2024-39315: no page tells a browser what only the server may know', () => {
  test('who-am-I has no token and no handle', async () => {
    const { gateway } = await before();
    const cookie = await gateway.signIn();
    const answer = await ask(gateway, '/.auth/session', { cookie });
    expect(Object.keys(JSON.parse(answer.text)).sort()).toEqual([
      'claims',
      'email',
      'expires_at',
      'groups',
      'name',
      'provider',
      'roles',
      'user',
    ]);
  });

  test.each([
    '/.auth/',
    '/.auth/session',
    '/.auth/logout',
    '/.auth/signed-out',
    '/sales/admin/x',
    '/nowhere',
    '/.auth/nowhere',
    '/.auth/metrics',
    '/.auth/readyz',
    '/.auth/jwks.json',
  ])('%s', async (path) => {
    const { gateway } = await before();
    const cookie = await gateway.signIn();
    const { text, rawHeaders } = await ask(gateway, path, { cookie, headers: NAVIGATION });
    const all = text + rawHeaders.join('\n');
    for (const secret of ['canary-access-token', cookie.slice(COOKIE.length + 1), SECRET])
      expect(all).not.toContain(secret);
  });
});

describe('own pages', () => {
  test('metrics are not for what came through a proxy', async () => {
    const { gateway } = await before();
    expect((await ask(gateway, '/.auth/metrics')).status).toBe(200);
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])
      expect((await ask(gateway, '/.auth/metrics', { headers: { [name]: '10.0.0.1' } })).status).toBe(404);
  });

  test('the prefix is reserved on every host and never reaches an app', async () => {
    const { app, gateway } = await before();
    const cookie = await gateway.signIn();
    for (const host of [HOST, 'lab.example.com'])
      for (const path of ['/.auth/nowhere', '/.auth', '/.auth/login/none/callback'])
        await ask(gateway, path, { cookie, headers: { host } });
    expect(app.connections).toBe(0);
  });

  test('readyz needs no host, and names nothing', async () => {
    const { gateway } = await before();
    const answer = await ask(gateway, '/.auth/readyz', { headers: { host: '10.0.0.9' } });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      { ready: true, draining: false, store: true, apps_not_ready: 0 },
    ]);
  });
});
