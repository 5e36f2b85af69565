import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { freePort } from '../../../../test/gateway-process.ts';
import type { RoleRule } from '../../src/core/types.ts';
import { Sealer } from '../../src/session/seal.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { Browser } from '../login/browser.ts';
import { PERSON, startTokenProvider, type TokenProvider } from '../login/token-provider.ts';
import { allowList } from '../policy/sample.ts';
import { httpApp, stopApps, type TestApp } from './apps.ts';
import { ask, closed, openSocket } from './client.ts';
import { COOKIE, gatewayWith, SECRET, stopAll, type TestGateway } from './gateway.ts';

const HOUR = 3_600_000;
const LIMITS = { absolute: 24 * HOUR, idle: 24 * HOUR, refresh: true };
const ANALYSTS: readonly RoleRule[] = [
  { role: 'analyst', holders: allowList('group:finance', 'claim:department=R&D') },
];

let provider: TokenProvider;
let app: TestApp;
let store: MemoryStore;
beforeEach(async () => {
  provider = await startTokenProvider();
  store = new MemoryStore();
  // The gateway closes its store when it stops; this one is there for the next gateway, too.
  store.close = async () => undefined;
  app = await httpApp((request, response) => response.end(String(request.headers['portico-assertion'])));
  const sockets = new WebSocketServer({ server: app.server });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
});
afterEach(async () => {
  await stopAll();
  await stopApps();
  await provider.close();
});

function start(roles: readonly RoleRule[], claims: readonly string[] = []): Promise<TestGateway> {
  return gatewayWith({
    providers: [{ ...provider.settings, claims }],
    roles,
    session: LIMITS,
    apps: [{ name: 'app', upstream: app.upstream, allow: allowList('role:analyst') }],
    options: { store },
  });
}

/** Somebody who signed in with these groups two hours ago, through a gateway without roles of its own. */
async function signedIn(groups: readonly string[]): Promise<string> {
  const elsewhere = new Sessions({
    store,
    sealer: new Sealer([SECRET]),
    clock: () => Date.now() - 2 * HOUR,
    random: randomBytes,
    limits: LIMITS,
    maxInMemory: 10,
  });
  const identity = { issuer: provider.issuer, subject: PERSON, provider: 'corp', roles: [], groups };
  const { cookieId } = await elsewhere.create({ identity, tokens: await provider.tokens() });
  return `${COOKIE}=${cookieId}`;
}

describe('a role that the configuration gives', () => {
  it('opens the app, and stands in the assertion and in /.auth/session', async () => {
    provider.claims = { roles: ['guest'], groups: ['finance'] };
    const gateway = await start(ANALYSTS);
    const cookie = await signedIn(['finance']);
    const answer = await ask(gateway, '/', { cookie });
    expect(answer.status).toBe(200);
    const payload = answer.body.toString().split('.')[1] ?? '';
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString()).roles).toEqual(['analyst']);
    const session = await ask(gateway, '/.auth/session', { cookie });
    expect(JSON.parse(session.body.toString()).roles).toContain('analyst');
  });

  it('reaches sessions that are older than it after a restart, and leaves them with the next one', async () => {
    const cookie = await signedIn(['finance']);
    provider.trouble = () => ({ status: 503 });
    const statusWith = async (roles: readonly RoleRule[]): Promise<number> => {
      const gateway = await start(roles);
      const { status } = await ask(gateway, '/', { cookie });
      await gateway.stop();
      return status;
    };
    expect(await statusWith([])).toBe(403);
    expect(await statusWith(ANALYSTS)).toBe(200);
    expect(await statusWith([{ role: 'analyst', holders: allowList('group:it') }])).toBe(403);
    expect(await statusWith([])).toBe(403);
    expect(await statusWith(ANALYSTS)).toBe(200);
  });

  it('goes with the group at the next refresh, and takes open WebSockets with it (CVE-2021-41230)', async () => {
    provider.claims = { roles: [], groups: ['finance'] };
    const gateway = await start(ANALYSTS);
    const cookie = await signedIn(['finance']);
    const gate = Promise.withResolvers<undefined>();
    provider.trouble = (path) => (path === '/token' ? gate.promise : undefined);
    const socket = await openSocket(gateway, '/', { cookie });
    provider.claims = { roles: [], groups: ['sales'] };
    const end = closed(socket);
    gate.resolve(undefined);
    expect(await end).toEqual({ code: 1008, reason: 'access changed' });
    expect((await ask(gateway, '/', { cookie })).status).toBe(403);
  });

  it('comes with a claim at the next refresh, and stays through the ones after it', async () => {
    provider.claims = { roles: [], groups: [], department: 'R&D' };
    const gateway = await start(ANALYSTS, ['department']);
    const cookie = await signedIn([]);
    expect((await ask(gateway, '/', { cookie })).status).toBe(403);
    await vi.waitFor(async () => expect((await ask(gateway, '/', { cookie })).status).toBe(200));
    const session = await ask(gateway, '/.auth/session', { cookie });
    expect(JSON.parse(session.body.toString())).toMatchObject({
      claims: { department: 'R&D' },
      roles: ['analyst'],
    });
  });
});

describe('a claim of one of the made-up people', () => {
  it('reaches rules, roles and the app as a real provider’s does', async () => {
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const ada = { id: 'ada', name: 'Ada', email: 'ada@example.com', roles: [], groups: [] };
    const personas = [
      { ...ada, claims: { department: 'R&D', sites: ['Bonn', 'Berlin'] } },
      { ...ada, id: 'bob', email: 'bob@example.com', claims: { department: 'Sales' } },
    ];
    await gatewayWith({
      publicUrl: origin,
      port,
      dev: { personas, tokenLifetime: HOUR },
      roles: ANALYSTS,
      apps: [{ name: 'app', upstream: app.upstream, allow: allowList('role:analyst') }],
    });
    const browser = new Browser();
    const { body } = await browser.signIn(origin, 'ada', '/');
    const payload = Buffer.from(body.split('.')[1] ?? '', 'base64url').toString();
    expect(JSON.parse(payload)).toMatchObject({
      roles: ['analyst'],
      claims: { department: 'R&D', sites: ['Bonn', 'Berlin'] },
    });
    expect((await new Browser().signIn(origin, 'bob', '/')).status).toBe(403);
  });
});
