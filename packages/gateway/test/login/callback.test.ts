import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Browser, callbackFor, changed, expectRefused, hasSession } from './browser.ts';
import { startTestGateway, type TestGateway, viaInternal } from './gateway.ts';

let gateway: TestGateway;
let browser: Browser;
beforeEach(async () => {
  gateway = await startTestGateway();
  browser = new Browser();
});
afterEach(() => gateway.close());

const codes = (): string[] => gateway.errors().map(({ code }) => code);
describe('a callback', () => {
  test('that is replayed is refused, even with the cookie kept', async () => {
    const callback = await callbackFor(browser, gateway.origin);
    const thief = new Browser();
    thief.cookies = [...browser.cookies];
    await browser.fetch(callback);
    const replay = await thief.fetch(callback);
    expect(replay.status).toBe(400);
    expect(hasSession(thief)).toBe(false);
    expect(codes()).toEqual(['login_state_used']);
  });

  test('that arrives many times at once makes one session', async () => {
    const callback = await callbackFor(browser, gateway.origin);
    const copies = Array.from({ length: 6 }, () =>
      Object.assign(new Browser(), { cookies: [...browser.cookies] }),
    );
    const pages = await Promise.all(copies.map((copy) => copy.fetch(callback)));
    expect(pages.map(({ status }) => status).sort()).toEqual([303, 400, 400, 400, 400, 400]);
  });

  test('in another browser is refused', async () => {
    const callback = await callbackFor(new Browser(), gateway.origin);
    await expectRefused(browser, await browser.fetch(callback));
    // Also in one that has a sign-in of its own under way.
    await browser.go(`${gateway.origin}/.auth/login`);
    await expectRefused(browser, await browser.fetch(callback));
    expect(codes()).toEqual(['login_state_unknown', 'login_state_unknown']);
  });

  test('of nobody’s sign-in takes somebody who is signed in to a safe place', async () => {
    await browser.signIn(gateway.origin, 'ada');
    const answer = await browser.fetch(`${gateway.origin}/.auth/login/dev/callback?code=x&state=unknown`);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
  });

  test.each(['state', 'code', 'iss', 'error'])('with "%s" twice is refused', async (name) => {
    const callback = await callbackFor(browser, gateway.origin);
    const twice = changed(callback, (params) => {
      params.append(name, params.get(name) ?? 'x');
      if (params.getAll(name).length < 2) params.append(name, 'x');
    });
    await expectRefused(browser, await browser.fetch(twice));
    expect(codes()).toEqual(['login_parameters_repeated']);
  });

  test.each([
    ['another issuer', (p: URLSearchParams) => p.set('iss', 'https://evil.example')],
    ['a prefix of the issuer', (p: URLSearchParams) => p.set('iss', (p.get('iss') ?? '').slice(0, -1))],
    ['no issuer, though the metadata promises one', (p: URLSearchParams) => p.delete('iss')],
    ['another code', (p: URLSearchParams) => p.set('code', 'A'.repeat(43))],
    ['no code', (p: URLSearchParams) => p.delete('code')],
    ['another state', (p: URLSearchParams) => p.set('state', 'A'.repeat(43))],
    ['no state', (p: URLSearchParams) => p.delete('state')],
    ['an ID token in the front channel', (p: URLSearchParams) => p.set('id_token', 'e30.e30.e30')],
    ['a JARM response', (p: URLSearchParams) => p.set('response', 'e30.e30.e30')],
  ])('with %s is refused', async (_what, change) => {
    const callback = await callbackFor(browser, gateway.origin);
    await expectRefused(browser, await browser.fetch(changed(callback, change)));
  });

  test('with an ID token for another nonce is refused', async () => {
    const start = await browser.fetch(`${gateway.origin}/.auth/login`);
    const url = changed(start.headers.get('location') ?? '', (params) => params.set('nonce', 'another'));
    await expectRefused(browser, await browser.submit(await browser.go(url), { persona: 'ada' }));
    expect(codes()).toEqual(['sign_in_refused']);
    expect(gateway.errors()[0]?.message).toContain('nonce');
  });

  test('for another PKCE verifier is refused', async () => {
    const start = await browser.fetch(`${gateway.origin}/.auth/login`);
    const url = changed(start.headers.get('location') ?? '', (params) =>
      params.set('code_challenge', 'A'.repeat(43)),
    );
    await expectRefused(browser, await browser.submit(await browser.go(url), { persona: 'ada' }));
  });

  test('for another provider of the same gateway is refused', async () => {
    const callback = await callbackFor(browser, gateway.origin);
    gateway.provider({ name: 'second' }, viaInternal(gateway.dev));
    await expectRefused(browser, await browser.fetch(callback.replace('/login/dev/', '/login/second/')));
    expect(codes()).toEqual(['login_state_unknown']);
  });

  test('after ten minutes is refused', async () => {
    const callback = await callbackFor(browser, gateway.origin);
    gateway.ahead = 10 * 60_000;
    await expectRefused(browser, await browser.fetch(callback));
  });

  test('with a tampered cookie is refused, whichever character changed', async () => {
    const callback = await callbackFor(browser, gateway.origin);
    const original = browser.cookies;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (position) => {
        browser.cookies = original.map((cookie) => {
          if (!cookie.name.startsWith('portico-login-')) return cookie;
          const at = position % cookie.value.length;
          const other = cookie.value[at] === 'A' ? 'B' : 'A';
          return { ...cookie, value: cookie.value.slice(0, at) + other + cookie.value.slice(at + 1) };
        });
        expect((await browser.fetch(callback)).status).toBe(400);
      }),
      { numRuns: 40 },
    );
    browser.cookies = original;
    expect((await browser.fetch(callback)).status).toBe(303);
  });

  test('with the transaction under another name, or tossed in twice, is refused', async () => {
    const callback = await callbackFor(browser, gateway.origin);
    const [mine] = browser.cookie('portico-login-');
    if (mine === undefined) throw new Error('no transaction cookie');
    const ask = (cookie: string): Promise<Response> =>
      fetch(callback, { headers: { cookie }, redirect: 'manual' });
    expect((await ask(`${mine.name}=${mine.value}; ${mine.name}=${mine.value}`)).status).toBe(400);
    expect((await ask(`${mine.name}=x; ${mine.name}=${mine.value}`)).status).toBe(400);
    // A transaction is not a session either (CVE-2023-48309).
    const asSession = await fetch(`${gateway.origin}/.auth/session`, {
      headers: { cookie: `portico=${mine.value}` },
    });
    expect(asSession.status).toBe(401);
  });

  test('with an error of the provider is a readable page and works only once', async () => {
    const start = await browser.go(`${gateway.origin}/.auth/login?return_to=/wanted`);
    const page = await browser.submit(start, { cancel: 'yes' });
    await expectRefused(browser, page, 403);
    expect(page.body).toContain('/.auth/login?return_to=%2Fwanted');
    expect(codes()).toEqual(['access_denied']);
    expect((await browser.fetch(page.url)).status).toBe(400);
  });

  test('never shows the provider’s own words', async () => {
    const callback = await callbackFor(browser, gateway.origin);
    const page = await browser.fetch(
      changed(callback, (p) => {
        p.delete('code');
        p.set('error', '<script>alert(1)</script>');
        p.set('error_description', 'call 0800-EVIL');
      }),
    );
    expect(page.status).toBe(400);
    expect(page.body).not.toMatch(/alert|EVIL/);
  });
});
