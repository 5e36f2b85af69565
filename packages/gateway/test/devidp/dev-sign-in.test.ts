import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startDevProvider } from '../../src/devidp/server.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { Browser, isCallback } from '../login/browser.ts';
import { CLIENT_SECRET, startTestGateway, type TestGateway } from '../login/gateway.ts';

let gateway: TestGateway;
const printed = vi.fn();
beforeEach(async () => {
  for (const method of ['log', 'info', 'warn', 'error'] as const)
    vi.spyOn(console, method).mockImplementation(printed);
  gateway = await startTestGateway();
});
afterEach(async () => {
  await gateway.close();
  vi.restoreAllMocks();
});

describe('the development provider', () => {
  test('signs in with one click and brings roles and groups', async () => {
    const browser = new Browser();
    const start = await browser.go(`${gateway.origin}/.auth/login?return_to=/sales%3Fa%3D1`);
    expect(start.status).toBe(200);
    expect(start.body).toContain('Development sign-in');
    expect(start.body).toContain('not for production');
    expect(start.body).toContain('ann@example.com');
    expect(start.body).toContain('finance');
    const end = await browser.submit(start, { persona: 'ann' });
    expect(end.body).toBe('app /sales?a=1 for ann');
    const who = await browser.fetch(`${gateway.origin}/.auth/session`);
    expect(JSON.parse(who.body)).toMatchObject({
      user: 'ann',
      email: 'ann@example.com',
      name: 'Ann Analyst',
      roles: ['analyst'],
      groups: ['finance', 'eu'],
      provider: 'dev',
    });
  });

  test('keeps the terminal clean', async () => {
    await new Browser().signIn(gateway.origin, 'ada');
    expect(printed.mock.calls).toEqual([]);
  });

  test('gives a refresh token', async () => {
    await new Browser().signIn(gateway.origin, 'ada');
    const event = gateway.events.find(({ kind }) => kind === 'sign-in');
    expect(event?.kind === 'sign-in' && event.session.tokens.refreshToken).toBeTruthy();
  });

  test('names its cookies so that apps never see them', async () => {
    const browser = new Browser();
    await browser.signIn(gateway.origin, 'ada');
    expect(browser.cookies.map(({ name }) => name).filter((name) => !/^portico(-|$)/.test(name))).toEqual([]);
  });

  test('ends its own session at sign-out, so that the next sign-in asks again', async () => {
    const browser = new Browser();
    await browser.signIn(gateway.origin, 'ada');
    const ending = await browser.go(`${gateway.origin}/.auth/logout`, undefined, { method: 'POST' });
    expect(ending.body).toContain('/.auth/dev/submit.js');
    const out = await browser.submit(ending, { logout: 'yes' });
    expect(out.url).toBe(`${gateway.origin}/.auth/signed-out`);
    const again = await browser.go(`${gateway.origin}/.auth/login`);
    expect(again.body).toContain('Who do you want to be?');
  });

  test('goes on without a question for somebody it knows', async () => {
    const browser = new Browser();
    await browser.signIn(gateway.origin, 'ada');
    browser.cookies = browser.cookies.filter(({ name }) => name !== 'portico');
    const end = await browser.go(`${gateway.origin}/.auth/login?return_to=/x`);
    expect(end.body).toBe('app /x for ada');
  });

  test.each(['login', 'select_account', 'consent'])('works with prompt=%s', async (prompt) => {
    gateway.provider({ name: 'dev', extraParams: { prompt }, scope: 'openid profile email offline_access' });
    const browser = new Browser();
    const end = await browser.signIn(gateway.origin, 'ada');
    expect(end.body).toBe('app / for ada');
    browser.cookies = browser.cookies.filter(({ name }) => name !== 'portico');
    const again = await browser.go(`${gateway.origin}/.auth/login`);
    expect(again.body).toContain(prompt === 'consent' ? 'app / for ada' : 'Who do you want to be?');
  });

  test('cancelling is a readable refusal', async () => {
    const browser = new Browser();
    const start = await browser.go(`${gateway.origin}/.auth/login`);
    const end = await browser.submit(start, { cancel: 'yes' });
    expect(end.status).toBe(403);
    expect(end.body).toContain('access_denied');
  });

  test('refuses a form from another site', async () => {
    const browser = new Browser();
    const start = await browser.go(`${gateway.origin}/.auth/login`);
    const action = /action="([^"]+)"/.exec(start.body)?.[1] ?? '';
    const answer = await browser.fetch(gateway.origin + action, {
      method: 'POST',
      body: 'persona=ada',
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.status).toBe(400);
    expect(browser.cookie('portico-dev-session')).toEqual([]);
  });

  test('demands PKCE', async () => {
    const url = new URL(`${gateway.dev.issuer}/auth`);
    url.search = new URLSearchParams({
      client_id: 'portico',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: `${gateway.origin}/.auth/login/dev/callback`,
    }).toString();
    const answer = await new Browser().go(url.href, isCallback);
    expect(new URL(answer.url).searchParams.get('error')).toBe('invalid_request');
  });

  test('keeps sessions, ID tokens and refresh tokens over a restart', async () => {
    const browser = new Browser();
    await browser.signIn(gateway.origin, 'ada');
    const event = gateway.events.find(({ kind }) => kind === 'sign-in');
    if (event?.kind !== 'sign-in') throw new Error('no sign-in');
    await gateway.restartDev();
    const known = await browser.fetch(
      `${gateway.dev.issuer}/auth?${new URLSearchParams({ client_id: 'portico', response_type: 'code', scope: 'openid', redirect_uri: `${gateway.origin}/.auth/login/dev/callback`, code_challenge: 'A'.repeat(43), code_challenge_method: 'S256', prompt: 'none' })}`,
    );
    expect(known.headers.get('location')).toContain('code=');
    const refreshed = await fetch(`${gateway.dev.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`portico:${CLIENT_SECRET}`).toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: event.session.tokens.refreshToken ?? '',
      }),
    });
    expect(refreshed.status).toBe(200);
    const hint = event.session.tokens.idToken ?? '';
    const ending = await browser.fetch(`${gateway.dev.issuer}/session/end?id_token_hint=${hint}`);
    expect(ending.status).toBe(200);
  });

  test('offers no introspection', async () => {
    const answer = await fetch(`${gateway.dev.issuer}/token/introspection`, {
      method: 'POST',
      body: 'token=x',
    });
    expect(answer.status).toBe(404);
  });

  test.each([
    ['https://apps.example.com', '127.0.0.1'],
    ['http://localhost:8000', '0.0.0.0'],
    ['http://localhost.example.com', '127.0.0.1'],
    ['http://127.0.0.1.example.com', '127.0.0.1'],
    ['http://localhost:8000', '::'],
  ])('refuses to start for %s on %s', async (publicUrl, address) => {
    const starting = startDevProvider({
      publicUrl,
      address,
      clients: [],
      personas: [],
      tokenLifetime: 3_600_000,
      resources: [],
      secret: 's',
      store: new MemoryStore(),
    });
    await expect(starting).rejects.toMatchObject({ code: 'dev_not_loopback' });
  });
});
