import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { SqliteStore } from '../../src/session/stores/sqlite.ts';
import { httpApp, stopApps } from './apps.ts';
import { ask, closed, NAVIGATION, openSocket } from './client.ts';
import { gatewayWith, SECRET, stopAll } from './gateway.ts';

const folder = mkdtempSync(join(tmpdir(), 'portico-revoke-'));

afterEach(async () => {
  await stopAll();
  await stopApps();
  rmSync(folder, { recursive: true, force: true });
});

test('`portico sessions revoke` in another process closes the sockets of that person, and only those', async () => {
  const path = join(folder, 'portico.db');
  const app = await httpApp((_request, response) => void response.end('inside'));
  new WebSocketServer({ server: app.server }).on('connection', (ws) =>
    ws.on('message', (data) => ws.send(data)),
  );
  const gateway = await gatewayWith({
    apps: [{ name: 'sales', upstream: app.upstream }],
    options: { store: new SqliteStore(path) },
  });
  const [ann, bob] = [
    await gateway.signIn(),
    await gateway.signIn({ subject: 'bob', email: 'bob@example.com' }),
  ];
  const [going, staying] = [
    await openSocket(gateway, '/', { cookie: ann }),
    await openSocket(gateway, '/', { cookie: bob }),
  ];
  const end = closed(going);
  const main = join(import.meta.dirname, '../../src/main.ts');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [main, 'sessions', 'revoke', 'ann@example.com', '--store', `sqlite:${path}`],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, PORTICO_COOKIE_SECRET: SECRET, PORTICO_SECRET: SECRET },
    },
  );
  expect(stdout).toBe('Ended 1 session.\n');
  expect(await end).toEqual({ code: 1008, reason: 'session ended: revoked' });
  expect((await ask(gateway, '/', { cookie: ann })).status).toBe(401);
  const echo = new Promise((resolve) => staying.on('message', (data) => resolve(String(data))));
  staying.send('still here');
  expect(await echo).toBe('still here');
});

test('while the provider is down sign-in is a page that says so, and live sessions go on', async () => {
  const app = await httpApp((_request, response) => void response.end('inside'));
  const nowhere = await httpApp(() => undefined);
  await nowhere.stop();
  const issuer = `http://127.0.0.1:${nowhere.upstream.port}`;
  const gateway = await gatewayWith({
    apps: [{ name: 'sales', upstream: app.upstream }],
    providers: [
      {
        name: 'corp',
        type: 'oidc',
        title: 'Corp',
        place: issuer,
        issuer,
        clientId: 'portico',
        clientSecret: 'canary-client-secret',
        scope: 'openid',
        extraParams: {},
        rolesClaim: 'roles',
        groupsClaim: 'groups',
      },
    ],
  });
  const cookie = await gateway.signIn();
  const page = await ask(gateway, '/.auth/login?return_to=%2F', { headers: NAVIGATION });
  expect([page.status >= 500, page.headers['content-type']]).toEqual([true, 'text/html; charset=utf-8']);
  expect(page.text).not.toContain(issuer);
  expect((await ask(gateway, '/', { cookie })).text).toBe('inside');
  expect(gateway.log.join('\n')).not.toContain('canary-client-secret');
});
