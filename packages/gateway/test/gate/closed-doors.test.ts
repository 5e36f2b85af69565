import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { httpApp, stopApps, type TestApp } from './apps.ts';
import { ask, HANDSHAKE, head, NAVIGATION, rawClient, socket } from './client.ts';
import { COOKIE, gatewayWith, stopAll, type TestGateway } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

async function closedApp(): Promise<{ app: TestApp; gateway: TestGateway }> {
  const app = await httpApp((_request, response) => response.end('inside'));
  const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
  return { app, gateway };
}

async function revoked(gateway: TestGateway): Promise<string> {
  const cookie = await gateway.signIn();
  const answer = await ask(gateway, '/.auth/logout', {
    method: 'POST',
    cookie,
    headers: { origin: 'https://apps.example.com' },
  });
  expect(answer.status).toBe(303);
  return cookie;
}

const STRANGERS: Readonly<
  Record<string, (gateway: TestGateway) => Promise<string | undefined> | string | undefined>
> = {
  'no cookie': () => undefined,
  'a forged cookie': () => `${COOKIE}=${'A'.repeat(43)}`,
  'a forged cookie of another length': () => `${COOKIE}=forged`,
  'an empty cookie': () => `${COOKIE}=`,
  'an expired session': async (gateway) => {
    const cookie = await gateway.signIn({}, { absolute: 0 });
    return cookie;
  },
  'a revoked session': revoked,
  'a session in capitals': async (gateway) => (await gateway.signIn()).toUpperCase(),
  'the plain name of the cookie': async (gateway) => (await gateway.signIn()).replace('__Host-', ''),
  'the __Secure- name of the cookie': async (gateway) =>
    (await gateway.signIn()).replace('__Host-', '__Secure-'),
  'the cookie within the value of another': async (gateway) => `a=b ${await gateway.signIn()}`,
  'the cookie behind a tab and not a semicolon': async (gateway) => `a=b\t${await gateway.signIn()}`,
  'a cookie header of quotes and commas': async (gateway) => `a="${await gateway.signIn()}", b`,
  'the cookie percent-encoded': async (gateway) => (await gateway.signIn()).replace('portico', 'portic%6f'),
  'two thousand cookies': () => Array.from({ length: 2_000 }, (_, i) => `c${i}=v`).join('; '),
  'a cookie of 20,000 bytes': () => `${COOKIE}=${'x'.repeat(20_000)}`,
};

describe.each(Object.entries(STRANGERS))('with %s', (_name, make) => {
  test('a page goes to sign-in, data gets 401, an upgrade 401, and not one byte reaches the app', async () => {
    const { app, gateway } = await closedApp();
    const cookie = await make(gateway);
    const given = cookie === undefined ? {} : { cookie };

    const page = await ask(gateway, '/reports?year=2026', { ...given, headers: NAVIGATION });
    expect(page.status).toBe(302);
    expect(page.headers.location).toBe('/.auth/login?return_to=%2Freports%3Fyear%3D2026');

    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      const data = await ask(gateway, '/api', { ...given, method, headers: { accept: '*/*' } });
      expect([method, data.status, data.headers['content-type']]).toEqual([method, 401, 'application/json']);
      expect(JSON.parse(data.text)).toEqual({ error: 'login_required', login: '/.auth/login' });
    }

    const upgrade = socket(gateway, '/stream', given);
    const [error] = (await once(upgrade, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 401');

    expect([app.connections, app.bytes]).toEqual([0, 0]);
  });
});

describe('with two session cookies', () => {
  test.each([
    ['the same twice', (cookie: string) => `${cookie}; ${cookie}`],
    ['a forged one first', (cookie: string) => `${COOKIE}=${'A'.repeat(43)}; x=y; ${cookie}`],
    ['a forged one last', (cookie: string) => `${cookie};${COOKIE}=forged`],
  ])('%s: 400, and the app hears nothing', async (_name, twice) => {
    const { app, gateway } = await closedApp();
    const cookie = twice(await gateway.signIn());
    expect((await ask(gateway, '/', { cookie, headers: NAVIGATION })).status).toBe(400);
    const data = await ask(gateway, '/', { cookie });
    expect([data.status, JSON.parse(data.text).error]).toEqual([400, 'duplicate_session_cookie']);
    const own = await ask(gateway, '/.auth/session', { cookie });
    expect(own.status).toBe(400);
    expect(app.connections).toBe(0);
  });

  test('in two Cookie lines count as two', async () => {
    const { app, gateway } = await closedApp();
    const cookie = await gateway.signIn();
    const client = await rawClient(gateway);
    client.send(head('GET /', cookie, `Cookie: ${cookie}`));
    await client.until('HTTP/1.1 400');
    expect(app.connections).toBe(0);
  });
});

describe('an upgrade request in disguise', () => {
  test.each([
    ['POST', 'POST /stream', ['Content-Length: 5']],
    ['GET with a body', 'GET /stream', ['Content-Length: 5']],
    ['another protocol', 'GET /stream', ['Upgrade: h2c']],
  ])('%s meets the same gate', async (_name, line, more) => {
    const { app, gateway } = await closedApp();
    const client = await rawClient(gateway);
    client.send(
      head(
        line,
        'a=b',
        ...HANDSHAKE.filter((h) => !more.some((m) => m.startsWith('Upgrade') && h.startsWith('Upgrade:'))),
        ...more,
      ) + (more[0]?.startsWith('Content') ? 'hello' : ''),
    );
    await client.until('HTTP/1.1 401');
    expect(app.connections).toBe(0);
  });
});

test('what the app gets from somebody signed in proves that the tests above can fail', async () => {
  const { app, gateway } = await closedApp();
  const answer = await ask(gateway, '/', { cookie: await gateway.signIn() });
  expect([answer.status, answer.text, app.connections]).toEqual([200, 'inside', 1]);
});
