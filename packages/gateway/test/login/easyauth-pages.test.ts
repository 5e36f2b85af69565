import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { httpApp, stopApps } from '../gate/apps.ts';
import { ask } from '../gate/client.ts';
import { gatewayWith, stopAll } from '../gate/gateway.ts';
import { Browser } from './browser.ts';

const DEV = {
  personas: [{ id: 'ada', name: 'Ada Admin', email: 'ada@example.com', roles: ['admin'], groups: ['it'] }],
  tokenLifetime: 3_600_000,
};

let origin: string;
let browser: Browser;
beforeEach(async () => {
  origin = await start(['easyauth']);
  browser = new Browser();
});
afterEach(async () => {
  await stopAll();
  await stopApps();
});

async function start(profiles: readonly 'easyauth'[]): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  const app = await httpApp((request, response) => response.end(`app ${request.url}`));
  const url = `http://localhost:${port}`;
  await gatewayWith({
    publicUrl: url,
    port,
    dev: DEV,
    apps: [{ name: 'sales', upstream: app.upstream, profiles }],
  });
  return url;
}

const signedIn = async (): Promise<boolean> =>
  (await browser.fetch(`${origin}/.auth/session`)).status === 200;

/** Headers of somebody who clicks on a link of a page of this origin. */
const CLICK = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-user': '?1',
};

/** A request with Fetch Metadata of one's own, which `fetch` does not let one choose; keeps the cookies that come. */
async function get(url: string, headers: Record<string, string>) {
  const { host, port, pathname, search } = new URL(url);
  const cookie = browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const answer = await ask({ port: Number(port) }, pathname + search, {
    cookie,
    headers: { host, ...headers },
  });
  for (const line of answer.headers['set-cookie'] ?? []) {
    const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
    if (value !== '') browser.cookies.push({ name, value, path: '/' });
  }
  return answer;
}

describe('App Service’s sign-in', () => {
  test.each([
    ['post_login_redirect_uri', '/reports?year=2026'],
    ['post_login_redirect_url', '/reports?year=2026'],
    ['post_login_redirect_uri', 'ORIGIN/reports?year=2026'],
  ])('with %s=%s ends there; in development aad is the development provider', async (parameter, where) => {
    const value = encodeURIComponent(where.replace('ORIGIN', origin));
    const page = await browser.go(`${origin}/.auth/login/aad?${parameter}=${value}`);
    const end = await browser.submit(page, { persona: 'ada' });
    expect([end.url, end.body]).toEqual([`${origin}/reports?year=2026`, 'app /reports?year=2026']);
  });

  test.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    'ORIGIN.evil.example/',
    'ORIGIN//evil.example/',
    'ORIGIN@evil.example/',
    'javascript:alert(1)',
    '/.auth/login/aad',
  ])('does not go to %s afterwards', async (where) => {
    const value = encodeURIComponent(where.replace('ORIGIN', origin));
    const page = await browser.go(`${origin}/.auth/login/aad?post_login_redirect_uri=${value}`);
    expect((await browser.submit(page, { persona: 'ada' })).url).toBe(`${origin}/`);
  });
});

describe('App Service’s sign-out', () => {
  beforeEach(async () => {
    await browser.signIn(origin, 'ada');
    expect(await signedIn()).toBe(true);
  });

  test('by a click on a link of the app signs out at once, here and at the provider, and goes on to the page asked for', async () => {
    const url = `${origin}/.auth/logout?post_logout_redirect_uri=%2Fgoodbye%3Fa%3D1`;
    const first = await get(url, CLICK);
    expect(first.status).toBe(303);
    expect(await signedIn()).toBe(false);
    const atProvider = new URL(first.headers['location'] ?? '');
    expect(atProvider.searchParams.get('post_logout_redirect_uri')).toBe(`${origin}/.auth/signed-out`);
    const back = await browser.fetch(`${origin}/.auth/signed-out`);
    expect([back.status, back.headers.get('location')]).toEqual([303, '/goodbye?a=1']);
    // Once: whoever comes to that page again sees it.
    expect((await browser.fetch(`${origin}/.auth/signed-out`)).body).toContain('You are signed out');
  });

  test.each([
    ['nothing is said of who asks', {}],
    ['an address was typed', { ...CLICK, 'sec-fetch-site': 'none' }],
    ['a link of another site', { ...CLICK, 'sec-fetch-site': 'cross-site' }],
    ['a link of a sibling site', { ...CLICK, 'sec-fetch-site': 'same-site' }],
    ['a script that navigates', { ...CLICK, 'sec-fetch-user': '?0' }],
    ['an image on a page of the app', { ...CLICK, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['a frame on a page of the app', { ...CLICK, 'sec-fetch-dest': 'iframe' }],
    ['a prefetch', { ...CLICK, 'sec-purpose': 'prefetch' }],
  ])('asks first when %s', async (_what, headers) => {
    const page = await get(`${origin}/.auth/logout?post_logout_redirect_uri=/bye`, headers);
    expect([page.status, await signedIn()]).toEqual([200, true]);
    expect(page.text).toContain('action="/.auth/logout?post_logout_redirect_uri=%2Fbye"');
  });

  test('asks first where no app on the host is written for App Service', async () => {
    origin = await start([]);
    browser = new Browser();
    await browser.signIn(origin, 'ada');
    const page = await get(`${origin}/.auth/logout`, CLICK);
    expect([page.status, await signedIn()]).toEqual([200, true]);
  });

  test('by the button of the page that asks ends at the page asked for, too', async () => {
    const page = await browser.fetch(`${origin}/.auth/logout?post_logout_redirect_uri=/bye`);
    const action = /action="([^"]+)"/.exec(page.body)?.[1] ?? '';
    const answer = await browser.fetch(origin + action, { method: 'POST' });
    expect([answer.status, await signedIn()]).toEqual([303, false]);
    const back = await browser.fetch(`${origin}/.auth/signed-out`);
    expect(back.headers.get('location')).toBe('/bye');
  });

  test.each(['https://evil.example/', '//evil.example', '/%5Cevil', 'ORIGIN.evil.example/', 'ORIGIN//x/'])(
    'never goes to %s',
    async (where) => {
      const value = where.replace('ORIGIN', origin).replace('%5C', '\\');
      const url = `${origin}/.auth/logout?post_logout_redirect_uri=${encodeURIComponent(value)}`;
      await get(url, CLICK);
      const page = await browser.fetch(`${origin}/.auth/signed-out`);
      expect([page.status, page.headers.get('location')]).toEqual([200, null]);
      const nobody = await get(url, CLICK);
      expect(nobody.headers['location']).toBe('/.auth/signed-out');
    },
  );

  test.each(['https%3A%2F%2Fevil.example%2F', '%2F%2Fevil.example', '%E0%A4%A', '%2F%5Cevil'])(
    'is not led elsewhere by a cookie that somebody tossed in: %s',
    async (value) => {
      browser.cookies.push({ name: 'portico-after-logout', value, path: '/' });
      const page = await browser.fetch(`${origin}/.auth/signed-out`);
      expect([page.status, page.headers.get('location')]).toEqual([303, '/']);
    },
  );
});
