import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { importJWK, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Identity } from '../../src/core/types.ts';
import { Sealer } from '../../src/session/seal.ts';
import { Sessions } from '../../src/session/sessions.ts';
import type { SessionStore } from '../../src/session/store.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { httpApp, stopApps, type TestApp } from '../gate/apps.ts';
import { type Ask, ask, closed, openSocket } from '../gate/client.ts';
import { COOKIE, gatewayWith, SECRET, stopAll, type TestGateway } from '../gate/gateway.ts';
import { rsaKey } from '../identity/strict-provider.ts';
import { sqliteStore, temporaryFile } from '../session/fixtures.ts';
import { CLIENT_ID, PERSON, startTokenProvider, type TokenProvider } from './token-provider.ts';

const HOUR = 3_600_000;
const LIMITS = { absolute: 24 * HOUR, idle: 24 * HOUR, refresh: true };
const PATH = '/.auth/logout/corp/backchannel';
const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };

let provider: TokenProvider;
let app: TestApp;
let store: SessionStore;
let gateway: TestGateway;
beforeEach(async () => {
  provider = await startTokenProvider();
  store = new MemoryStore();
  app = await httpApp((_request, response) => response.end('from the app'));
  new WebSocketServer({ server: app.server });
  gateway = await start();
});
afterEach(async () => {
  await stopAll();
  await stopApps();
  await provider.close();
});

function start(own: SessionStore = store): Promise<TestGateway> {
  return gatewayWith({
    providers: [provider.settings],
    session: LIMITS,
    apps: [{ name: 'app', upstream: app.upstream }],
    options: { store: own },
  });
}

function sessionsOn(own: SessionStore): Sessions {
  const sealer = new Sealer([SECRET]);
  return new Sessions({
    store: own,
    sealer,
    clock: Date.now,
    random: randomBytes,
    limits: LIMITS,
    maxInMemory: 10,
  });
}

async function signIn(providerSid?: string, identity: Partial<Identity> = {}, own = store): Promise<string> {
  const { cookieId } = await sessionsOn(own).create({
    identity: {
      issuer: provider.issuer,
      subject: PERSON,
      provider: 'corp',
      roles: [],
      groups: [],
      ...identity,
    },
    tokens: {},
    ...(providerSid === undefined ? {} : { providerSid }),
  });
  return `${COOKIE}=${cookieId}`;
}

const now = (): number => Math.floor(Date.now() / 1000);

function claims(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    iss: provider.issuer,
    aud: CLIENT_ID,
    iat: now(),
    exp: now() + 120,
    jti: randomUUID(),
    events: EVENTS,
    sub: PERSON,
    ...more,
  };
}

function post(token: string, more: Ask = {}, place = gateway) {
  return ask(place, PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ logout_token: token }).toString(),
    ...more,
  });
}

const isSignedIn = async (cookie: string, place = gateway): Promise<boolean> =>
  (await ask(place, '/', { cookie })).status === 200;

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
    expect((await post(token, {}, await start())).status).toBe(400);
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
    const remove = store.delete.bind(store);
    store.delete = async () => {
      throw new Error('the disk is full');
    };
    const answer = await post(token);
    expect([answer.status, answer.text]).toEqual([400, '{"error":"logout_failed"}']);
    store.delete = remove;
    expect((await post(token)).status).toBe(200);
    expect(await isSignedIn(cookie)).toBe(false);
  });
});

describe('a logout token is refused', () => {
  const without = (name: string) => () => {
    const { [name]: _, ...rest } = claims();
    return provider.sign(rest);
  };
  const withClaims = (more: () => Record<string, unknown>) => () => provider.sign(claims(more()));
  const wrong: [string, () => Promise<string>][] = [
    ['of another issuer', withClaims(() => ({ iss: 'https://evil.example.com' }))],
    ['for another client', withClaims(() => ({ aud: 'another' }))],
    ['without an audience', without('aud')],
    ['without an issuer', without('iss')],
    ['without iat', without('iat')],
    ['from the future', withClaims(() => ({ iat: now() + 600, exp: now() + 900 }))],
    ['older than an hour', withClaims(() => ({ iat: now() - 7200 }))],
    ['without exp', without('exp')],
    ['that has expired', withClaims(() => ({ iat: now() - 600, exp: now() - 300 }))],
    ['without jti', without('jti')],
    ['with an empty jti', withClaims(() => ({ jti: '' }))],
    ['without events', without('events')],
    ['with another event', withClaims(() => ({ events: { 'http://schemas.openid.net/event/other': {} } }))],
    ['whose event is no object', withClaims(() => ({ events: { [Object.keys(EVENTS)[0] ?? '']: true } }))],
    ['with neither sub nor sid', without('sub')],
    ['whose sub is no text', withClaims(() => ({ sub: 7 }))],
    ['whose sid is no text', withClaims(() => ({ sid: { a: 1 } }))],
    ['with a nonce', withClaims(() => ({ nonce: 'n' }))],
    ['that is an access token by its typ', () => provider.sign(claims(), { typ: 'at+jwt' })],
    [
      'that is an ID token',
      () =>
        provider.sign({
          iss: provider.issuer,
          aud: CLIENT_ID,
          sub: PERSON,
          iat: now(),
          exp: now() + 60,
          nonce: 'n',
        }),
    ],
    ['with a key that is not the provider’s', async () => foreign(claims(), 'RS256')],
    ['that brings its own key', async () => foreign(claims(), 'RS256', true)],
    ['signed with the client’s secret', async () => hmac(claims())],
    ['signed by nobody', async () => unsigned(claims())],
    [
      'changed on the way',
      async () => (await provider.sign(claims())).replace(/\.[^.]+\./, `.${base64(claims({ sub: 'x' }))}.`),
    ],
    [
      'with an unknown critical header',
      () => provider.sign(claims(), { crit: ['x-unknown'], 'x-unknown': 1 }),
    ],
    ['that is no token', async () => 'nonsense'],
    ['that is empty', async () => ''],
  ];

  test.each(wrong)('%s', async (_what, make) => {
    const cookie = await signIn('s-1');
    const answer = await post(await make());
    expect(answer.status).toBe(400);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.text).toBe('{"error":"invalid_request"}');
    expect(await isSignedIn(cookie)).toBe(true);
  });

  test('when its provider’s keys cannot be had: nobody is signed out by what cannot be verified', async () => {
    const cookie = await signIn();
    const token = await provider.sign(claims());
    provider.trouble = (path) => (path === '/jwks' ? { status: 500 } : undefined);
    expect((await post(token)).status).toBe(400);
    expect(await isSignedIn(cookie)).toBe(true);
  });
});

