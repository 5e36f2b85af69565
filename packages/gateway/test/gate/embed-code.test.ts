import { afterEach, describe, expect, test } from 'vitest';
import { stopApps } from './apps.ts';
import { mirror, tokenOf, withToken } from './bearer.ts';
import { ask } from './client.ts';
import {
  codeFor,
  cookieOf,
  data,
  embeddingWith,
  IN_FRAME,
  PORTAL,
  redeem,
  SHOP_PAGE,
  step,
} from './embed.ts';
import { ORIGIN, stopAll } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

const FORM = { app: 'sales', origin: SHOP_PAGE };
const errorOf = (text: string): unknown => (JSON.parse(text) as { error: unknown }).error;

describe('a one-time code for a frame', () => {
  test('becomes a session there: of one app, partitioned by the site around it, and with nothing secret in the address', async () => {
    const gateway = await embeddingWith(await mirror());
    const code = await codeFor(gateway, await tokenOf());
    expect(code).toEqual({
      code: expect.stringMatching(/^[\w-]{43}$/),
      expires_in: 60,
      start: `${ORIGIN}/.auth/embed/start?code=${code.code}`,
      handle: expect.any(String),
    });
    const answer = await redeem(gateway, code.start, { returnTo: '/sales/a?b=c' });
    expect([answer.status, answer.headers.location]).toEqual([303, '/sales/a?b=c']);
    expect(answer.headers['referrer-policy']).toBe('no-referrer');
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^__Host-portico-embed-sales=[\w-]{43}; Path=\/; HttpOnly; SameSite=None; Partitioned; Max-Age=3600; Secure$/,
      ),
    ]);
    const seen = await data(gateway, cookieOf(answer));
    const { headers } = JSON.parse(seen.text) as { headers: Record<string, string> };
    expect(headers).toHaveProperty('portico-assertion');
    expect(headers).not.toHaveProperty('cookie');
  });

  test('is given to a server, which sends no Origin, for a form or JSON, with the token in the header', async () => {
    const gateway = await embeddingWith(await mirror());
    const headers = withToken(await tokenOf());
    const form = await step(gateway, 'code', FORM, headers);
    const json = await ask(gateway, '/.auth/embed/code', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(FORM),
    });
    expect([form.status, json.status]).toEqual([200, 200]);
  });

  test.each([
    ['without a token', {}, {}, 401, 'invalid_token'],
    [
      'with a token of another audience',
      { access_token: { aud: 'https://other.example.com' } },
      {},
      401,
      'invalid_token',
    ],
    ['with a token that has ended', { access_token: { exp: 1_700_000_000 } }, {}, 401, 'invalid_token'],
    [
      'for a page that is not listed',
      { access_token: {}, origin: 'https://evil.example' },
      { origin: 'https://evil.example' },
      403,
      'origin_not_allowed',
    ],
    [
      'for a page whose origin only begins alike',
      { access_token: {}, origin: `${SHOP_PAGE}.evil.example` },
      {},
      403,
      'origin_not_allowed',
    ],
    [
      'for another page than the one that asks',
      { access_token: {} },
      { origin: PORTAL },
      403,
      'origin_not_allowed',
    ],
    [
      'for a page without an origin of its own',
      { access_token: {} },
      { origin: 'null' },
      403,
      'origin_not_allowed',
    ],
    ['without a page', { access_token: {}, origin: '' }, {}, 400, 'invalid_request'],
    ['without an app', { access_token: {}, app: '' }, {}, 400, 'invalid_request'],
    [
      'for an app that does not exist',
      { access_token: {}, app: 'nowhere' },
      {},
      403,
      'embedding_not_allowed',
    ],
    ['for an app that no page may show', { access_token: {}, app: 'hr' }, {}, 403, 'embedding_not_allowed'],
  ])('is not given %s', async (_what, fields, headers, status, error) => {
    const gateway = await embeddingWith(await mirror());
    const { access_token: claims, ...rest } = fields as { access_token?: Record<string, unknown> };
    const token = claims === undefined ? {} : { access_token: await tokenOf(claims) };
    const answer = await step(gateway, 'code', { ...FORM, ...rest, ...token }, headers);
    expect([answer.status, errorOf(answer.text)]).toEqual([status, error]);
    expect(answer.headers['www-authenticate'] === undefined).toBe(status !== 401);
    const line = gateway.log.find((one) => one.includes('embed_refused'));
    expect(line).toContain(`"code":"${error}"`);
  });

  test.each([
    ['two tokens', 'access_token=a&app=sales', true],
    ['two pages', `origin=${SHOP_PAGE}&origin=${PORTAL}&app=sales`, true],
    ['two apps', `origin=${SHOP_PAGE}&app=sales&app=hr`, true],
  ])('is not given for %s in one request', async (_what, body) => {
    const gateway = await embeddingWith(await mirror());
    const headers = { ...withToken(await tokenOf()), 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await ask(gateway, '/.auth/embed/code', { method: 'POST', headers, body });
    expect([answer.status, errorOf(answer.text)]).toEqual([400, 'invalid_request']);
  });

  test('is asked for with POST, in a form or JSON', async () => {
    const gateway = await embeddingWith(await mirror());
    expect((await ask(gateway, '/.auth/embed/code')).status).toBe(405);
    const headers = { ...withToken(await tokenOf()), 'content-type': 'text/plain' };
    const plain = await ask(gateway, '/.auth/embed/code', { method: 'POST', headers, body: 'app=sales' });
    expect(plain.status).toBe(415);
    const list = await ask(gateway, '/.auth/embed/code', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '["sales"]',
    });
    expect([list.status, errorOf(list.text)]).toEqual([400, 'invalid_request']);
  });
});

