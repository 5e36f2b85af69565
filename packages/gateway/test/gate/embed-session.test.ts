import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { httpApp, stopApps, type TestApp } from './apps.ts';
import { mirror, tokenOf, withToken } from './bearer.ts';
import { ask, closed, NAVIGATION, openSocket, socket } from './client.ts';
import {
  COOKIE_NAME,
  codeFor,
  cookieOf,
  data,
  embedded,
  embeddingWith,
  IN_FRAME,
  OWN_FETCH,
  PORTAL,
  redeem,
  SHOP_PAGE,
  step,
} from './embed.ts';
import { COOKIE, stopAll } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

const idOf = (cookie: string): string => cookie.slice(cookie.indexOf('=') + 1);

/** An app with WebSockets that echo. */
async function echoing(): Promise<TestApp> {
  const app = await httpApp((_request, response) => response.end('inside'));
  new WebSocketServer({ server: app.server }).on('connection', (ws) => {
    ws.on('error', () => undefined);
    ws.on('message', (message) => ws.send(message));
  });
  return app;
}

const subjectOf = (text: string): unknown => {
  const { headers } = JSON.parse(text) as { headers: Record<string, string> };
  const [, payload = ''] = (headers['portico-assertion'] ?? '').split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()).sub;
};

describe('an embedded session', () => {
  test('is good for pages in a frame, what these ask for, and their WebSockets', async () => {
    const gateway = await embeddingWith(await echoing());
    const { cookie } = await embedded(gateway);
    expect((await ask(gateway, '/sales/', { cookie, headers: IN_FRAME })).text).toBe('inside');
    expect((await data(gateway, cookie)).text).toBe('inside');
    const own = { ...OWN_FETCH, origin: 'https://apps.example.com' };
    expect((await ask(gateway, '/sales/', { method: 'POST', cookie, headers: own })).status).toBe(200);
    const client = await openSocket(gateway, '/sales/ws', { cookie });
    client.send('hello');
    const [echo] = (await once(client, 'message')) as [Buffer];
    expect(String(echo)).toBe('hello');
  });

  test.each([
    ['a page in a tab of its own', '/sales/', { ...NAVIGATION, 'sec-fetch-dest': 'document' }, 302],
    [
      'another site’s image of the app',
      '/sales/logo.png',
      { 'sec-fetch-mode': 'no-cors', 'sec-fetch-site': 'cross-site' },
      401,
    ],
    ['another site’s script', '/sales/data', { ...OWN_FETCH, 'sec-fetch-site': 'same-site' }, 401],
    ['who does not say where it comes from', '/sales/data', {}, 401],
    ['another app', '/plain/', OWN_FETCH, 401],
    ['another app that takes tokens', '/hr/', OWN_FETCH, 401],
    ['who am I', '/.auth/session', OWN_FETCH, 401],
    ['the apps of a person', '/.auth/', IN_FRAME, 302],
  ])('is not good for %s', async (_what, path, headers, status) => {
    const gateway = await embeddingWith(await mirror());
    const { cookie } = await embedded(gateway);
    expect((await ask(gateway, path, { cookie, headers })).status).toBe(status);
  });

  test('is good under no other name, and an ordinary one is not good under its', async () => {
    const gateway = await embeddingWith(await mirror());
    const { cookie } = await embedded(gateway);
    const ordinary = await gateway.signIn();
    const swapped = [
      `${COOKIE}=${idOf(cookie)}`,
      `${COOKIE}=${idOf(cookie)};sales`,
      `${COOKIE}="${idOf(cookie)};sales"`,
      `__Host-portico-embed-hr=${idOf(cookie)}`,
      `${COOKIE_NAME}=${idOf(ordinary)}`,
    ];
    for (const one of swapped)
      for (const path of ['/sales/', '/hr/', '/plain/'])
        expect((await data(gateway, one, path)).status, `${one} at ${path}`).toBe(401);
  });

  test('opens no WebSocket for a page of another origin', async () => {
    const gateway = await embeddingWith(await echoing());
    const { cookie } = await embedded(gateway);
    const foreign = socket(gateway, '/sales/ws', { cookie, origin: SHOP_PAGE });
    const [error] = (await once(foreign, 'error')) as [Error];
    expect(error.message).toContain('401');
  });

  test('of one page and that of another are two, in one browser too: what ends one leaves the other', async () => {
    const gateway = await embeddingWith(await mirror());
    const shop = await embedded(gateway);
    const portal = await embedded(gateway, { origin: PORTAL, claims: { sub: 'bob-2' } });
    expect(shop.cookie).not.toBe(portal.cookie);
    const frames = [];
    for (const { cookie } of [shop, portal]) {
      const { headers } = await ask(gateway, '/sales/', { cookie, headers: IN_FRAME });
      frames.push(headers['content-security-policy']);
    }
    expect(frames).toEqual([`frame-ancestors 'self' ${SHOP_PAGE}`, `frame-ancestors 'self' ${PORTAL}`]);
    await step(gateway, 'end', { handle: shop.handle });
    expect((await data(gateway, shop.cookie)).status).toBe(401);
    expect(subjectOf((await data(gateway, portal.cookie)).text)).toBe('bob-2');
  });

  test('of one page gives way to that of another of the same site, where browsers share the cookies', async () => {
    const gateway = await embeddingWith(await echoing());
    const shop = await embedded(gateway);
    const end = closed(await openSocket(gateway, '/sales/ws', { cookie: shop.cookie }));
    const portal = await embedded(gateway, { origin: PORTAL, cookie: shop.cookie });
    expect(await end).toEqual({ code: 1008, reason: 'session ended: replaced' });
    expect((await data(gateway, shop.cookie)).status).toBe(401);
    expect((await data(gateway, portal.cookie)).status).toBe(200);
  });

  test('cannot be renewed, or ended, by another page that is listed as well', async () => {
    const gateway = await embeddingWith(await mirror());
    const { cookie, handle } = await embedded(gateway);
    const fields = { handle, access_token: await tokenOf() };
    for (const name of ['renew', 'end'])
      expect((await step(gateway, name, fields, { origin: PORTAL })).status).toBe(403);
    expect((await data(gateway, cookie)).status).toBe(200);
  });

  test('ends when an operator, or the configuration, takes it away', async () => {
    const app = await mirror();
    const gateway = await embeddingWith(app);
    const { cookie } = await embedded(gateway);
    const embed = { origins: [PORTAL], inline: false, script: false };
    const stricter = await embeddingWith(app, { embed }, { options: { store: gateway.store } });
    expect((await data(stricter, cookie)).status).toBe(401);
    expect((await data(gateway, cookie)).status).toBe(200);
  });
});

