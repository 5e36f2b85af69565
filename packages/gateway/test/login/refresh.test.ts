import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import type { SignedIn } from '../../src/core/types.ts';
import { Sealer } from '../../src/session/seal.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { httpApp, stopApps, type TestApp } from '../gate/apps.ts';
import { ask, closed, openSocket } from '../gate/client.ts';
import {
  COOKIE,
  gatewayWith,
  SECRET,
  stopAll,
  type TestGateway,
  type TestGatewayOptions,
} from '../gate/gateway.ts';
import { PERSON, startTokenProvider, type TokenProvider, type Trouble } from './token-provider.ts';

const HOUR = 3_600_000;
const LIMITS = { absolute: 24 * HOUR, idle: 24 * HOUR, refresh: true };

let provider: TokenProvider;
let app: TestApp;
let store: MemoryStore;
beforeEach(async () => {
  provider = await startTokenProvider();
  store = new MemoryStore();
  app = await httpApp((_request, response) => response.end('from the app'));
  const sockets = new WebSocketServer({ server: app.server });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
});
afterEach(async () => {
  await stopAll();
  await stopApps();
  await provider.close();
});

function start(options: Partial<TestGatewayOptions> = {}): Promise<TestGateway> {
  return gatewayWith({
    providers: [provider.settings],
    session: LIMITS,
    ...options,
    apps: [{ name: 'app', upstream: app.upstream, allow: [{ kind: 'role', value: 'analyst' }] }],
    options: { store, ...options.options },
  });
}

/** The same store as another process sees it, two hours ago. */
function elsewhere(clock = () => Date.now() - 2 * HOUR): Sessions {
  return new Sessions({
    store,
    sealer: new Sealer([SECRET]),
    clock,
    random: randomBytes,
    limits: LIMITS,
    maxInMemory: 1000,
  });
}

/** Signs somebody in two hours ago; the access token ended an hour ago. */
async function signedIn(more: Partial<SignedIn> = {}): Promise<{ cookie: string; cookieId: string }> {
  const { cookieId } = await elsewhere().create({
    identity: {
      issuer: provider.issuer,
      subject: PERSON,
      provider: 'corp',
      roles: ['analyst'],
      groups: [],
    },
    tokens: await provider.tokens(),
    ...more,
  });
  return { cookie: `${COOKIE}=${cookieId}`, cookieId };
}

const stored = async (cookieId: string) => (await elsewhere(Date.now).load(cookieId))?.session;

function gatePromise(): { open: () => void; opened: Promise<undefined> } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { open: () => resolve(undefined), opened: promise };
}

describe('security fact 9: concurrent refreshes make one token request', () => {
  test('two hundred requests on an expired access token: one refresh, and none of them waits for it', async () => {
    const gateway = await start();
    const { cookie, cookieId } = await signedIn();
    const before = await stored(cookieId);
    const gate = gatePromise();
    provider.trouble = (path) => (path === '/token' ? gate.opened : undefined);
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(gateway, '/', { cookie })));
    expect(answers.map(({ status }) => status)).toEqual(Array(200).fill(200));
    await vi.waitFor(() => expect(provider.tokenRequests).toEqual(['refresh_token']));
    gate.open();
    await vi.waitFor(async () => expect((await stored(cookieId))?.tokens).not.toEqual(before?.tokens));
    const after = await stored(cookieId);
    expect(after?.tokens.refreshToken).not.toBe(before?.tokens.refreshToken);
    expect(after?.tokens.accessTokenExpiresAt).toBeGreaterThan(Date.now());
    expect((await ask(gateway, '/', { cookie })).status).toBe(200);
    expect(provider.tokenRequests).toHaveLength(1);
  });

  test('two sessions of one person are two grants, each renewed with its own token (GHSA-qvp4)', async () => {
    const gateway = await start();
    const one = await signedIn();
    const other = await signedIn({ tokens: { ...(await provider.tokens()), scope: 'openid' } });
    for (const { cookie } of [one, other]) expect((await ask(gateway, '/', { cookie })).status).toBe(200);
    await vi.waitFor(async () => {
      for (const { cookieId } of [one, other])
        expect((await stored(cookieId))?.tokens.accessTokenExpiresAt).toBeGreaterThan(Date.now());
    });
    expect(provider.tokenRequests).toHaveLength(2);
    const tokens = [await stored(one.cookieId), await stored(other.cookieId)].map(
      (s) => s?.tokens.accessToken,
    );
    expect(new Set(tokens).size).toBe(2);
  });
});

describe('a provider in trouble costs no session and delays no request', () => {
  const atToken =
    (trouble: Trouble): TokenProvider['trouble'] =>
    (path) =>
      path === '/token' ? trouble : undefined;
  const says = (status: number, error: string): Trouble => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ error }),
  });
  const troubles: [string, TokenProvider['trouble'] | 'down'][] = [
    ['answers 500', atToken({ status: 500 })],
    ['answers 503 with an OAuth error', atToken(says(503, 'temporarily_unavailable'))],
    ['limits requests (429)', atToken({ status: 429, headers: { 'retry-after': '60' } })],
    ['rejects the client, whose secret was changed', atToken(says(401, 'invalid_client'))],
    ['has no discovery', () => ({ status: 502 })],
    ['never answers', () => new Promise(() => undefined)],
    ['refuses connections', 'down'],
  ];

  test.each(troubles)('that %s', async (_what, trouble) => {
    const gateway = await start();
    const { cookie, cookieId } = await signedIn();
    const before = await stored(cookieId);
    if (trouble === 'down') await provider.down();
    else provider.trouble = trouble;
    for (let i = 0; i < 5; i++) expect((await ask(gateway, '/', { cookie })).status).toBe(200);
    expect(provider.tokenRequests.length).toBeLessThanOrEqual(1);
    expect((await stored(cookieId))?.tokens).toEqual(before?.tokens);
  });
});

