import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { singleCookie } from '../../src/login/single-cookie.ts';
import { Browser } from './browser.ts';
import { startTestGateway, type TestGateway, viaInternal } from './gateway.ts';

let gateway: TestGateway;
let browser: Browser;
beforeEach(async () => {
  gateway = await startTestGateway();
  browser = new Browser();
  await browser.signIn(gateway.origin, 'ada');
});
afterEach(() => gateway.close());

const signedIn = async (): Promise<boolean> =>
  (await browser.fetch(`${gateway.origin}/.auth/session`)).status === 200;

describe('sign-out', () => {
  test('asks first and changes nothing on GET', async () => {
    const page = await browser.fetch(`${gateway.origin}/.auth/logout`);
    expect(page.body).toContain('Ada Admin');
    expect(await signedIn()).toBe(true);
  });

  test('ends the session here, clears the cookie and goes on to the provider', async () => {
    const [cookie] = browser.cookies.filter(({ name }) => name === 'portico');
    const answer = await browser.fetch(`${gateway.origin}/.auth/logout`, { method: 'POST' });
    expect(answer.status).toBe(303);
    const target = new URL(answer.headers.get('location') ?? '');
    expect(target.pathname).toBe('/.auth/dev/session/end');
    expect(target.searchParams.get('client_id')).toBe('portico');
    expect(target.searchParams.get('post_logout_redirect_uri')).toBe(`${gateway.origin}/.auth/signed-out`);
    expect(target.searchParams.get('id_token_hint')).toBeTruthy();
    expect(answer.headers.getSetCookie()).toEqual(['portico=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0']);
    expect(answer.headers.get('clear-site-data')).toBe('"cache"');
    const old = await fetch(`${gateway.origin}/.auth/session`, {
      headers: { cookie: `portico=${cookie?.value}` },
    });
    expect(old.status).toBe(401);
    expect(gateway.events.map(({ kind }) => kind)).toEqual(['sign-in', 'sign-out']);
  });

  test('works while the provider is down', async () => {
    gateway.provider({ name: 'dev' }, viaInternal({ hostname: '127.0.0.1', port: 1 }));
    const page = await browser.go(`${gateway.origin}/.auth/logout`, undefined, { method: 'POST' });
    expect(page.url).toBe(`${gateway.origin}/.auth/signed-out`);
    expect(page.body).toContain('You are signed out');
    expect(await signedIn()).toBe(false);
  });

  test('clears a cookie that opens nothing', async () => {
    const stranger = new Browser();
    stranger.cookies = [{ name: 'portico', value: 'stale', path: '/' }];
    const page = await stranger.go(`${gateway.origin}/.auth/logout`, undefined, { method: 'POST' });
    expect(page.body).toContain('You are signed out');
    expect(stranger.cookies).toEqual([]);
  });

  test.each([
    ['another origin', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    [
      'another origin that claims the same',
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    ],
    ['a sibling site', { origin: 'null', 'sec-fetch-site': 'same-site' }],
    ['an origin that begins like ours (CVE-2026-21883)', { origin: 'ORIGIN.evil.example' }],
    ['another scheme', { origin: 'HTTPS' }],
  ])('from %s is 403 and changes nothing', async (_who, headers) => {
    const origin = headers.origin
      .replace('ORIGIN', gateway.origin)
      .replace('HTTPS', gateway.origin.replace('http:', 'https:'));
    const answer = await browser.fetch(`${gateway.origin}/.auth/logout`, {
      method: 'POST',
      headers: { ...headers, origin },
    });
    expect(answer.status).toBe(403);
    expect(await signedIn()).toBe(true);
  });

  test('without any word of where it comes from is 403', async () => {
    const cookie = browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const answer = await fetch(`${gateway.origin}/.auth/logout`, {
      method: 'POST',
      headers: { cookie },
      redirect: 'manual',
    });
    expect(answer.status).toBe(403);
    expect(await signedIn()).toBe(true);
  });
});

describe('GET /.auth/session', () => {
  test('is 401 JSON for nobody', async () => {
    const answer = await new Browser().fetch(`${gateway.origin}/.auth/session`);
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body)).toEqual({ error: 'login_required', login: '/.auth/login' });
  });

  test('tells who, and nothing that opens anything', async () => {
    const answer = await browser.fetch(`${gateway.origin}/.auth/session`);
    const body = JSON.parse(answer.body) as Record<string, unknown>;
    expect(Object.keys(body).sort()).toEqual([
      'claims',
      'email',
      'expires_at',
      'groups',
      'name',
      'provider',
      'roles',
      'user',
    ]);
    expect(Date.parse(String(body['expires_at']))).toBeGreaterThan(Date.now());
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

describe('a cookie that is there twice', () => {
  test('is not believed, in any order', () => {
    expect(singleCookie('portico=a; x=1', 'portico')).toBe('a');
    expect(singleCookie('portico=a; portico=b', 'portico')).toBeUndefined();
    expect(singleCookie('portico=a; x=1; portico=a', 'portico')).toBeUndefined();
    expect(singleCookie(undefined, 'portico')).toBeUndefined();
  });
});