describe('the address for back-channel logout', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const wrong: [string, () => Promise<Ask>][] = [
    [
      'JSON',
      async () => ({
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ logout_token: await provider.sign(claims()) }),
      }),
    ],
    ['no content type', async () => ({ headers: {}, body: `logout_token=${await provider.sign(claims())}` })],
    [
      'two tokens',
      async () => ({ headers: form, body: `logout_token=${await provider.sign(claims())}&logout_token=x` }),
    ],
    ['no token', async () => ({ headers: form, body: 'a=b' })],
    ['nothing', async () => ({ headers: form })],
    [
      'more than 16 KiB',
      async () => ({
        headers: form,
        body: `logout_token=${await provider.sign(claims())}&x=${'x'.repeat(20_000)}`,
      }),
    ],
    [
      'more than 16 KiB in chunks',
      async () => ({ headers: { ...form, 'transfer-encoding': 'chunked' }, body: `x=${'x'.repeat(20_000)}` }),
    ],
  ];
  test.each(wrong)('refuses %s', async (_what, make) => {
    const cookie = await signIn();
    const answer = await ask(gateway, PATH, { method: 'POST', ...(await make()) });
    expect(answer.status).toBe(400);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await isSignedIn(cookie)).toBe(true);
  });

  test('takes POST only, and never the token from its query', async () => {
    const cookie = await signIn();
    const query = `?logout_token=${await provider.sign(claims())}`;
    const got = await ask(gateway, PATH + query);
    expect([got.status, got.headers['allow'], got.headers['cache-control']]).toEqual([
      405,
      'POST',
      'no-store',
    ]);
    expect((await ask(gateway, PATH + query, { method: 'POST', headers: form })).status).toBe(400);
    expect(await isSignedIn(cookie)).toBe(true);
  });

  test('of a provider that is not there refuses', async () => {
    const body = new URLSearchParams({ logout_token: await provider.sign(claims()) }).toString();
    const answer = await ask(gateway, PATH.replace('corp', 'other'), { method: 'POST', headers: form, body });
    expect(answer.status).toBe(400);
  });

  test('writes no token to the log', async () => {
    await post(await provider.sign(claims({ sub: 'canary-subject', nonce: 'canary-nonce' })));
    expect(gateway.log.join('\n')).toContain('a back-channel logout was refused');
    expect(gateway.log.join('\n')).not.toMatch(/canary-nonce|eyJ/);
  });
});

test('reaches the sockets of another process on the same database within a second', async () => {
  const path = temporaryFile();
  const [here, there] = [sqliteStore(path), sqliteStore(path)];
  const receiving = await start(here);
  const other = await start(there);
  const cookie = await signIn('s-1', {}, here);
  const socket = await openSocket(other, '/', { cookie });
  const ended = closed(socket);
  expect((await post(await provider.sign(claims()), {}, receiving)).status).toBe(200);
  expect(await ended).toEqual({ code: 1008, reason: 'session ended: revoked' });
  expect(await isSignedIn(cookie, other)).toBe(false);
});

test('a real provider’s logout token is accepted, over HTTP as it sends it', async () => {
  const port = await freePort();
  await provider.close();
  provider = await startTokenProvider({ backchannelLogoutUri: `http://localhost:${port}${PATH}` });
  const own = await gatewayWith({
    publicUrl: `http://localhost:${port}`,
    port,
    providers: [provider.settings],
    session: LIMITS,
    apps: [{ name: 'app', upstream: app.upstream }],
    options: { store },
  });
  const cookie = (await signIn('s-9')).replace(COOKIE, 'portico');
  const status = async () =>
    (await fetch(`http://localhost:${port}/`, { headers: { cookie }, redirect: 'manual' })).status;
  expect(await status()).toBe(200);
  await provider.sendLogout(PERSON, 's-9');
  await vi.waitFor(async () => expect(await status()).not.toBe(200));
  await own.stop();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

async function foreign(payload: Record<string, unknown>, alg: string, embedded = false): Promise<string> {
  const { kty, n, e, ...key } = rsaKey('foreign');
  const jwk = { kty: 'RSA', n: n as string, e: e as string };
  return new SignJWT(payload)
    .setProtectedHeader({ alg, ...(embedded ? { jwk } : {}) })
    .sign(await importJWK({ ...key, ...jwk } as Parameters<typeof importJWK>[0], alg));
}

function hmac(payload: Record<string, unknown>): Promise<string> {
  const secret = Buffer.from(provider.settings.clientSecret ?? '');
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(secret);
}

const unsigned = (payload: Record<string, unknown>): string =>
  `${base64({ alg: 'none' })}.${base64(payload)}.`;
