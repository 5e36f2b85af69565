import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { stranger } from '../bearer/issuer.ts';
import { stopApps, type TestApp } from './apps.ts';
import { mirror, productWith, SHOP, SHOP_PAGE, tokenOf, withToken } from './bearer.ts';
import { ask, closed, HANDSHAKE, head, NAVIGATION, openSocket, rawClient, socket } from './client.ts';
import { ORIGIN, stopAll, type TestGateway } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

const EMBED = { origins: [SHOP_PAGE], inline: true, script: false };

/** What the mirror was asked. */
const seen = (text: string): { url: string; headers: Record<string, string> } => JSON.parse(text);

async function withSockets(): Promise<TestApp> {
  const app = await mirror();
  const sockets = new WebSocketServer({ server: app.server });
  sockets.on('connection', (client, request) =>
    client.send(JSON.stringify({ url: request.url, headers: request.headers })),
  );
  return app;
}

/** Without one, a browser's page goes to sign-in. */
const BEARER = /^Authorization: Bearer/;

interface Brought {
  readonly headers?: readonly (readonly [string, string])[];
  readonly cookie?: string;
  readonly query?: string;
}

/** What somebody brings who must get nothing, and the status that says so. */
const WRONG: Readonly<Record<string, readonly [number, (gateway: TestGateway) => Promise<Brought>]>> = {
  'no token': [401, async () => ({})],
  'a token that is none': [401, async () => ({ headers: [['Authorization', 'Bearer nonsense']] })],
  'a token of a stranger’s key': [
    401,
    async () => ({ headers: [['Authorization', `Bearer ${await tokenOf({}, stranger.privateKey)}`]] }),
  ],
  'an expired token': [
    401,
    async () => {
      const now = Math.floor(Date.now() / 1000);
      return {
        headers: [['Authorization', `Bearer ${await tokenOf({ iat: now - 7200, exp: now - 3600 })}`]],
      };
    },
  ],
  'a token for another audience': [
    401,
    async () => ({
      headers: [['Authorization', `Bearer ${await tokenOf({ aud: 'https://elsewhere.example.com' })}`]],
    }),
  ],
  'a token for another app': [
    401,
    async () => ({
      headers: [['Authorization', `Bearer ${await tokenOf({ aud: 'https://payroll.example.com' })}`]],
    }),
  ],
  'a token of another issuer': [
    401,
    async () => ({
      headers: [['Authorization', `Bearer ${await tokenOf({ iss: 'https://evil.example' })}`]],
    }),
  ],
  'a good token in the query': [401, async () => ({ query: `access_token=${await tokenOf()}` })],
  'a good token as a ticket': [401, async () => ({ query: `portico_ticket=${await tokenOf()}` })],
  'a good token under another scheme': [
    401,
    async () => ({ headers: [['Authorization', `Token ${await tokenOf()}`]] }),
  ],
  'a good token in Proxy-Authorization': [
    401,
    async () => ({ headers: [['Proxy-Authorization', `Bearer ${await tokenOf()}`]] }),
  ],
  'two Authorization headers': [
    400,
    async () => {
      const token = await tokenOf();
      return {
        headers: [
          ['Authorization', `Bearer ${token}`],
          ['Authorization', `Bearer ${token}`],
        ],
      };
    },
  ],
  'a good token twice, once in the query': [
    400,
    async () => {
      const token = await tokenOf();
      return { headers: [['Authorization', `Bearer ${token}`]], query: `access_token=${token}` };
    },
  ],
  'a good cookie and a wrong token': [
    401,
    async (gateway) => ({
      headers: [['Authorization', 'Bearer nonsense']],
      cookie: await gateway.signIn(),
    }),
  ],
  'a good cookie and no token after the scheme': [
    400,
    async (gateway) => ({ headers: [['Authorization', 'Bearer']], cookie: await gateway.signIn() }),
  ],
};

