import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { httpApp, stopApps, type TestApp } from './apps.ts';
import { ask, socket } from './client.ts';
import { gatewayWith, ORIGIN, stopAll, type TestGateway } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

async function before(): Promise<{ app: TestApp; gateway: TestGateway; cookie: string }> {
  const app = await httpApp((_request, response) => void response.end('done'));
  new WebSocketServer({ server: app.server });
  const gateway = await gatewayWith({
    apps: [{ name: 'sales', upstream: app.upstream, rules: [{ path: '/open', access: { public: true } }] }],
  });
  return { app, gateway, cookie: await gateway.signIn() };
}

const UNSAFE = ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'M-SEARCH', 'X-ANYTHING'];

/** CVE-2026-21883 compared a prefix only; the rest are other ways to look alike. */
const FOREIGN_ORIGINS = [
  'https://evil.example',
  'https://apps.example.com.evil.example',
  'https://apps.example.computer',
  'https://apps.example.com:8443',
  'https://apps.example.com@evil.example',
  'https://evil.example/https://apps.example.com',
  'https://apps.example.com/',
  'https://other.example.com',
  'http://apps.example.com',
  'HTTPS://APPS.EXAMPLE.COM',
  'null',
  '',
  'https://apps.example.com, https://apps.example.com',
];

type Headers = Readonly<Record<string, string>>;

const REFUSED: Headers[] = [
  {},
  ...FOREIGN_ORIGINS.map((origin) => ({ origin })),
  ...['same-site', 'cross-site', 'none', '', 'same-origin, cross-site'].map((site) => ({
    'sec-fetch-site': site,
  })),
  { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  { origin: 'https://other.example.com', 'sec-fetch-site': 'same-site' },
  { referer: `${ORIGIN}/page` },
];

const ACCEPTED: Headers[] = [
  { origin: ORIGIN },
  { 'sec-fetch-site': 'same-origin' },
  { origin: ORIGIN, 'sec-fetch-site': 'same-origin' },
];

describe('a request that could change something, with a session', () => {
  test.each(REFUSED)('is refused with %j', async (headers) => {
    const { app, gateway, cookie } = await before();
    for (const method of UNSAFE) {
      const answer = await ask(gateway, '/do', { method, cookie, headers });
      expect([method, answer.status, JSON.parse(answer.text).error]).toEqual([method, 403, 'cross_origin']);
    }
    expect(app.bytes).toBe(0);
  });

  test.each(ACCEPTED)('goes on with %j', async (headers) => {
    const { gateway, cookie } = await before();
    for (const method of UNSAFE.filter((name) => name !== 'X-ANYTHING')) {
      const answer = await ask(gateway, '/do', { method, cookie, headers });
      expect([method, answer.status]).toEqual([method, 200]);
    }
  });

  test('needs no proof when it is safe', async () => {
    const { gateway, cookie } = await before();
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      expect(
        (await ask(gateway, '/', { method, cookie, headers: { origin: 'https://evil.example' } })).status,
      ).toBe(200);
  });

  test('on a public path goes on as nobody', async () => {
    const seen: unknown[] = [];
    const { app, gateway, cookie } = await before();
    app.server.on('request', (request) => seen.push(request.headers['portico-assertion']));
    const headers = { origin: 'https://evil.example' };
    expect((await ask(gateway, '/open', { method: 'POST', cookie, headers })).status).toBe(200);
    await ask(gateway, '/open', { method: 'POST', cookie, headers: { origin: ORIGIN } });
    expect(seen).toEqual([undefined, expect.any(String)]);
  });
});

describe('a WebSocket upgrade (security fact 16, CVE-2026-44578)', () => {
  test.each([
    ...FOREIGN_ORIGINS.filter((origin) => origin !== '').map((origin): [string, Headers] => [
      origin,
      { origin },
    ]),
    ['no origin', { 'sec-fetch-site': 'same-origin' }] as [string, Headers],
  ])('from %s is refused before the app hears of it', async (_name, headers) => {
    const { app, gateway, cookie } = await before();
    const client = socket(gateway, '/', { cookie, headers, origin: undefined as unknown as string });
    const [error] = (await once(client, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 403');
    expect(app.connections).toBe(0);
  });

  test('from the own origin opens', async () => {
    const { gateway, cookie } = await before();
    const client = socket(gateway, '/', { cookie });
    await once(client, 'open');
    client.terminate();
  });

  test('of somebody who may not see the app is refused, as HTTP is', async () => {
    const app = await httpApp(() => undefined);
    const gateway = await gatewayWith({
      apps: [{ name: 'sales', upstream: app.upstream, allow: [{ kind: 'role', value: 'admin' }] }],
    });
    const cookie = await gateway.signIn();
    const client = socket(gateway, '/', { cookie });
    const [error] = (await once(client, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 403');
    expect((await ask(gateway, '/', { cookie })).status).toBe(403);
    expect(app.connections).toBe(0);
  });
});
