import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Browser } from '../login/browser.ts';
import { httpApp, rawApp, stopApps } from './apps.ts';
import { gatewayWith, SECRET, stopAll } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

const DEV = {
  personas: [{ id: 'ada', name: 'Ada Admin', email: 'ada@example.com', roles: ['admin'], groups: ['it'] }],
  tokenLifetime: 3_600_000,
};

test('a whole sign-in, with errors and denials around it, leaves no secret in a log, a page or a header', async () => {
  const seenByApp: string[] = [];
  const app = await httpApp((request, response) => {
    seenByApp.push(request.url ?? '', ...request.rawHeaders);
    response.end('inside');
  });
  const broken = await rawApp(
    (connection) => void connection.once('data', () => connection.end('nonsense\r\n\r\n')),
  );
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const gateway = await gatewayWith({
    publicUrl: origin,
    port,
    dev: DEV,
    apps: [
      { name: 'sales', at: '/sales', upstream: app.upstream },
      { name: 'broken', at: '/broken', upstream: broken.upstream },
      { name: 'closed', at: '/closed', upstream: app.upstream, allow: [{ kind: 'role', value: 'nobody' }] },
    ],
  });
  const browser = new Browser();
  const shown: string[] = [];
  const visit = async (path: string, init = {}): Promise<void> => {
    const page = await browser.fetch(origin + path, init);
    shown.push(page.body, page.headers.get('location')?.replace(/\?.*/, '') ?? '');
  };

  const end = await browser.signIn(origin, 'ada', '/sales/?x=1');
  expect([end.status, end.body]).toEqual([200, 'inside']);
  const secrets = new Map<string, string>([['secret', SECRET]]);
  for (const { name, value } of browser.cookie('portico')) secrets.set(`cookie ${name}`, value);
  for (const url of browser.visited) {
    for (const name of ['code', 'state', 'nonce', 'code_challenge'])
      secrets.set(`${name} of ${url.slice(0, 60)}`, new URL(url).searchParams.get(name) ?? '');
  }
  const callback = browser.visited.find((url) => url.includes('/callback?')) ?? '';

  for (const path of [
    '/sales/',
    '/broken/',
    '/closed/',
    '/.auth/session',
    '/.auth/',
    '/.auth/logout',
    '/nowhere',
    '/.auth/metrics',
  ])
    await visit(path, { headers: { accept: 'text/html' } });
  await visit(callback.slice(origin.length));
  await visit('/.auth/login/dev/callback?code=canary-code&state=canary-state');
  const session = browser.cookies.find(({ name }) => name === 'portico');
  browser.cookies = browser.cookies.filter((cookie) => cookie !== session);
  await visit('/.auth/login/dev/callback?code=canary-code&state=canary-state');
  await visit(callback.slice(origin.length));
  secrets.set('code', 'canary-code').set('state', 'canary-state');
  if (session !== undefined) browser.cookies.push(session);
  await visit('/.auth/logout', { method: 'POST' });
  await gateway.stop();

  const log = gateway.log.join('\n');
  expect(log).toContain('sign_in');
  expect(log).toContain('denied');
  expect(log).toContain('app_protocol');
  const places = { log, pages: shown.join('\n'), 'the app': seenByApp.join('\n') };
  let looked = 0;
  for (const [what, secret] of secrets) {
    if (secret.length < 8) continue;
    looked++;
    for (const [place, text] of Object.entries(places)) {
      if (text.includes(secret)) throw new Error(`${what} is in ${place}`);
    }
  }
  expect(looked).toBeGreaterThan(6);
});