describe.each(Object.entries(WRONG))('security fact 12: at every door, with %s', (_name, [status, make]) => {
  const lines = ({ headers = [] }: Brought): string[] => headers.map(([name, value]) => `${name}: ${value}`);
  const target = (path: string, { query }: Brought): string =>
    query === undefined ? path : `${path}?${query}`;

  test.each(['/sales/', '/sales/_dash-layout', '/sales/a/b/c', '/sales'])(
    'nothing is to be had of %s, by any method or as a page',
    async (path) => {
      const { app, gateway } = await productWith(await mirror());
      const brought = await make(gateway);
      for (const [method, kind] of [
        ['GET', 'Accept: */*'],
        ['POST', 'Accept: */*'],
        ['OPTIONS', 'Accept: */*'],
        ['GET', 'Sec-Fetch-Mode: navigate'],
      ] as const) {
        const client = await rawClient(gateway);
        client.send(
          head(
            `${method} ${target(path, brought)}`,
            brought.cookie ?? 'a=b',
            kind,
            'Connection: close',
            ...lines(brought),
          ),
        );
        const answer = await client.until(undefined);
        const toSignIn = kind.includes('navigate') && !lines(brought).some((line) => BEARER.test(line));
        expect([method, kind, answer.slice(0, 12)]).toEqual([
          method,
          kind,
          `HTTP/1.1 ${toSignIn ? 302 : status}`,
        ]);
        if (!toSignIn) expect(answer).toContain('www-authenticate: Bearer realm="portico"');
      }
      expect([app.connections, app.bytes]).toEqual([0, 0]);
    },
  );

  test('no WebSocket opens', async () => {
    const { app, gateway } = await productWith(await withSockets());
    const brought = await make(gateway);
    const client = await rawClient(gateway);
    client.send(
      head(`GET ${target('/sales/ws', brought)}`, brought.cookie ?? 'a=b', ...HANDSHAKE, ...lines(brought)),
    );
    const answer = await client.until('\r\n\r\n');
    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    expect([app.connections, app.bytes]).toEqual([0, 0]);
  });
});

describe('a good token', () => {
  test('opens every path and method without a cookie, from wherever it is sent, and says who is there', async () => {
    const { gateway } = await productWith(await mirror());
    const headers = {
      ...withToken(await tokenOf()),
      origin: 'https://anywhere.example',
      'sec-fetch-site': 'cross-site',
    };
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await ask(gateway, '/sales/api', { method, headers });
      expect([method, answer.status]).toEqual([method, 200]);
      expect(seen(answer.text).headers).toMatchObject({
        'x-forwarded-user': 'ada-1',
        'portico-assertion': expect.any(String),
      });
    }
  });

  test('never reaches the app, under any spelling of the header', async () => {
    const token = await tokenOf();
    const { gateway } = await productWith(await mirror());
    const cookie = await gateway.signIn();
    for (const name of ['Authorization', 'authorization', 'AUTHORIZATION']) {
      const answer = await ask(gateway, '/sales/', { headers: { [name]: `Bearer ${token}` } });
      expect([answer.status, answer.text.includes(token)]).toEqual([200, false]);
    }
    for (const name of ['Authori_zation', 'Authorization_', 'authori.zation']) {
      const answer = await ask(gateway, '/sales/', { cookie, headers: { [name]: `Bearer ${token}` } });
      expect([answer.status, answer.text.includes(token)]).toEqual([200, false]);
    }
    const basic = await ask(gateway, '/sales/', { cookie, headers: { authorization: 'Basic YWRh' } });
    expect([basic.status, seen(basic.text).headers['authorization']]).toEqual([200, undefined]);
    const plain = await ask(gateway, '/plain/', { cookie, headers: { authorization: 'Basic YWRh' } });
    expect([plain.status, seen(plain.text).headers['authorization']]).toEqual([200, 'Basic YWRh']);
    expect(gateway.log.join('')).not.toContain(token);
  });

  test('counts before a good cookie', async () => {
    const { gateway } = await productWith(await mirror());
    const answer = await ask(gateway, '/sales/', {
      cookie: await gateway.signIn(),
      headers: withToken(await tokenOf()),
    });
    expect(seen(answer.text).headers['x-forwarded-user']).toBe('ada-1');
  });

  test('opens no app that does not take it', async () => {
    const { app, gateway } = await productWith(await mirror());
    const headers = withToken(await tokenOf());
    expect((await ask(gateway, '/hr/', { headers })).status).toBe(401);
    expect((await ask(gateway, '/plain/', { headers })).status).toBe(401);
    expect((await ask(gateway, '/.auth/session', { headers })).status).toBe(401);
    expect(app.connections).toBe(0);
  });

  test('opens what policy allows its person, by HTTP and by WebSocket', async () => {
    const { gateway } = await productWith(await withSockets(), {
      rules: [{ path: '/admin/**', access: { public: false, allow: [{ kind: 'role', value: 'admin' }] } }],
    });
    const analyst = withToken(await tokenOf());
    const admin = withToken(await tokenOf({ sub: 'eve-1', roles: ['admin'] }));
    const refused = await ask(gateway, '/sales/admin/', { headers: analyst });
    expect([refused.status, JSON.parse(refused.text).error]).toEqual([403, 'forbidden']);
    expect((await ask(gateway, '/sales/admin/', { headers: admin })).status).toBe(200);
    const [error] = (await once(socket(gateway, '/sales/admin/ws', { headers: analyst }), 'error')) as [
      Error,
    ];
    expect(error.message).toBe('Unexpected server response: 403');
    (await openSocket(gateway, '/sales/admin/ws', { headers: admin })).close();
  });

  test('without a scope that is required gets 403, with the reason in the challenge', async () => {
    const { app, gateway } = await productWith(
      await mirror(),
      {},
      { bearer: [{ ...SHOP, scopes: ['apps', 'admin'] }] },
    );
    const answer = await ask(gateway, '/sales/', { headers: withToken(await tokenOf()) });
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([403, 'insufficient_scope']);
    expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope"');
    expect(app.connections).toBe(0);
  });
});

