import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GatewayProcess } from '../../../../test/gateway-process.ts';
import { describeWith } from '../../../../test/support/requires.ts';
import { EXAMPLE_APPS } from '../../src/demo/examples.ts';
import { dash } from './doors/dash.ts';
import { ask, type Manner } from './support/ask.ts';
import { startDoorsGateway } from './support/doors-gateway.ts';
import { cookieOf } from './support/people.ts';
import { expectForbidden, expectTokenFirst } from './support/refusals.ts';

const SECRET = randomBytes(48).toString('base64url');
const HOST_PAGE = 'https://shop.example.com';
const AUDIENCE = 'https://apps.example.com';

/** What a host of its own signs for its user. */
async function tokenOf(claims: Readonly<Record<string, unknown>> = {}, secret = SECRET): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const usual = { iss: 'shop', aud: AUDIENCE, sub: 'ana', iat: now, exp: now + 600, roles: ['analyst'] };
  const person = { email: 'ana@example.com', email_verified: true };
  return new SignJWT({ ...usual, ...person, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(secret));
}

interface Knock {
  readonly path: string;
  readonly method: string;
  readonly manner: Manner;
  readonly body?: string | undefined;
}

/** Every endpoint of Dash with each of its methods, each asked as a page, as data and as an upgrade. */
const KNOCKS: readonly Knock[] = [
  ...dash.doors.flatMap(({ path, methods, body }) =>
    methods.flatMap((method) =>
      (['page', 'data', ...(method === 'GET' ? (['upgrade'] as const) : [])] as const).map((manner) => ({
        path: typeof path === 'string' ? path : '/_dash-component-suites/dash/deps/polyfill.min.js',
        method,
        manner,
        body: manner === 'upgrade' ? undefined : body,
      })),
    ),
  ),
  ...dash.sockets.map(({ path }) => ({ path, method: 'GET', manner: 'upgrade' as const })),
];

describeWith('python')('the doors of a Dash app that is embedded in a product', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-host-'));
  let gateway: GatewayProcess;

  beforeAll(async () => {
    const key = join(folder, 'secret');
    writeFileSync(key, SECRET);
    gateway = await startDoorsGateway({
      doors: [dash],
      config: {
        bearer: { shop: { issuer: 'shop', audience: AUDIENCE, key_file: key, algorithms: ['HS256'] } },
      },
      app: { bearer: ['shop'], embed: { origins: [HOST_PAGE], inline: true, script: true } },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const knock = ({ path, method, manner, body }: Knock, brought: Brought) =>
    ask(`${gateway.url}/dash${path}${brought.query === undefined ? '' : `?${brought.query}`}`, {
      method,
      manner,
      body,
      cookie: brought.cookie,
      headers: {
        ...(brought.token === undefined ? {} : { authorization: `Bearer ${brought.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    });

  interface Brought {
    readonly token?: string;
    readonly query?: string;
    readonly cookie?: string;
    /** Of the answer, when there is something wrong with a token. */
    readonly wrong?: number;
  }

  const ago = (seconds: number): number => Math.floor(Date.now() / 1000) - seconds;
  const STRANGERS: readonly (readonly [string, () => Promise<Brought>])[] = [
    ['no token', async () => ({})],
    ['a forged cookie and no token', async () => ({ cookie: `portico=${'A'.repeat(43)}` })],
    ['a good token in the query', async () => ({ query: `access_token=${await tokenOf()}` })],
    [
      'a token of somebody else’s secret',
      async () => ({ token: await tokenOf({}, 'x'.repeat(48)), wrong: 401 }),
    ],
    [
      'an expired token',
      async () => ({ token: await tokenOf({ iat: ago(900), exp: ago(300) }), wrong: 401 }),
    ],
    ['a token for another audience', async () => ({ token: await tokenOf({ aud: 'payroll' }), wrong: 401 })],
    [
      'a good cookie and a wrong token',
      async () => ({ token: 'nonsense', cookie: await cookieOf(gateway.url, 'ana'), wrong: 401 }),
    ],
    [
      'a token in the header and in the query',
      async () => ({ token: await tokenOf(), query: `access_token=${await tokenOf()}`, wrong: 400 }),
    ],
  ];

  test.each(STRANGERS)('give nothing to a client with %s', async (_name, bring) => {
    const brought = await bring();
    expect(KNOCKS.length).toBeGreaterThan(40);
    await Promise.all(
      KNOCKS.map(async (one) => {
        const what = `${one.method} ${one.path} as ${one.manner}`;
        expectTokenFirst(await knock(one, brought), one.manner, one.method, what, brought.wrong);
      }),
    );
  });

  test('give nothing of a token’s person who may not enter', async () => {
    const token = await tokenOf({ roles: [] });
    for (const one of KNOCKS) {
      const answer = await knock(one, { token });
      const { vary: _, ...headers } = answer.headers;
      const what = `${one.method} ${one.path} as ${one.manner}`;
      expectForbidden({ ...answer, headers }, one.manner, one.method, EXAMPLE_APPS.dash.title, what);
    }
  });

  test('are the app’s own for a good token, in a frame or without, and no cookie is needed', async () => {
    const token = await tokenOf();
    for (const { path, methods, status, says, body } of dash.doors) {
      if (typeof path !== 'string') continue;
      for (const method of methods) {
        const answer = await knock({ path, method, manner: 'data', body }, { token });
        const what = `${method} ${path}: ${answer.body.slice(0, 200)}`;
        expect(answer.status, what).toBe(status);
        if (says !== undefined && method !== 'HEAD') expect(answer.body, what).toContain(says);
        expect(answer.headers['access-control-allow-origin'], what).toBeUndefined();
        expect(answer.headers['content-security-policy'], what).toContain(
          `frame-ancestors 'self' ${HOST_PAGE}`,
        );
      }
    }
    for (const { path, status } of dash.sockets)
      expect((await knock({ path, method: 'GET', manner: 'upgrade' }, { token })).status).toBe(status);
  });

  test('have the script in their page, once', async () => {
    const answer = await knock({ path: '/', method: 'GET', manner: 'page' }, { token: await tokenOf() });
    expect(answer.body.split('<script src="/.auth/embed/app.js"></script>')).toHaveLength(2);
    expect(answer.body.indexOf('app.js')).toBeLessThan(answer.body.indexOf('</head>'));
    expect(answer.body).toContain('_dash-config');
  });
});
