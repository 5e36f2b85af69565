import { once } from 'node:events';
import { createServer } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { closed, openSocket } from '../gate/client.ts';
import { COOKIE, type TestGateway } from '../gate/gateway.ts';
import { sqliteStore, temporaryFile } from '../session/fixtures.ts';
import { type BackChannel, PATH, startBackChannel } from './back-channel.ts';
import { PERSON, type TokenProvider } from './token-provider.ts';

let kit: BackChannel;
let provider: TokenProvider;
let gateway: TestGateway;
let signIn: BackChannel['signIn'];
let isSignedIn: BackChannel['isSignedIn'];
let claims: BackChannel['claims'];
let post: BackChannel['post'];
beforeEach(async () => {
  kit = await startBackChannel();
  ({ provider, gateway, signIn, isSignedIn, claims, post } = kit);
});

describe('security fact 11: a back-channel logout', () => {
  test('with sub ends every session of that person, closes their sockets, and nobody else’s', async () => {
    const mine = [await signIn('s-1'), await signIn('s-2'), await signIn()];
    const others = [
      await signIn('s-1', { subject: 'somebody-else' }),
      await signIn('s-1', { issuer: 'https://another.example.com' }),
    ];
    const [first = ''] = mine;
    const socket = await openSocket(gateway, '/', { cookie: first });
    const answer = await post(await provider.sign(claims(), { typ: 'logout+jwt' }));
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await closed(socket)).toEqual({ code: 1008, reason: 'session ended: back-channel-logout' });
    expect(await Promise.all(mine.map((cookie) => isSignedIn(cookie)))).toEqual([false, false, false]);
    expect(await Promise.all(others.map((cookie) => isSignedIn(cookie)))).toEqual([true, true]);
  });

  test.each([
    ['sid alone', {}],
    ['sid and sub', { sub: PERSON }],
  ])('with %s ends the session that the provider means', async (_what, sub) => {
    const [meant, other] = [await signIn('s-1'), await signIn('s-2')];
    const { sub: _, ...rest } = claims();
    expect((await post(await provider.sign({ ...rest, ...sub, sid: 's-1' }))).status).toBe(200);
    expect([await isSignedIn(meant), await isSignedIn(other)]).toEqual([false, true]);
  });

  test('ends a session whose provider had not named its own, for its person', async () => {
    const cookie = await signIn();
    expect((await post(await provider.sign(claims({ sid: 's-1' })))).status).toBe(200);
    expect(await isSignedIn(cookie)).toBe(false);
  });

  test('is not held up by the checks for browsers, and the cookie it may carry is not looked at', async () => {
    const cookie = await signIn();
    const headers = {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      origin: 'https://elsewhere.example.com',
      'sec-fetch-site': 'cross-site',
      cookie: `${COOKIE}=one; ${COOKIE}=two`,
    };
    expect((await post(await provider.sign(claims()), { headers })).status).toBe(200);
    expect(await isSignedIn(cookie)).toBe(false);
  });

  test('that means nobody here is answered with 200: they are signed out', async () => {
    expect((await post(await provider.sign(claims({ sub: 'never-seen' })))).status).toBe(200);
  });

  test('replayed is refused, also by another process, and what was signed in since stays', async () => {
    const token = await provider.sign(claims());
    expect((await post(token)).status).toBe(200);
    const cookie = await signIn();
    expect((await post(token)).status).toBe(400);
    expect((await post(token, {}, await kit.another())).status).toBe(400);
    expect(await isSignedIn(cookie)).toBe(true);
  });

  test('is accepted when the provider has new keys', async () => {
    const cookie = await signIn();
    provider.rotateKeys();
    expect((await post(await provider.sign(claims()))).status).toBe(200);
    expect(await isSignedIn(cookie)).toBe(false);
  });

  test('works again with the same token after a failure', async () => {
    const cookie = await signIn('s-1');
    const token = await provider.sign(claims());
    const remove = kit.store.delete.bind(kit.store);
    kit.store.delete = async () => {
      throw new Error('the disk is full');
    };
    const answer = await post(token);
    expect([answer.status, answer.text]).toEqual([400, '{"error":"logout_failed"}']);
    kit.store.delete = remove;
    expect((await post(token)).status).toBe(200);
    expect(await isSignedIn(cookie)).toBe(false);
  });
});

test('reaches the sockets of another process on the same database within a second', async () => {
  const path = temporaryFile();
  const [here, there] = [sqliteStore(path), sqliteStore(path)];
  const receiving = await kit.another({ options: { store: here } });
  const other = await kit.another({ options: { store: there } });
  const cookie = await signIn('s-1', {}, here);
  const socket = await openSocket(other, '/', { cookie });
  const ended = closed(socket);
  expect((await post(await provider.sign(claims()), {}, receiving)).status).toBe(200);
  expect(await ended).toEqual({ code: 1008, reason: 'session ended: revoked' });
  expect(await isSignedIn(cookie, other)).toBe(false);
});

test('a real provider’s logout token is accepted, over HTTP as it sends it', async () => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const own = await startBackChannel({
    backchannelLogoutUri: origin + PATH,
    gateway: { publicUrl: origin, port },
  });
  const cookie = (await own.signIn('s-9')).replace(COOKIE, 'portico');
  const status = async () => (await fetch(`${origin}/`, { headers: { cookie }, redirect: 'manual' })).status;
  expect(await status()).toBe(200);
  await own.provider.sendLogout(PERSON, 's-9');
  expect(await status()).toBe(401);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