describe('a refused token', () => {
  test('is answered as RFC 6750 says, as data and as a page, and the reason stands in the audit', async () => {
    const { gateway } = await productWith(await mirror());
    const none = await ask(gateway, '/sales/api');
    expect(none.headers['www-authenticate']).toBe('Bearer realm="portico"');
    const now = Math.floor(Date.now() / 1000);
    const headers = withToken(await tokenOf({ iat: now - 7200, exp: now - 3600 }));
    const answer = await ask(gateway, '/sales/api', { headers });
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([401, 'invalid_token']);
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="portico", error="invalid_token", error_description="The token is expired, or not valid here."',
    );
    const page = await ask(gateway, '/sales/', { headers: { ...headers, ...NAVIGATION } });
    expect([page.status, page.headers['content-type']]).toEqual([401, 'text/html; charset=utf-8']);
    const denied = gateway.log.map((line) => JSON.parse(line)).filter(({ event }) => event === 'denied');
    expect(denied[0]).toMatchObject({ app: 'sales', path: '/sales/api', reason: expect.any(String) });
  });
});

test('a token is told of in the audit when it is first seen, without the token', async () => {
  const { gateway } = await productWith(await mirror());
  const token = await tokenOf();
  for (let i = 0; i < 3; i++) await ask(gateway, '/sales/', { headers: withToken(token) });
  const told = gateway.log.map((line) => JSON.parse(line)).filter(({ event }) => event === 'token_accepted');
  expect(told).toEqual([
    expect.objectContaining({
      audit: true,
      app: 'sales',
      provider: 'shop',
      subject: 'ada-1',
      sid: expect.any(String),
    }),
  ]);
});

describe('what a token has opened', () => {
  test('closes when the token ends', async () => {
    const { gateway } = await productWith(await withSockets());
    const token = await tokenOf({ exp: Math.floor(Date.now() / 1000) + 2 });
    const client = await openSocket(gateway, '/sales/ws', { headers: withToken(token) });
    expect(await closed(client)).toEqual({ code: 1008, reason: 'session ended: expired' });
    expect((await ask(gateway, '/sales/', { headers: withToken(token) })).status).toBe(401);
  });
});

test('an upgrade with a token in the header is asked for by no page, so its Origin says nothing', async () => {
  const { gateway } = await productWith(await withSockets(), { embed: EMBED });
  const client = socket(gateway, '/sales/ws?x=1', {
    headers: withToken(await tokenOf()),
    origin: 'https://anywhere.example',
  });
  const [message] = (await once(client, 'message')) as [Buffer];
  const told = seen(message.toString());
  expect([told.url, told.headers['origin'], told.headers['authorization']]).toEqual([
    '/sales/ws?x=1',
    ORIGIN,
    undefined,
  ]);
  client.close();
});
