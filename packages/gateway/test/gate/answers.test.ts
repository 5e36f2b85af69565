import { afterEach, describe, expect, test } from 'vitest';
import { scriptedApp, stopApps } from './apps.ts';
import { type Answer, ask } from './client.ts';
import { gatewayWith, stopAll, type TestGatewayOptions } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

/** What a browser gets when the app answers with these header lines. */
async function answerOf(
  lines: readonly string[],
  options: Partial<TestGatewayOptions> = {},
): Promise<Answer> {
  const app = await scriptedApp(() => {
    const text = ['HTTP/1.1 200 OK', 'Content-Length: 2', ...lines, '', 'ok'].join('\r\n');
    return text.replaceAll('<port>', String(app.upstream.port));
  });
  const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }], ...options });
  return ask(gateway, '/', { cookie: await gateway.signIn() });
}

describe('cookies that an app sets', () => {
  test.each([
    '__Host-portico=x; Path=/; Secure',
    'portico=x',
    'PORTICO=x',
    ' portico =x',
    'portico',
    '__Secure-portico=x',
    '__host-portico-login-abc=x',
    'portico-anything=',
    '=portico=x',
    '= portico=x; Path=/',
    '=__Host-portico=x',
    'portico\t=x',
  ])('never bear a name of the gateway: %s', async (cookie) => {
    const answer = await answerOf([`Set-Cookie: ${cookie}`, 'sEt-cOOkie: theirs=1; Path=/x']);
    expect([answer.status, answer.headers['set-cookie']]).toEqual([200, ['theirs=1; Path=/x']]);
  });

  test.each(['porticox=1', 'my-portico=1', 'a=portico=1', 'a=b; portico=1'])(
    'go on otherwise: %s',
    async (cookie) => {
      expect((await answerOf([`Set-Cookie: ${cookie}`])).headers['set-cookie']).toEqual([cookie]);
    },
  );

  test('stay in their order, each in a line of its own', async () => {
    const answer = await answerOf(['Set-Cookie: a=1', 'Set-Cookie: b=2', 'Set-Cookie: a=3']);
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2', 'a=3']);
  });
});

describe('Location', () => {
  test.each([
    ['http://127.0.0.1:<port>/next?a=1', 'https://apps.example.com/next?a=1'],
    ['HTTP://127.0.0.1:<port>', 'https://apps.example.com'],
    ['http://127.0.0.1:<port>?x', 'https://apps.example.com?x'],
    ['/next', '/next'],
    ['https://elsewhere.example/x', 'https://elsewhere.example/x'],
    ['http://127.0.0.1:<port>.evil.example/', 'http://127.0.0.1:<port>.evil.example/'],
    ['http://127.0.0.1:<port>@evil.example/', 'http://127.0.0.1:<port>@evil.example/'],
  ])('%s', async (said, expected) => {
    const answer = await answerOf([`Location: ${said}`]);
    const { location } = answer.headers;
    expect(location?.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:<port>')).toBe(expected);
  });
});

test('an app cannot open itself to other sites, nor sign people out', async () => {
  const answer = await answerOf([
    'Access-Control-Allow-Origin: *',
    'access-control-allow-credentials: true',
    'Clear-Site-Data: "cookies"',
    'X-Kept: yes',
  ]);
  expect(Object.keys(answer.headers).sort()).toEqual(['connection', 'content-length', 'x-kept']);
});

test('what belongs to one connection stays there, and what the app nominates', async () => {
  const answer = await answerOf([
    'Connection: keep-alive, x-hop',
    'X-Hop: 1',
    'Keep-Alive: timeout=5',
    'Proxy-Authenticate: Basic',
    'Upgrade: h2c',
    'X-Kept: yes',
  ]);
  expect(Object.keys(answer.headers).sort()).toEqual(['connection', 'content-length', 'x-kept']);
});

test('reason, repeated headers and bytes beyond ASCII arrive as they were', async () => {
  const answer = await answerOf(['X-A: 1', 'X-A: 2', 'X-Name: J\xfcrgen']);
  expect(answer.headers['x-a']).toBe('1, 2');
  expect(answer.headers['x-name']).toBe('J\xfcrgen');
});
