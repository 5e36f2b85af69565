import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import { httpApp, stopApps } from './apps.ts';
import { type Answer, type Ask, ask, head, rawClient } from './client.ts';
import { ANN, gatewayWith, ORIGIN, stopAll, type TestGateway, type TestGatewayOptions } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

interface Seen {
  /** Header names as the app read them, lower case, with all values. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly trailers: IncomingMessage['trailers'];
}

/** A gateway with one app that tells what it was told. */
async function mirror(options: Partial<TestGatewayOptions> = {}): Promise<{
  gateway: TestGateway;
  seen: (ask: Ask) => Promise<Seen>;
  answer: (ask: Ask) => Promise<Answer>;
}> {
  const app = await httpApp((request, response) => {
    request.resume().on('end', () => {
      const { rawHeaders, trailers } = request;
      const headers = rawHeaders.flatMap((name, i) =>
        i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1]]] : [],
      );
      response.end(JSON.stringify({ headers, trailers }));
    });
  });
  const gateway = await gatewayWith({
    apps: [
      { name: 'sales', upstream: app.upstream, rules: [{ path: '/open/**', access: { public: true } }] },
    ],
    ...options,
  });
  const cookie = await gateway.signIn();
  const answer = (options: Ask) => ask(gateway, '/', { cookie, ...options });
  return { gateway, answer, seen: async (options) => JSON.parse((await answer(options)).text) as Seen };
}

const names = (seen: Seen): string[] => seen.headers.map(([name]) => name);
const headerOf = (seen: Seen, name: string): string | undefined =>
  seen.headers.find(([found]) => found === name)?.[1];

describe('what the app is told', () => {
  test('is an assertion that verifies with the published keys', async () => {
    const { gateway, seen } = await mirror();
    const assertion = headerOf(await seen({}), 'portico-assertion') ?? '';
    const jwks = JSON.parse((await ask(gateway, '/.auth/jwks.json')).text) as JSONWebKeySet;
    const { payload, protectedHeader } = await jwtVerify(assertion, createLocalJWKSet(jwks), {
      issuer: ORIGIN,
      audience: 'sales',
      typ: 'portico+jwt',
      algorithms: ['ES256'],
    });
    expect(payload).toMatchObject({ sub: 'ann-1', email: 'ann@example.com', roles: ['analyst'] });
    expect(protectedHeader.kid).toBe(jwks.keys[0]?.kid);
    expect(jwks.keys.every((key) => !('d' in key))).toBe(true);
  });

  test('has plain names beside, and the canonical outside address', async () => {
    const { seen } = await mirror();
    const told = await seen({});
    expect(headerOf(told, 'x-forwarded-user')).toBe('ann-1');
    expect(headerOf(told, 'x-forwarded-email')).toBe('ann@example.com');
    expect(headerOf(told, 'x-forwarded-host')).toBe('apps.example.com');
    expect(headerOf(told, 'x-forwarded-proto')).toBe('https');
    expect(headerOf(told, 'host')).toBe('apps.example.com');
    expect(headerOf(told, 'x-forwarded-for')).toBe('127.0.0.1');
  });

  test.each([
    ['X-Streamlit-User', 'st.experimental_user of older Streamlit'],
    ['X_Authentik_Username', 'authentik'],
    ['X-Consumer-Username', 'Kong'],
    ['Tailscale-User-Login', 'Tailscale'],
    ['X-SSL-Client-S-DN', 'a server that asks for certificates'],
  ])('is not what a client says by %s, by which an app knew people behind %s', async (name) => {
    const { seen } = await mirror();
    const told = await seen({ headers: { [name]: 'eyJlbWFpbCI6ImJvc3NAZXhhbXBsZS5jb20ifQ' } });
    expect(names(told)).not.toContain(name.toLowerCase());
  });

  test('is minted once and used again, for each app its own', async () => {
    const { seen } = await mirror();
    const first = headerOf(await seen({}), 'portico-assertion');
    expect(headerOf(await seen({}), 'portico-assertion')).toBe(first);
  });

  test.each([
    ['umlauts', 'Jürgen Müller', 'JÃ¼rgen MÃ¼ller'],
    ['kanji', '山田', Buffer.from('山田', 'utf8').toString('latin1')],
    ['line breaks', 'Eve\r\nX-Forwarded-User: admin', 'Eve  X-Forwarded-User: admin'],
    ['NUL and DEL', 'a\u0000b\u007fc', 'a b c'],
  ])('a name with %s cannot break out of its line', async (_what, name, sent) => {
    const { gateway } = await mirror();
    const cookie = await gateway.signIn({ name });
    const told = JSON.parse((await ask(gateway, '/', { cookie })).text) as Seen;
    expect(headerOf(told, 'x-forwarded-preferred-username')).toBe(sent);
    expect(told.headers.filter(([found]) => found === 'x-forwarded-user')).toEqual([
      ['x-forwarded-user', ANN.subject],
    ]);
  });

  test('on a public path without a session is nothing, whatever the client claims', async () => {
    const { gateway } = await mirror();
    const headers = { 'portico-assertion': 'forged', 'x-forwarded-user': 'admin' };
    const told = JSON.parse((await ask(gateway, '/open/x', { headers })).text) as Seen;
    expect(names(told)).not.toContain('portico-assertion');
    expect(names(told)).not.toContain('x-forwarded-user');
  });
});

