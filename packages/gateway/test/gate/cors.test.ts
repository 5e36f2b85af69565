import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { httpApp, stopApps, type TestApp } from './apps.ts';
import { productWith, SHOP_PAGE, tokenOf, withToken } from './bearer.ts';
import { type Answer, ask } from './client.ts';
import { ORIGIN, stopAll } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

/** Allows everybody everything, as Bokeh and Gradio do. */
const generous = (): Promise<TestApp> =>
  httpApp((request, response) => {
    response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
    response.setHeader('access-control-allow-credentials', 'true');
    response.setHeader('access-control-allow-methods', 'TRACE');
    response.setHeader('access-control-allow-headers', '*');
    response.setHeader('access-control-allow-private-network', 'true');
    response.setHeader('access-control-expose-headers', 'x-secret');
    response.setHeader('access-control-max-age', '86400');
    response.end(request.headers.origin ?? 'no origin');
  });

const INLINE = { embed: { origins: [SHOP_PAGE], inline: true, script: false } };
const FRAMES = { embed: { origins: [SHOP_PAGE], inline: false, script: false } };

const corsOf = ({ headers }: Answer): [string, unknown][] =>
  Object.entries(headers).filter(([name]) => name.startsWith('access-control-'));

const PREFLIGHT = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization,x-app-header',
};

describe('a listed page of an inline app', () => {
  test('may read answers, without cookies, and no header of the app says otherwise', async () => {
    const { gateway } = await productWith(await generous(), INLINE);
    const headers = { ...withToken(await tokenOf()), origin: SHOP_PAGE };
    const answer = await ask(gateway, '/sales/api', { headers });
    expect(corsOf(answer)).toEqual([
      ['access-control-allow-origin', SHOP_PAGE],
      ['access-control-expose-headers', '*'],
    ]);
    expect([answer.headers.vary, answer.text]).toEqual(['Origin', ORIGIN]);
  });

  test('may read why it is refused, so that it can renew its token', async () => {
    const { gateway } = await productWith(await generous(), INLINE);
    for (const headers of [
      {},
      withToken('nonsense'),
      withToken(await tokenOf({ sub: 'x', aud: 'https://else' })),
    ]) {
      const answer = await ask(gateway, '/sales/api', { headers: { ...headers, origin: SHOP_PAGE } });
      expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([401, SHOP_PAGE]);
    }
  });

  test('has its preflights answered before the app hears of them, and nobody need be signed in', async () => {
    const { app, gateway } = await productWith(await generous(), INLINE);
    const headers = { ...PREFLIGHT, origin: SHOP_PAGE };
    const answer = await ask(gateway, '/sales/api', { method: 'OPTIONS', headers });
    expect([answer.status, app.connections]).toEqual([204, 0]);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': SHOP_PAGE,
      'access-control-allow-headers': 'authorization,x-app-header',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-max-age': '600',
      vary: 'Origin',
    });
    const odd = { ...headers, 'access-control-request-headers': 'a b, <script>' };
    const names = (await ask(gateway, '/sales/', { method: 'OPTIONS', headers: odd })).headers;
    expect(names['access-control-allow-headers']).toBe('Authorization, Content-Type');
  });

  test('lets no cookie be used across sites: what a cookie authenticates is judged by its Origin as ever', async () => {
    const { app, gateway } = await productWith(await generous(), INLINE);
    const cookie = await gateway.signIn();
    const answer = await ask(gateway, '/sales/api', {
      method: 'POST',
      cookie,
      headers: { origin: SHOP_PAGE },
    });
    expect([answer.status, JSON.parse(answer.text).error, app.connections]).toEqual([403, 'cross_origin', 0]);
  });
});

describe('no page gets permission to read', () => {
  const LOOKALIKES = [
    'https://shop.example.com.evil.example',
    'https://shop.example.com:8443',
    'http://shop.example.com',
    'https://SHOP.example.com',
    'https://xshop.example.com',
    'https://evil.example/https://shop.example.com',
    `${SHOP_PAGE}, ${SHOP_PAGE}`,
    'null',
    '*',
    ORIGIN,
  ];

  test.each(LOOKALIKES)('of an inline app when it is %s, as answer or preflight', async (origin) => {
    const { gateway } = await productWith(await generous(), INLINE);
    const token = withToken(await tokenOf());
    const asked = [
      await ask(gateway, '/sales/', { headers: { ...token, origin } }),
      await ask(gateway, '/sales/', { headers: { origin } }),
      await ask(gateway, '/sales/', { method: 'OPTIONS', headers: { ...PREFLIGHT, origin } }),
      await ask(gateway, '/sales/', { method: 'OPTIONS', headers: { ...token, ...PREFLIGHT, origin } }),
      await ask(gateway, '/.auth/embed/ticket', { method: 'OPTIONS', headers: { ...PREFLIGHT, origin } }),
    ];
    for (const answer of asked) expect(corsOf(answer)).toEqual([]);
  });

  test('of any app, whatever origin it has, unless it is the listed one', async () => {
    const { gateway } = await productWith(await generous(), INLINE);
    const token = withToken(await tokenOf());
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.webUrl().map((url) => new URL(url).origin),
          fc.stringMatching(/^[!-~]{1,40}$/),
        ),
        fc.constantFrom('/sales/', '/hr/', '/plain/', '/.auth/embed/ticket', '/.auth/session'),
        fc.constantFrom('GET', 'POST', 'OPTIONS'),
        async (origin, path, method) => {
          fc.pre(origin !== SHOP_PAGE);
          const answer = await ask(gateway, path, { method, headers: { ...token, ...PREFLIGHT, origin } });
          expect(corsOf(answer)).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('of an app that is only shown in frames, or not at all, even when it is listed', async () => {
    for (const [embed, path] of [
      [FRAMES, '/sales/'],
      [INLINE, '/plain/'],
    ] as const) {
      const { gateway } = await productWith(await generous(), embed);
      const cookie = await gateway.signIn();
      for (const method of ['GET', 'OPTIONS']) {
        const headers = { origin: SHOP_PAGE, ...PREFLIGHT };
        expect(corsOf(await ask(gateway, path, { method, cookie, headers }))).toEqual([]);
      }
      await gateway.stop();
    }
  });
});