describe('a provider that says the grant is over', () => {
  test('ends the session and its sockets at once', async () => {
    const gateway = await start();
    const { cookie, cookieId } = await signedIn();
    const gate = gatePromise();
    provider.trouble = async (path) => {
      if (path !== '/token') return undefined;
      await gate.opened;
      return {
        status: 400,
        headers: { 'content-type': 'application/json' },
        body: '{"error":"invalid_grant"}',
      };
    };
    const socket = await openSocket(gateway, '/', { cookie });
    gate.open();
    expect(await closed(socket)).toEqual({ code: 1008, reason: 'session ended: refresh-refused' });
    expect((await ask(gateway, '/', { cookie })).status).toBe(401);
    expect(await stored(cookieId)).toBeUndefined();
  });
});

describe('what a refresh tells of the person', () => {
  test('takes effect at once: a role that is gone opens nothing more, and what it had opened closes', async () => {
    const gateway = await start();
    const { cookie } = await signedIn();
    const gate = gatePromise();
    provider.trouble = (path) => (path === '/token' ? gate.opened : undefined);
    provider.claims = { ...provider.claims, roles: [] };
    const socket = await openSocket(gateway, '/', { cookie });
    gate.open();
    expect(await closed(socket)).toEqual({ code: 1008, reason: 'access changed' });
    expect((await ask(gateway, '/', { cookie })).status).toBe(403);
  });

  test('of another person it is not believed: the session ends (security fact 5)', async () => {
    const gateway = await start();
    const { cookie } = await signedIn({
      identity: {
        issuer: provider.issuer,
        subject: 'somebody-else',
        provider: 'corp',
        roles: ['analyst'],
        groups: [],
      },
    });
    const socket = await openSocket(gateway, '/', { cookie });
    expect((await closed(socket)).reason).toBe('session ended: refresh-refused');
  });

  test('when UserInfo is down, tokens are kept and the person stays who they were', async () => {
    const gateway = await start();
    const { cookie, cookieId } = await signedIn();
    provider.claims = { roles: ['analyst'] };
    const asked: string[] = [];
    provider.trouble = (path) => {
      asked.push(path);
      return path === '/me' ? { status: 500 } : undefined;
    };
    await ask(gateway, '/', { cookie });
    await vi.waitFor(async () =>
      expect((await stored(cookieId))?.tokens.accessTokenExpiresAt).toBeGreaterThan(Date.now()),
    );
    expect((await stored(cookieId))?.identity.roles).toEqual(['analyst']);
    expect(asked).toContain('/me');
  });
});

describe('refreshing', () => {
  test('happens for a WebSocket that is in use, with no request at all', async () => {
    const gateway = await start();
    // Signed in two hours ago; nine tenths of the token's life are over in half a second.
    const signedInAt = Date.now() - 2 * HOUR;
    const accessTokenExpiresAt = signedInAt + (2 * HOUR + 500) / 0.9;
    const { cookie } = await signedIn({ tokens: { ...(await provider.tokens()), accessTokenExpiresAt } });
    const socket = await openSocket(gateway, '/', { cookie });
    expect(provider.tokenRequests).toEqual([]);
    await vi.waitFor(
      () => {
        socket.send('still here');
        expect(provider.tokenRequests).toEqual(['refresh_token']);
      },
      { interval: 50, timeout: 10_000 },
    );
    socket.terminate();
  });

  test('is not done where the operator does not want it', async () => {
    const gateway = await start({ session: { ...LIMITS, refresh: false } });
    const { cookie } = await signedIn();
    expect((await ask(gateway, '/', { cookie })).status).toBe(200);
    await gateway.stop();
    expect(provider.tokenRequests).toEqual([]);
  });

  test('is not done for sessions without a refresh token, nor for fresh ones, nor for those nobody uses', async () => {
    const gateway = await start();
    await signedIn();
    const { refreshToken: _, ...without } = await provider.tokens();
    const fresh = { ...(await provider.tokens()), accessTokenExpiresAt: Date.now() + HOUR };
    for (const tokens of [without, fresh]) {
      const { cookie } = await signedIn({ tokens });
      expect((await ask(gateway, '/', { cookie })).status).toBe(200);
    }
    await gateway.stop();
    expect(provider.tokenRequests).toEqual([]);
  });

  test('under way when the gateway stops is finished, and what it brought is stored', async () => {
    const gateway = await start();
    const { cookie, cookieId } = await signedIn();
    const gate = gatePromise();
    provider.trouble = (path) => (path === '/token' ? gate.opened : undefined);
    const kept = new Map<string, Uint8Array>();
    const close = store.close.bind(store);
    store.close = async () => {
      for await (const [key, value] of store.entries('session:')) kept.set(key, value);
      await close();
    };
    const before = await stored(cookieId);
    await ask(gateway, '/', { cookie });
    await vi.waitFor(() => expect(provider.tokenRequests).toHaveLength(1));
    const stopping = gateway.stop();
    gate.open();
    await stopping;
    const after = new MemoryStore();
    for (const [key, value] of kept) await after.set(key, value, HOUR);
    store = after;
    expect((await stored(cookieId))?.tokens.refreshToken).not.toBe(before?.tokens.refreshToken);
  });
});
