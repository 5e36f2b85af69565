import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TokenSet } from '../../src/core/types.ts';
import { Sealer } from '../../src/session/seal.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { httpApp, stopApps, type TestApp } from '../gate/apps.ts';
import { ask } from '../gate/client.ts';
import {
  COOKIE,
  gatewayWith,
  ORIGIN,
  SECRET,
  stopAll,
  type TestGateway,
  type TestGatewayOptions,
} from '../gate/gateway.ts';
import { PERSON, startTokenProvider, type TokenProvider } from './token-provider.ts';

const HOUR = 3_600_000;
const LIMITS = { absolute: 24 * HOUR, idle: 24 * HOUR, refresh: true };
const REFUSED = { status: 400, headers: { 'content-type': 'application/json' } };

let provider: TokenProvider;
let app: TestApp;
let store: MemoryStore;
beforeEach(async () => {
  provider = await startTokenProvider();
  store = new MemoryStore();
  app = await httpApp((_request, response) => response.end('from the app'));
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
    apps: [{ name: 'app', upstream: app.upstream, profiles: ['easyauth'] }],
    ...options,
    options: { store },
  });
}

/** Somebody who signed in two hours ago, with an access token that nothing says the end of: it is never due. */
async function signedIn(tokens: (all: TokenSet) => TokenSet = (all) => all): Promise<string> {
  const elsewhere = new Sessions({
    store,
    sealer: new Sealer([SECRET]),
    clock: () => Date.now() - 2 * HOUR,
    random: randomBytes,
    limits: LIMITS,
    maxInMemory: 10,
  });
  const { accessTokenExpiresAt: _none, ...all } = await provider.tokens();
  const { cookieId } = await elsewhere.create({
    identity: {
      issuer: provider.issuer,
      subject: PERSON,
      provider: 'corp',
      email: 'person@example.com',
      roles: ['analyst'],
      groups: [],
    },
    tokens: tokens(all),
  });
  return `${COOKIE}=${cookieId}`;
}

interface Me {
  readonly provider_name: string;
  readonly user_id: string;
  readonly user_claims: readonly { readonly typ: string; readonly val: string }[];
  readonly access_token?: string;
  readonly id_token?: string;
  readonly expires_on?: string;
}

const SAME = { 'sec-fetch-site': 'same-origin' };

describe('/.auth/me', () => {
  const me = async (gateway: TestGateway, cookie: string, headers = {}) => {
    const answer = await ask(gateway, '/.auth/me', { cookie, headers });
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    const list = JSON.parse(answer.text) as Me[];
    expect(list).toHaveLength(1);
    return { text: answer.text, me: list[0] as Me };
  };

  test('says who is there in the shape of App Service, and no token', async () => {
    const gateway = await start();
    const { text, me: told } = await me(gateway, await signedIn());
    expect(told.provider_name).toBe('corp');
    expect(told.user_id).toBe('person@example.com');
    expect(told.user_claims).toContainEqual({ typ: 'roles', val: 'analyst' });
    expect(Object.keys(told).toSorted()).toEqual(['provider_name', 'user_claims', 'user_id']);
    expect(text).not.toContain('eyJ');
  });

  test('is 401 for nobody and 405 for what is no question', async () => {
    const gateway = await start();
    expect((await ask(gateway, '/.auth/me')).status).toBe(401);
    const cookie = await signedIn();
    expect((await ask(gateway, '/.auth/me', { method: 'DELETE', cookie, headers: SAME })).status).toBe(405);
  });

  test('tells tokens where the operator asks for them, to pages of this origin, and never the refresh token', async () => {
    const gateway = await start({ tokensInMe: true });
    let refreshToken = '';
    const cookie = await signedIn((all) => {
      refreshToken = all.refreshToken ?? '';
      return { ...all, accessTokenExpiresAt: Date.UTC(2100, 0, 2, 3, 4, 5) };
    });
    const { text, me: told } = await me(gateway, cookie, SAME);
    expect(told.access_token).toBeTruthy();
    expect(told.id_token).toMatch(/^eyJ/);
    expect(told.expires_on).toBe('2100-01-02T03:04:05.000Z');
    expect(refreshToken).not.toBe('');
    expect(text).not.toContain(refreshToken);
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: `${ORIGIN}.evil.example` },
    ])
      expect(Object.keys((await me(gateway, cookie, headers)).me)).not.toContain('access_token');
  });
});

