import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Browser, callbackFor, expectRefused } from './browser.ts';
import { startTestGateway, type TestGateway, viaInternal } from './gateway.ts';

let gateway: TestGateway;
let browser: Browser;
beforeEach(async () => {
  gateway = await startTestGateway();
  browser = new Browser();
});
afterEach(() => gateway.close());

describe('a sign-in', () => {
  test('ends on the page that was wanted, with a session cookie of safe attributes', async () => {
    const callback = await callbackFor(browser, gateway.origin, 'ann', '/sales/?q=1');
    const answer = await browser.fetch(callback);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/sales/?q=1');
    const [session, cleared] = answer.headers.getSetCookie();
    expect(session).toMatch(/^portico=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    expect(cleared).toMatch(/^portico-login-[\w-]{16}=; .*Max-Age=0$/);
    expect(gateway.events.map(({ kind }) => kind)).toEqual(['sign-in']);
  });

  test('asks the provider for a code with PKCE S256, state and nonce, all fresh', async () => {
    const ask = async (): Promise<URLSearchParams> => {
      const answer = await new Browser().fetch(`${gateway.origin}/.auth/login`);
      return new URL(answer.headers.get('location') ?? '').searchParams;
    };
    const [one, two] = [await ask(), await ask()];
    expect(one.get('response_type')).toBe('code');
    expect(one.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(one.get(name)).toMatch(/^[\w-]{43}$/);
      expect(one.get(name)).not.toBe(two.get(name));
    }
  });

  test('cannot be weakened by extra parameters', async () => {
    gateway.provider(
      {
        name: 'dev',
        extraParams: {
          state: 'fixed',
          nonce: 'fixed',
          code_challenge_method: 'plain',
          redirect_uri: 'https://evil.example',
          audience: 'api',
        },
      },
      viaInternal(gateway.dev),
    );
    const answer = await browser.fetch(`${gateway.origin}/.auth/login`);
    const params = new URL(answer.headers.get('location') ?? '').searchParams;
    expect(params.getAll('state')).not.toContain('fixed');
    expect(params.getAll('nonce')).not.toContain('fixed');
    expect(params.getAll('code_challenge_method')).toEqual(['S256']);
    expect(params.getAll('redirect_uri')).toEqual([`${gateway.origin}/.auth/login/dev/callback`]);
    expect(params.get('audience')).toBe('api');
  });

  test('passes on whom a link expects, and that it wants another account', async () => {
    const link = `${gateway.origin}/.auth/login?login_hint=ann%40example.com&prompt=select_account&nonce=x`;
    const answer = await browser.fetch(link);
    const params = new URL(answer.headers.get('location') ?? '').searchParams;
    expect([params.get('login_hint'), params.get('prompt')]).toEqual(['ann@example.com', 'select_account']);
    expect(params.get('nonce')).not.toBe('x');
  });

  test('has a redirect URI from the configuration whatever Host says', async () => {
    const answer = await browser.fetch(`${gateway.origin}/.auth/login`, {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    });
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('redirect_uri')).toBe(
      `${gateway.origin}/.auth/login/dev/callback`,
    );
  });

  test('succeeds in two tabs, in either order', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const who = new Browser();
      const starts = [
        await who.go(`${gateway.origin}/.auth/login?return_to=/0`),
        await who.go(`${gateway.origin}/.auth/login?return_to=/1`),
      ];
      for (const tab of order) {
        const start = starts[tab];
        if (start === undefined) throw new Error('no such tab');
        expect((await who.submit(start, { persona: 'ada' })).body).toBe(`app /${tab} for ada`);
      }
      expect(who.cookie('portico-login-')).toEqual([]);
    }
  });

  test('of somebody who is signed in just goes on and shows no sign-in page (CVE-2026-34454)', async () => {
    await browser.signIn(gateway.origin, 'ada');
    gateway.provider({ name: 'second' }, viaInternal(gateway.dev));
    for (const path of [
      '/.auth/login?return_to=/x',
      '/.auth/login',
      '/.auth/login/dev',
      '/.auth/login/second?return_to=/x',
    ]) {
      const answer = await browser.fetch(gateway.origin + path);
      expect(answer.status).toBe(303);
      expect(answer.body).toBe('');
    }
  });

  test('ends the session that the browser had: its cookie is dead', async () => {
    const second = await callbackFor(browser, gateway.origin, 'ann');
    await browser.go(`${gateway.origin}/.auth/login`);
    const [old] = browser.cookies.filter(({ name }) => name === 'portico');
    await browser.go(second);
    const [fresh] = browser.cookies.filter(({ name }) => name === 'portico');
    expect(fresh?.value).not.toBe(old?.value);
    const status = async (value = ''): Promise<number> =>
      (await fetch(`${gateway.origin}/.auth/session`, { headers: { cookie: `portico=${value}` } })).status;
    expect(await status(old?.value)).toBe(401);
    expect(await status(fresh?.value)).toBe(200);
  });

  test('offers a choice when there are several providers', async () => {
    gateway.provider({ name: 'other', title: 'Other & <Co>' }, viaInternal(gateway.dev));
    const page = await browser.fetch(`${gateway.origin}/.auth/login?return_to=/a%26b`);
    expect(page.status).toBe(200);
    expect(page.body).toContain('/.auth/login/other?return_to=%2Fa%26b');
    expect(page.body).toContain('Other &amp; &lt;Co&gt;');
    expect(browser.cookies).toEqual([]);
  });

  test.each(['iframe', 'frame', 'embed', 'object', 'fencedframe'])(
    'is not shown in a frame (%s)',
    async (dest) => {
      const page = await browser.fetch(`${gateway.origin}/.auth/login?return_to=/x`, {
        headers: { 'sec-fetch-dest': dest },
      });
      expect(page.status).toBe(200);
      expect(page.body).toContain('target="_blank"');
      expect(browser.cookies).toEqual([]);
    },
  );

  test('with an unknown provider is 404', async () => {
    await expectRefused(browser, await browser.fetch(`${gateway.origin}/.auth/login/nobody`), 404);
  });

  test.each(['POST', 'PUT', 'DELETE'])('is not begun or finished by %s', async (method) => {
    for (const path of ['/.auth/login', '/.auth/login/dev/callback']) {
      expect((await browser.fetch(gateway.origin + path, { method })).status).toBe(405);
    }
  });
});