describe('renewing', () => {
  test('goes on under the same cookie with open sockets, and closes what a role that is gone had open', async () => {
    const gateway = await embeddingWith(await echoing(), { allow: [{ kind: 'role', value: 'analyst' }] });
    const now = Math.floor(Date.now() / 1000);
    const { cookie, handle } = await embedded(gateway, { claims: { exp: now + 60 } });
    const client = await openSocket(gateway, '/sales/ws', { cookie });
    const renewed = await step(gateway, 'renew', { handle, access_token: await tokenOf({ exp: now + 600 }) });
    expect(renewed.headers).not.toHaveProperty('set-cookie');
    expect(JSON.parse(renewed.text).expires_in).toBeGreaterThan(500);
    client.send('still here');
    await once(client, 'message');
    const end = closed(client);
    const less = await tokenOf({ exp: now + 900, roles: [] });
    expect((await step(gateway, 'renew', { handle, access_token: less })).status).toBe(200);
    expect(await end).toEqual({ code: 1008, reason: 'access changed' });
    expect((await data(gateway, cookie)).status).toBe(403);
  });

  test('of a session that is over says so in words for the page', async () => {
    const gateway = await embeddingWith(await mirror());
    const { handle, token } = await embedded(gateway);
    await step(gateway, 'end', { handle });
    const late = await step(gateway, 'renew', { handle, access_token: token });
    expect([late.status, JSON.parse(late.text).error]).toEqual([401, 'session_ended']);
    expect(late.headers['access-control-allow-origin']).toBe(SHOP_PAGE);
  });
});

