import { afterEach, describe, expect, test } from 'vitest';
import { httpApp, stopApps } from './apps.ts';
import { ask, NAVIGATION } from './client.ts';
import { gatewayWith, stopAll } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

async function panelAt(at: string, type: 'panel' | 'command' = 'panel') {
  const app = await httpApp((_request, response) => response.end('app'));
  const gateway = await gatewayWith({ apps: [{ name: 'sales', at, type, upstream: app.upstream }] });
  return { gateway, cookie: await gateway.signIn() };
}

describe('a path that no app has', () => {
  test.each([
    ['/', '/.auth/'],
    ['/favicon.ico', expect.stringMatching(/^\/\.auth\/assets\/logo\.svg/)],
  ])('%s leads on', async (path, location) => {
    const { gateway } = await panelAt('/sales');
    const answer = await ask(gateway, path, { headers: NAVIGATION });
    expect([answer.status, answer.headers.location]).toEqual([302, location]);
  });

  test('is 404 otherwise, also where an app’s path is only the beginning of the word', async () => {
    const { gateway, cookie } = await panelAt('/sales');
    expect((await ask(gateway, '/salesforce', { cookie, headers: NAVIGATION })).status).toBe(404);
  });
});

describe('the bare path of an app', () => {
  test('leads a page to the framework’s home, query included', async () => {
    const { gateway, cookie } = await panelAt('/sales');
    const answer = await ask(gateway, '/sales?a=1', { cookie, headers: NAVIGATION });
    expect([answer.status, answer.headers.location]).toEqual([302, '/sales/?a=1']);
  });

  test('asks a stranger to sign in first', async () => {
    const { gateway } = await panelAt('/sales');
    const answer = await ask(gateway, '/sales', { headers: NAVIGATION });
    expect(answer.headers.location).toBe('/.auth/login?return_to=%2Fsales');
  });

  test('goes to an app that is no known framework as it is, and so does data', async () => {
    const plain = await panelAt('/sales', 'command');
    expect((await ask(plain.gateway, '/sales', { cookie: plain.cookie, headers: NAVIGATION })).status).toBe(
      200,
    );
    const panel = await panelAt('/sales');
    expect((await ask(panel.gateway, '/sales', { cookie: panel.cookie })).status).toBe(200);
  });
});