const SPOOFED = [
  'Portico-Assertion',
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Forwarded-Access-Token',
  'X-Forwarded-Uri',
  'X-Forwarded-Prefix',
  'X-Forwarded-Port',
  'X-Forwarded-Ssl',
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-MS-CLIENT-PRINCIPAL',
  'X-MS-CLIENT-PRINCIPAL-NAME',
  'X-MS-TOKEN-AAD-ID-TOKEN',
  'X-Goog-Authenticated-User-Email',
  'X-Goog-IAP-JWT-Assertion',
  'Cf-Access-Jwt-Assertion',
  'Cf-Access-Authenticated-User-Email',
  'Shiny-Server-Credentials',
  'X-Remote-User',
  'Remote-User',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Real-IP',
  'Forwarded',
  'Proxy',
  'X-Amzn-Oidc-Data',
  'Plotly-User-Data',
];

describe('what a client calls by a name of identity never arrives (CVE-2025-64484, CVE-2026-88011)', () => {
  const fold = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-');
  const known = new Set(SPOOFED.map(fold));

  test('in any spelling', async () => {
    const { seen } = await mirror();
    const spelling = fc
      .tuple(
        fc.constantFrom(...SPOOFED),
        fc.array(fc.constantFrom('-', '_', '.'), { minLength: 8, maxLength: 8 }),
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
      )
      .map(([name, signs, capitals]) =>
        [...name]
          .map((letter, i) =>
            letter === '-'
              ? (signs[i % 8] ?? '-')
              : capitals[i]
                ? letter.toUpperCase()
                : letter.toLowerCase(),
          )
          .join(''),
      );
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(spelling, { minLength: 1, maxLength: 12 }), async (spellings) => {
        const told = await seen({
          headers: Object.fromEntries(spellings.map((name) => [name, 'spoofed-by-client'])),
        });
        const arrived = told.headers.filter(
          ([name, value]) => known.has(fold(name)) && value.includes('spoofed'),
        );
        expect(arrived).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('while other names do, so that the test above can fail', async () => {
    const { seen } = await mirror();
    expect(headerOf(await seen({ headers: { 'x-custom_thing': 'spoofed' } }), 'x-custom_thing')).toBe(
      'spoofed',
    );
  });

  test('nor as a trailer', async () => {
    const { gateway } = await mirror();
    const client = await rawClient(gateway);
    const lines = ['Transfer-Encoding: chunked', `Origin: ${ORIGIN}`, 'Connection: close'];
    const trailers = 'X_Forwarded.User: admin\r\nPortico-Assertion: x\r\nCookie: a=b\r\nX-Checksum: 1\r\n';
    client.send(`${head('POST /', await gateway.signIn(), ...lines)}2\r\nhi\r\n0\r\n${trailers}\r\n`);
    const text = await client.until(undefined);
    expect(text).toContain('"trailers":{"x-checksum":"1"}');
  });
});

describe('CVE-2026-33805: headers that the client nominates in Connection', () => {
  test.each([
    'Portico-Assertion',
    'close, portico-assertion, X-Forwarded-User',
    'x-forwarded-for',
    'X-Forwarded-Host,x-forwarded-proto',
    'host',
    'Cookie',
  ])('cannot take ours away: %s', async (connection) => {
    const { seen } = await mirror();
    const told = await seen({ headers: { connection } });
    for (const name of [
      'portico-assertion',
      'x-forwarded-user',
      'x-forwarded-for',
      'x-forwarded-host',
      'host',
    ])
      expect(names(told).filter((found) => found === name)).toEqual([name]);
  });

  test('go no further themselves, nor does anything of one connection', async () => {
    const { seen } = await mirror();
    const headers = {
      connection: 'keep-alive, x-secret',
      'x-secret': '1',
      te: 'trailers',
      'proxy-authorization': 'Basic x',
      'proxy-connection': 'keep-alive',
      'keep-alive': 'timeout=5',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
    };
    const told = names(await seen({ headers }));
    for (const name of Object.keys(headers)) expect([name, told.includes(name)]).toEqual([name, false]);
  });
});

describe('cookies', () => {
  test("the gateway's own never reach an app, the others do, unchanged", async () => {
    const { gateway } = await mirror();
    const own = await gateway.signIn();
    const all = `a=1; ${own}; __Host-portico-login-abc=x; portico=y; __Secure-portico=z; PORTICO-x=1; b="2; 3"; porticox=4`;
    const told = JSON.parse((await ask(gateway, '/', { cookie: all })).text) as Seen;
    expect(headerOf(told, 'cookie')).toBe('a=1; b="2; 3"; porticox=4');
  });

  test('alone they leave no Cookie header at all', async () => {
    const { seen } = await mirror();
    expect(names(await seen({}))).not.toContain('cookie');
  });
});

describe('who asks (CVE-2026-40575)', () => {
  test.each([
    ['from nobody listed', [], '203.0.113.9', '127.0.0.1'],
    ['from a listed proxy', ['127.0.0.0/8'], '203.0.113.9', '203.0.113.9'],
    ['with claims of the client left of it', ['127.0.0.0/8'], '10.9.9.9, 203.0.113.9', '203.0.113.9'],
    [
      'through two listed proxies',
      ['127.0.0.0/8', '10.0.0.0/8'],
      '1.1.1.1, 203.0.113.9, 10.0.0.2',
      '203.0.113.9',
    ],
    ['with a port', ['127.0.0.1'], '203.0.113.9:4711', '203.0.113.9'],
    ['with IPv6 and a port', ['127.0.0.1'], '[2001:db8::1]:4711', '2001:db8::1'],
    ['with nonsense nearest', ['127.0.0.1'], '203.0.113.9, unknown', '127.0.0.1'],
    ['with nothing', ['127.0.0.1'], '', '127.0.0.1'],
    ['with bad digits', ['127.0.0.1'], '1.2.3.999', '127.0.0.1'],
  ])('X-Forwarded-For %s', async (_name, trustedProxies, claimed, expected) => {
    const { seen } = await mirror({ trustedProxies });
    const told = await seen({ headers: { 'x-forwarded-for': claimed } });
    expect(headerOf(told, 'x-forwarded-for')).toBe(expected);
  });

  test('other X-Forwarded names are not believed even of a listed proxy', async () => {
    const { seen } = await mirror({ trustedProxies: ['127.0.0.1'] });
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      'x-forwarded-uri': '/open/',
    };
    const told = await seen({ headers });
    expect(headerOf(told, 'x-forwarded-host')).toBe('apps.example.com');
    expect(headerOf(told, 'x-forwarded-proto')).toBe('https');
    expect(names(told)).not.toContain('x-forwarded-uri');
  });
});