describe('ending', () => {
  test('by its handle closes its sockets within a second, whether the token is still good or not', async () => {
    const gateway = await embeddingWith(await echoing());
    const mine = await embedded(gateway);
    const other = await embedded(gateway);
    const going = await openSocket(gateway, '/sales/ws', { cookie: mine.cookie });
    const staying = await openSocket(gateway, '/sales/ws', { cookie: other.cookie });
    const end = closed(going);
    const answer = await step(gateway, 'end', { handle: mine.handle });
    expect([answer.status, answer.text]).toEqual([200, '{"ended":1}']);
    expect(await end).toEqual({ code: 1008, reason: 'session ended: sign-out' });
    staying.send('still here');
    await once(staying, 'message');
  });

  test('by a token ends all of its person around the app, for a server that keeps no handles', async () => {
    const gateway = await embeddingWith(await mirror());
    const [one, two] = [await embedded(gateway), await embedded(gateway, { origin: PORTAL })];
    const bob = await embedded(gateway, { claims: { sub: 'bob-2' } });
    const ordinary = await gateway.signIn({ issuer: 'https://login.example.com', subject: 'ada-1' });
    const answer = await step(gateway, 'end', { app: 'sales' }, withToken(one.token));
    expect(answer.text).toBe('{"ended":2}');
    for (const { cookie } of [one, two]) expect((await data(gateway, cookie)).status).toBe(401);
    for (const cookie of [bob.cookie, ordinary]) expect((await data(gateway, cookie)).status).toBe(200);
  });

  test('does nothing with a session’s number out of a log', async () => {
    const gateway = await embeddingWith(await mirror());
    const { cookie } = await embedded(gateway);
    const line = gateway.log.find((one) => one.includes('embed_start')) ?? '{}';
    const { sid } = JSON.parse(line) as { sid: string };
    expect(sid).toMatch(/^[0-9a-f]{32}$/);
    expect((await step(gateway, 'end', { handle: sid })).text).toBe('{"ended":0}');
    expect((await step(gateway, 'end', {})).status).toBe(401);
    expect((await data(gateway, cookie)).status).toBe(200);
  });
});

test('a whole life leaves no token, code, handle or cookie in a log, a page or the app', async () => {
  const heard: string[] = [];
  const app = await httpApp((request, response) => {
    heard.push(request.url ?? '', ...request.rawHeaders);
    response.end('inside');
  });
  const gateway = await embeddingWith(app);
  const host = await tokenOf();
  const code = await codeFor(gateway, host);
  const begun = await redeem(gateway, code.start);
  const cookie = cookieOf(begun);
  const newer = await tokenOf({ jti: 'newer', exp: Math.floor(Date.now() / 1000) + 7200 });
  const shown = [
    await redeem(gateway, code.start, { cookie }),
    await ask(gateway, '/sales/', { cookie, headers: IN_FRAME }),
    await data(gateway, cookie),
    await step(gateway, 'renew', { handle: code.handle, access_token: newer }),
    await step(gateway, 'renew', { handle: code.handle, access_token: 'canary-no-token' }),
    await step(gateway, 'code', { app: 'sales', origin: PORTAL, access_token: 'canary-no-token' }),
    await step(gateway, 'end', { handle: code.handle, access_token: newer }),
    await ask(gateway, '/sales/', { cookie, headers: IN_FRAME }),
    await ask(gateway, '/.auth/metrics'),
  ];
  await gateway.stop();
  const places = {
    log: gateway.log.join('\n'),
    pages: [begun, ...shown].map(({ text }) => text).join('\n'),
    app: heard.join('\n'),
  };
  expect(places.log).toContain('embed_start');
  expect(places.log).toContain('embed_renew');
  expect(places.log).toContain('embed_end');
  expect(places.log).toContain('embed_refused');
  expect(places.pages).toContain('portico_embed_steps_total{app="sales",step="start",result="ok"} 1');
  const secrets = {
    host,
    newer,
    code: code.code,
    handle: code.handle,
    cookie: idOf(cookie),
    wrong: 'canary-no-token',
  };
  for (const [what, secret] of Object.entries(secrets))
    for (const [place, text] of Object.entries(places))
      if (text.includes(secret)) throw new Error(`${what} is in ${place}`);
});
