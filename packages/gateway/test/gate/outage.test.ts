import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { storeUnavailable } from '../../src/session/store.ts';
import { SqliteStore } from '../../src/session/stores/sqlite.ts';
import { httpApp, stopApps } from './apps.ts';
import { ask, NAVIGATION, openSocket, socket } from './client.ts';
import { gatewayWith, stopAll, type TestGateway } from './gateway.ts';

const folders: string[] = [];

afterEach(async () => {
  await stopAll();
  await stopApps();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('while the store does not answer', () => {
  /** A gateway whose store can be taken away. */
  async function before(): Promise<{
    gateway: TestGateway;
    asked: () => number;
    cut: (down: boolean) => void;
  }> {
    let down = false;
    const app = await httpApp((_request, response) => void response.end('inside'));
    const gateway = await gatewayWith({
      apps: [{ name: 'sales', upstream: app.upstream }],
      onStore: (memory) =>
        new Proxy(memory, {
          get(target, name) {
            const value = Reflect.get(target, name) as unknown;
            if (typeof value !== 'function') return value;
            return (...args: unknown[]) => {
              if (down && ['get', 'set', 'replace', 'delete', 'withLock'].includes(String(name)))
                return Promise.reject(
                  storeUnavailable('the store is down', new Error('canary-of-the-store')),
                );
              return Reflect.apply(value, target, args) as unknown;
            };
          },
        }),
    });
    return {
      gateway,
      asked: () => app.connections,
      cut: (now) => {
        down = now;
      },
    };
  }

  test('a session that is not in memory is refused with 503, in words, and the app hears nothing', async () => {
    const { gateway, asked, cut } = await before();
    const cookie = await gateway.signIn();
    cut(true);
    const page = await ask(gateway, '/', { cookie, headers: NAVIGATION });
    expect(page.status).toBe(503);
    expect(page.text).not.toContain('canary-of-the-store');
    const data = await ask(gateway, '/', { cookie });
    expect([data.status, JSON.parse(data.text).error]).toEqual([503, 'store_unavailable']);
    const upgrade = socket(gateway, '/', { cookie });
    const error = await new Promise<Error>((resolve) => upgrade.on('error', resolve));
    expect(error.message).toBe('Unexpected server response: 503');
    expect(asked()).toBe(0);
    expect((await ask(gateway, '/.auth/readyz')).status).toBe(503);
    expect((await ask(gateway, '/.auth/healthz')).status).toBe(200);
  });

  test('one that is in memory goes on, and afterwards everybody does', async () => {
    const { gateway, cut } = await before();
    const [inMemory, other] = [await gateway.signIn(), await gateway.signIn({ subject: 'bob' })];
    expect((await ask(gateway, '/', { cookie: inMemory })).status).toBe(200);
    cut(true);
    expect((await ask(gateway, '/', { cookie: inMemory })).text).toBe('inside');
    expect((await ask(gateway, '/', { cookie: other })).status).toBe(503);
    cut(false);
    expect((await ask(gateway, '/', { cookie: other })).text).toBe('inside');
    expect((await ask(gateway, '/.auth/readyz')).status).toBe(200);
  });

  test('sign-out still ends the session here', async () => {
    const { gateway, cut } = await before();
    const cookie = await gateway.signIn();
    await ask(gateway, '/', { cookie });
    cut(true);
    const headers = { origin: 'https://apps.example.com' };
    await ask(gateway, '/.auth/logout', { method: 'POST', cookie, headers });
    expect((await ask(gateway, '/', { cookie })).status).not.toBe(200);
    cut(false);
    expect((await ask(gateway, '/', { cookie })).status).toBe(401);
  });
});

describe('with SQLite', () => {
  function file(): string {
    const folder = mkdtempSync(join(tmpdir(), 'portico-gate-'));
    folders.push(folder);
    return join(folder, 'portico.db');
  }

  async function running(path: string, upstream: { hostname: string; port: number }): Promise<TestGateway> {
    const store = new SqliteStore(path);
    return gatewayWith({
      apps: [{ name: 'sales', upstream }],
      options: { store },
    });
  }

  test('a restart of the gateway signs nobody out', async () => {
    const app = await httpApp((request, response) => void response.end(request.headers['x-forwarded-user']));
    const path = file();
    const first = await running(path, app.upstream);
    const cookie = await first.signIn();
    expect((await ask(first, '/', { cookie })).text).toBe('ann-1');
    const keys = (await ask(first, '/.auth/jwks.json')).text;
    await first.stop();
    const second = await running(path, app.upstream);
    expect((await ask(second, '/', { cookie })).text).toBe('ann-1');
    expect((await ask(second, '/.auth/jwks.json')).text).toBe(keys);
  });

  test('two gateways on one file know the same sessions, and a sign-out at one closes the sockets of the other', async () => {
    const { WebSocketServer } = await import('ws');
    const app = await httpApp((_request, response) => void response.end('inside'));
    new WebSocketServer({ server: app.server });
    const path = file();
    const [one, two] = [await running(path, app.upstream), await running(path, app.upstream)];
    const cookie = await one.signIn();
    const client = await openSocket(two, '/', { cookie });
    const end = new Promise<number>((resolve) => client.on('close', resolve));
    const headers = { origin: 'https://apps.example.com' };
    await ask(one, '/.auth/logout', { method: 'POST', cookie, headers });
    expect(await end).toBe(1008);
    expect((await ask(two, '/', { cookie })).status).toBe(401);
  });
});

describe('an app that has not started yet', () => {
  test('is a page that says so, 503 for data and sockets, and readyz says no', async () => {
    const gateway = await gatewayWith({
      apps: [{ name: 'slow', run: [process.execPath, '-e', 'setTimeout(() => {}, 60_000)'], cwd: tmpdir() }],
    });
    const cookie = await gateway.signIn();
    const page = await ask(gateway, '/', { cookie, headers: NAVIGATION });
    expect([page.status, page.headers['retry-after']]).toEqual([503, '2']);
    expect(page.text).toContain('slow');
    const data = await ask(gateway, '/', { cookie });
    expect([data.status, JSON.parse(data.text)]).toEqual([
      503,
      { error: 'app_not_ready', state: 'starting' },
    ]);
    expect((await ask(gateway, '/.auth/readyz')).status).toBe(503);
    expect((await ask(gateway, '/', { headers: NAVIGATION })).status).toBe(302);
  });
});
