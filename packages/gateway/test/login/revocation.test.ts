import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TokenSet } from '../../src/core/types.ts';
import { Sealer } from '../../src/session/seal.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { httpApp, stopApps } from '../gate/apps.ts';
import { ask } from '../gate/client.ts';
import { COOKIE, gatewayWith, ORIGIN, SECRET, stopAll, type TestGateway } from '../gate/gateway.ts';
import { PERSON, startTokenProvider, type TokenProvider } from './token-provider.ts';

const HOUR = 3_600_000;
const LIMITS = { absolute: 24 * HOUR, idle: 24 * HOUR, refresh: true };
const OTHER_HOST = 'sales.example.com';

let provider: TokenProvider;
let store: MemoryStore;
let gateway: TestGateway;
let tokens: TokenSet;
let sessions: Sessions;
let cookieId: string;
beforeEach(async () => {
  provider = await startTokenProvider();
  store = new MemoryStore();
  const app = await httpApp((_request, response) => response.end('from the app'));
  gateway = await gatewayWith({
    providers: [provider.settings],
    session: LIMITS,
    apps: [
      { name: 'app', upstream: app.upstream },
      { name: 'sales', upstream: app.upstream, host: OTHER_HOST },
    ],
    options: { store },
  });
  tokens = await provider.tokens();
  const clock = (): number => Date.now() - 2 * HOUR;
  const sealer = new Sealer([SECRET]);
  sessions = new Sessions({ store, sealer, clock, random: randomBytes, limits: LIMITS, maxInMemory: 10 });
  const identity = { issuer: provider.issuer, subject: PERSON, provider: 'corp', roles: [], groups: [] };
  ({ cookieId } = await sessions.create({ identity, tokens }));
});
afterEach(async () => {
  await stopAll();
  await stopApps();
  await provider.close();
});

const cookie = (): string => `${COOKIE}=${cookieId}`;

function signOut(host = 'apps.example.com') {
  const headers = { host, origin: `https://${host}` };
  return ask(gateway, '/.auth/logout', { method: 'POST', cookie: cookie(), headers });
}

const isSignedIn = async (): Promise<boolean> =>
  (await ask(gateway, '/', { cookie: cookie() })).status === 200;

describe('sign-out', () => {
  test('revokes both tokens at the provider, the refresh token first (RFC 7009)', async () => {
    expect((await signOut()).status).toBe(303);
    await vi.waitFor(() => expect(provider.revoked).toEqual([tokens.refreshToken, tokens.accessToken]));
  });

  test('waits neither for the provider’s answer nor for its absence', async () => {
    provider.trouble = (path) => (path === '/token/revocation' ? new Promise(() => undefined) : undefined);
    expect((await signOut()).status).toBe(303);
    expect(await isSignedIn()).toBe(false);
  });

  test('works while the provider is down, and says so in the log only', async () => {
    await provider.down();
    const answer = await signOut();
    expect([answer.status, answer.headers.location]).toEqual([303, '/.auth/signed-out']);
    expect(await isSignedIn()).toBe(false);
    await vi.waitFor(() => expect(gateway.log.join('\n')).toContain('tokens could not be revoked'));
    expect(gateway.log.join('\n')).not.toContain(tokens.refreshToken);
  });

  test('revokes the tokens of now, not those of the sign-in, and hints with the ID token that goes with them', async () => {
    expect((await ask(gateway, '/', { cookie: cookie() })).status).toBe(200);
    const renewed = await vi.waitFor(async () => {
      const now = (await reread())?.tokens;
      expect(now?.accessToken).not.toBe(tokens.accessToken);
      return now;
    });
    const location = new URL((await signOut()).headers.location ?? '');
    expect(location.origin).toBe(provider.issuer);
    expect(location.searchParams.get('id_token_hint')).toBe(renewed?.idToken);
    expect(location.searchParams.get('id_token_hint')).not.toBe(tokens.idToken);
    await vi.waitFor(() => expect(provider.revoked).toEqual([renewed?.refreshToken, renewed?.accessToken]));
  });

  test('comes back to the host it began on', async () => {
    const back = async (host: string) =>
      new URL((await signOut(host)).headers.location ?? '').searchParams.get('post_logout_redirect_uri');
    expect(await back(OTHER_HOST)).toBe(`https://${OTHER_HOST}/.auth/signed-out`);
    const identity = { issuer: provider.issuer, subject: PERSON, provider: 'corp', roles: [], groups: [] };
    ({ cookieId } = await sessions.create({ identity, tokens: {} }));
    expect(await back('apps.example.com')).toBe(`${ORIGIN}/.auth/signed-out`);
  });
});

test('a session that an operator ends loses its tokens here; the person’s grant at the provider stays', async () => {
  expect(await isSignedIn()).toBe(true);
  expect(await sessions.revoke(PERSON)).toBe(1);
  await gateway.stop();
  expect(provider.revoked).toEqual([]);
});

async function reread() {
  const sealer = new Sealer([SECRET]);
  const options = { store, sealer, clock: Date.now, random: randomBytes, limits: LIMITS, maxInMemory: 10 };
  return (await new Sessions(options).load(cookieId))?.session;
}