describe('/.auth/refresh', () => {
  test.each([
    ['GET', SAME],
    ['GET', {}],
    ['POST', { origin: ORIGIN }],
  ])('%s renews the tokens now, and the identity with them', async (method, headers) => {
    const gateway = await start({ tokensInMe: true });
    const cookie = await signedIn();
    const me = async () => JSON.parse((await ask(gateway, '/.auth/me', { cookie })).text) as Me[];
    const [before] = await me();
    provider.claims = { ...provider.claims, roles: ['editor'] };
    expect((await ask(gateway, '/.auth/refresh', { method, cookie, headers })).status).toBe(200);
    const [after] = await me();
    expect(provider.tokenRequests).toEqual(['refresh_token']);
    expect(after?.access_token).toBeTruthy();
    expect(after?.access_token).not.toBe(before?.access_token);
    expect(after?.user_claims).toContainEqual({ typ: 'roles', val: 'editor' });
    expect(after?.user_claims).not.toContainEqual({ typ: 'roles', val: 'analyst' });
  });

  test('a hundred calls at once, and one more, are one request to the provider', async () => {
    const gateway = await start();
    const cookie = await signedIn();
    const calls = Array.from({ length: 100 }, () => ask(gateway, '/.auth/refresh', { cookie }));
    for (const { status } of await Promise.all(calls)) expect(status).toBe(200);
    expect((await ask(gateway, '/.auth/refresh', { cookie })).status).toBe(200);
    expect(provider.tokenRequests).toEqual(['refresh_token']);
  });

  test('is 401 for nobody, 403 without a refresh token, and 405 for other methods', async () => {
    const gateway = await start();
    expect((await ask(gateway, '/.auth/refresh')).status).toBe(401);
    const cookie = await signedIn(({ refreshToken: _none, ...rest }) => rest);
    expect((await ask(gateway, '/.auth/refresh', { cookie })).status).toBe(403);
    expect((await ask(gateway, '/.auth/refresh', { cookie, method: 'PUT', headers: SAME })).status).toBe(405);
    expect(provider.tokenRequests).toEqual([]);
  });

  test('is 403 where tokens are not renewed at all', async () => {
    const gateway = await start({ session: { ...LIMITS, refresh: false } });
    expect((await ask(gateway, '/.auth/refresh', { cookie: await signedIn() })).status).toBe(403);
  });

  test.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    { origin: 'null' },
  ])('does nothing for another site: %o', async (headers) => {
    const gateway = await start();
    const cookie = await signedIn();
    for (const method of ['GET', 'POST'])
      expect((await ask(gateway, '/.auth/refresh', { cookie, method, headers })).status).toBe(403);
    expect(provider.tokenRequests).toEqual([]);
  });

  test('is 401, and the session over, when the provider says that the grant is over', async () => {
    const gateway = await start();
    const cookie = await signedIn();
    provider.trouble = (path) =>
      path === '/token' ? { ...REFUSED, body: '{"error":"invalid_grant"}' } : undefined;
    expect((await ask(gateway, '/.auth/refresh', { cookie })).status).toBe(401);
    expect((await ask(gateway, '/.auth/session', { cookie })).status).toBe(401);
  });

  test('is 503 while the provider is in trouble, which costs no session and is not asked again at once', async () => {
    const gateway = await start();
    const cookie = await signedIn();
    provider.trouble = (path) => (path === '/token' ? { status: 503 } : undefined);
    const answer = await ask(gateway, '/.auth/refresh', { cookie });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '30']);
    expect((await ask(gateway, '/.auth/refresh', { cookie })).status).toBe(503);
    expect(provider.tokenRequests).toEqual(['refresh_token']);
    expect((await ask(gateway, '/.auth/session', { cookie })).status).toBe(200);
  });
});

describe('where App Service’s sign-in addresses lead', () => {
  const target = async (gateway: TestGateway, path: string) => {
    const { status, headers } = await ask(gateway, path);
    return status === 302 ? new URL(headers['location'] ?? '').origin : status;
  };
  const entra = (name: string, tenant = '9f1c2b3a-0000-4000-8000-000000000000') =>
    ({
      ...provider.settings,
      name,
      type: 'entra',
      authority: provider.issuer,
      tenant,
      groupsFromGraph: false,
    }) as const;

  test('/.auth/login/aad is the one Entra provider, whatever it is called', async () => {
    const gateway = await start({ providers: [provider.settings, entra('company')] });
    // Its metadata are not there, which is found out only when it is the one that is meant.
    expect(await target(gateway, '/.auth/login/aad')).toBe(502);
    expect(await target(gateway, '/.auth/login/corp')).toBe(provider.issuer);
    expect(await target(gateway, '/.auth/login/google')).toBe(404);
  });

  test('/.auth/login/aad/callback takes the answer, where it is the registered redirect URI', async () => {
    const redirectUri = `${ORIGIN}/.auth/login/aad/callback`;
    const gateway = await start({ providers: [{ ...provider.settings, redirectUri }] });
    const begun = await ask(gateway, '/.auth/login/corp');
    const asked = new URL(begun.headers['location'] ?? '').searchParams;
    expect(asked.get('redirect_uri')).toBe(redirectUri);
    const cookie = (begun.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ');
    const answer = new URLSearchParams({ state: asked.get('state') ?? '', code: 'x', iss: provider.issuer });
    await ask(gateway, `/.auth/login/aad/callback?${answer}`, { cookie });
    expect(provider.tokenRequests).toEqual(['authorization_code']);
  });

  test('a provider of that very name comes first, and of two Entra providers neither is guessed', async () => {
    const named = await start({ providers: [{ ...provider.settings, name: 'aad' }, entra('company')] });
    expect(await target(named, '/.auth/login/aad')).toBe(provider.issuer);
    const two = await start({ providers: [entra('one'), entra('two')] });
    expect(await target(two, '/.auth/login/aad')).toBe(404);
  });
});
