import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { SqliteStore } from '../../src/session/stores/sqlite.ts';
import { jwks } from '../bearer/issuer.ts';
import { startTokenProvider } from '../login/token-provider.ts';
import { temporaryFile } from '../session/fixtures.ts';
import { httpApp, stopApps, type TestApp } from './apps.ts';
import { productWith, SHOP, SHOP_PAGE, tokenOf, withToken } from './bearer.ts';
import { ask, closed, open, openSocket } from './client.ts';
import { SECRET, stopAll, type TestGateway } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

const EMBED = { origins: [SHOP_PAGE], inline: true, script: false };

/** Opens WebSockets, and at `/events` a stream without an end. */
async function liveApp(): Promise<TestApp> {
  const app = await httpApp((request, response) => {
    if (request.url?.endsWith('/events')) response.write('data: 1\n\n');
    else response.end('inside');
  });
  new WebSocketServer({ server: app.server });
  return app;
}

const statusOf = async (gateway: TestGateway, token: string): Promise<number> =>
  (await ask(gateway, '/sales/', { headers: withToken(token) })).status;

async function streamOf(gateway: TestGateway, token: string): Promise<IncomingMessage> {
  const request = open(gateway, '/sales/events', { headers: withToken(token) });
  request.on('error', () => undefined);
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined).resume();
  return response;
}

/** `portico sessions revoke` in a process of its own. */
async function revoke(store: string, who: string): Promise<string> {
  const folder = dirname(store);
  writeFileSync(join(folder, 'keys.json'), JSON.stringify(jwks));
  writeFileSync(
    join(folder, 'portico.yaml'),
    [
      'public_url: https://apps.example.com',
      `bearer: { shop: { issuer: '${SHOP.issuer}', audience: '${SHOP.audience[0]}', key_file: ./keys.json } }`,
      "apps: { sales: { at: /sales, upstream: 'http://127.0.0.1:1', bearer: [shop] } }",
    ].join('\n'),
  );
  const main = join(import.meta.dirname, '../../src/main.ts');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [main, 'sessions', 'revoke', who, '--config', 'portico.yaml', '--store', `sqlite:${store}`],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, PORTICO_COOKIE_SECRET: SECRET, PORTICO_SECRET: SECRET },
    },
  );
  return stdout;
}

describe('security fact 11: a bearer token that is ended before its time', () => {
  test('by `portico sessions revoke` closes its sockets and streams, opens nothing any more, and others stay', async () => {
    const path = temporaryFile();
    const product = { options: { store: new SqliteStore(path) } };
    const { gateway } = await productWith(await liveApp(), { embed: EMBED }, product);
    const past = { iat: Math.floor(Date.now() / 1000) - 5 };
    const ada = await tokenOf({ ...past, email: 'ada@example.com', email_verified: true });
    const bob = await tokenOf({ ...past, sub: 'bob-1', jti: 'b' });
    const unseen = await tokenOf({
      ...past,
      email: 'ada@example.com',
      email_verified: true,
      jti: 'never sent yet',
    });
    const asked = await ask(gateway, '/.auth/embed/ticket', {
      method: 'POST',
      headers: { ...withToken(ada), 'content-type': 'application/x-www-form-urlencoded' },
      body: 'app=sales',
    });
    const { ticket } = JSON.parse(asked.text) as { ticket: string };
    const going = await openSocket(gateway, '/sales/ws', { headers: withToken(ada) });
    const staying = await openSocket(gateway, '/sales/ws', { headers: withToken(bob) });
    const stream = await streamOf(gateway, ada);
    const cut = new Promise((resolve) => stream.once('close', resolve));
    const end = closed(going);
    await revoke(path, 'ada@example.com');
    expect(await end).toEqual({ code: 1008, reason: 'session ended: revoked' });
    await cut;
    expect(await Promise.all([ada, unseen, bob].map((token) => statusOf(gateway, token)))).toEqual([
      401, 401, 200,
    ]);
    await expect(openSocket(gateway, `/sales/ws?portico_ticket=${ticket}`)).rejects.toThrow('401');
    expect(staying.readyState).toBe(staying.OPEN);
    const later = await tokenOf({
      iat: Math.floor(Date.now() / 1000) + 1,
      email: 'ada@example.com',
      email_verified: true,
    });
    expect(await statusOf(gateway, later)).toBe(200);
    await gateway.stop();
    const after = await productWith(await liveApp(), {}, { options: { store: new SqliteStore(path) } });
    expect(await statusOf(after.gateway, unseen)).toBe(401);
  });

  test('by the provider’s back-channel logout closes its sockets, and opens nothing any more', async () => {
    const provider = await startTokenProvider();
    try {
      const { issuer } = provider;
      const bearer = [{ ...SHOP, issuer }];
      const { gateway } = await productWith(await liveApp(), {}, { bearer, providers: [provider.settings] });
      const past = { iss: issuer, iat: Math.floor(Date.now() / 1000) - 5 };
      const [meant, other] = [await tokenOf({ ...past, sid: 's-1' }), await tokenOf({ ...past, sid: 's-2' })];
      const [going, staying] = [
        await openSocket(gateway, '/sales/ws', { headers: withToken(meant) }),
        await openSocket(gateway, '/sales/ws', { headers: withToken(other) }),
      ];
      const now = Math.floor(Date.now() / 1000);
      const logout = await provider.sign({
        iss: issuer,
        aud: 'portico',
        iat: now,
        exp: now + 120,
        jti: 'logout-1',
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
        sid: 's-1',
      });
      const end = closed(going);
      const answer = await ask(gateway, '/.auth/logout/corp/backchannel', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ logout_token: logout }).toString(),
      });
      expect(answer.status).toBe(200);
      expect(await end).toEqual({ code: 1008, reason: 'session ended: back-channel-logout' });
      expect([await statusOf(gateway, meant), await statusOf(gateway, other)]).toEqual([401, 200]);
      expect(staying.readyState).toBe(staying.OPEN);
      await gateway.stop();
    } finally {
      await provider.close();
    }
  });
});