describe('a code is redeemed', () => {
  test('once, also when two frames try at the same moment', async () => {
    const gateway = await embeddingWith(await mirror());
    const { start } = await codeFor(gateway, await tokenOf());
    const both = await Promise.all([redeem(gateway, start), redeem(gateway, start)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([303, 400]);
    const third = await redeem(gateway, start);
    expect(third.status).toBe(400);
    expect(third.headers).not.toHaveProperty('set-cookie');
    expect(third.text).toContain('data-reason="embed_code_invalid"');
    expect(third.headers['content-security-policy']).toContain(
      `frame-ancestors 'self' ${SHOP_PAGE} ${PORTAL}`,
    );
  });

  test('in no other page than the one it was made for, and is gone then', async () => {
    const gateway = await embeddingWith(await mirror());
    const { start } = await codeFor(gateway, await tokenOf());
    const elsewhere = await redeem(gateway, start, { headers: { referer: `${PORTAL}/` } });
    expect([elsewhere.status, elsewhere.text]).toEqual([
      403,
      expect.stringContaining('data-reason="origin_not_allowed"'),
    ]);
    expect(elsewhere.headers).not.toHaveProperty('set-cookie');
    expect((await redeem(gateway, start, { headers: { referer: `${SHOP_PAGE}/` } })).status).toBe(400);
  });

  test.each([
    ['in a tab of its own', { 'sec-fetch-dest': 'document' }],
    ['by a script', { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' }],
  ])('never %s, where a link of a stranger could sign somebody in', async (_what, headers) => {
    const gateway = await embeddingWith(await mirror());
    const { start } = await codeFor(gateway, await tokenOf());
    const answer = await redeem(gateway, start, { headers });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('data-reason="frame_required"');
    expect((await redeem(gateway, start)).status).toBe(303);
  });

  test.each(['', 'short', 'A'.repeat(43), `${'A'.repeat(42)}!`])(
    'not when it is made up: %j',
    async (code) => {
      const gateway = await embeddingWith(await mirror());
      const answer = await ask(gateway, `/.auth/embed/start?code=${code}`, { headers: IN_FRAME });
      expect(answer.status).toBe(400);
    },
  );

  test.each([
    ['/sales', '/sales'],
    ['/hr/', '/sales/'],
    ['https://evil.example/sales/', '/sales/'],
    ['//evil.example/', '/sales/'],
    ['/salesforce', '/sales/'],
    ['/.auth/logout', '/sales/'],
    ['/sales/../hr', '/sales/'],
  ])('and leads to a page of its app alone: %s to %s', async (returnTo, location) => {
    const gateway = await embeddingWith(await mirror());
    const { start } = await codeFor(gateway, await tokenOf());
    expect((await redeem(gateway, start, { returnTo })).headers.location).toBe(location);
  });
});

describe('pages of other sites', () => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    },
  });

  test('that are listed may ask, and read the answer; cookies do not count', async () => {
    const gateway = await embeddingWith(await mirror());
    const allowed = await ask(gateway, '/.auth/embed/code', preflight(SHOP_PAGE));
    expect(allowed.status).toBe(204);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': SHOP_PAGE,
      'access-control-allow-headers': 'authorization, content-type',
      vary: 'Origin',
    });
    expect(allowed.headers).not.toHaveProperty('access-control-allow-credentials');
    const refused = await step(gateway, 'code', FORM);
    expect(refused.headers['access-control-allow-origin']).toBe(SHOP_PAGE);
  });

  test('that are not get no permission for anything', async () => {
    const gateway = await embeddingWith(await mirror());
    for (const origin of ['https://evil.example', 'null', ORIGIN, `${SHOP_PAGE}:444`]) {
      const answers = [
        await ask(gateway, '/.auth/embed/code', preflight(origin)),
        await step(gateway, 'code', FORM, { origin }),
        await ask(gateway, '/.auth/embed/portico.js', { headers: { origin } }),
      ];
      for (const { headers } of answers) expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
    const context = await ask(gateway, '/.auth/embed/context', { headers: { origin: SHOP_PAGE } });
    expect(context.headers).not.toHaveProperty('access-control-allow-origin');
  });
});
