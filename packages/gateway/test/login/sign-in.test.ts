import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Browser, isCallback, type Page } from './browser.ts';
import { CLIENT_SECRET, startTestGateway, type TestGateway, viaInternal } from './gateway.ts';

let gateway: TestGateway;
let browser: Browser;
beforeEach(async () => {
  gateway = await startTestGateway();
  browser = new Browser();
});
afterEach(() => gateway.close());

const codes = (): string[] => gateway.errors().map(({ code }) => code);
const hasSession = (who: Browser): boolean => who.cookies.some(({ name }) => name === 'portico');

/** Up to the callback, which is not asked yet. */
async function callbackFor(who: Browser, persona = 'ada', returnTo = '/'): Promise<string> {
  return (await who.signIn(gateway.origin, persona, returnTo, isCallback)).url;
}

function changed(url: string, change: (params: URLSearchParams) => void): string {
  const copy = new URL(url);
  change(copy.searchParams);
  return copy.href;
}

async function expectRefused(page: Page, status = 400): Promise<void> {
  expect(page.status).toBe(status);
  expect(page.body).toContain('Start again');
  expect(hasSession(browser)).toBe(false);
}

describe('a sign-in', () => {
  test('ends on the page that was wanted, with a session cookie of safe attributes', async () => {
    const callback = await callbackFor(browser, 'ann', '/sales/?q=1');
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
    const second = await callbackFor(browser, 'ann');
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
    await expectRefused(await browser.fetch(`${gateway.origin}/.auth/login/nobody`), 404);
  });

  test.each(['POST', 'PUT', 'DELETE'])('is not begun or finished by %s', async (method) => {
    for (const path of ['/.auth/login', '/.auth/login/dev/callback']) {
      expect((await browser.fetch(gateway.origin + path, { method })).status).toBe(405);
    }
  });
});

describe('a callback', () => {
  test('that is replayed is refused, even with the cookie kept', async () => {
    const callback = await callbackFor(browser);
    const thief = new Browser();
    thief.cookies = [...browser.cookies];
    await browser.fetch(callback);
    const replay = await thief.fetch(callback);
    expect(replay.status).toBe(400);
    expect(hasSession(thief)).toBe(false);
    expect(codes()).toEqual(['login_state_used']);
  });

  test('that arrives many times at once makes one session', async () => {
    const callback = await callbackFor(browser);
    const copies = Array.from({ length: 6 }, () =>
      Object.assign(new Browser(), { cookies: [...browser.cookies] }),
    );
    const pages = await Promise.all(copies.map((copy) => copy.fetch(callback)));
    expect(pages.map(({ status }) => status).sort()).toEqual([303, 400, 400, 400, 400, 400]);
  });

  test('in another browser is refused', async () => {
    const callback = await callbackFor(new Browser());
    await expectRefused(await browser.fetch(callback));
    // Also in one that has a sign-in of its own under way.
    await browser.go(`${gateway.origin}/.auth/login`);
    await expectRefused(await browser.fetch(callback));
    expect(codes()).toEqual(['login_state_unknown', 'login_state_unknown']);
  });

  test('of nobody’s sign-in takes somebody who is signed in to a safe place', async () => {
    await browser.signIn(gateway.origin, 'ada');
    const answer = await browser.fetch(`${gateway.origin}/.auth/login/dev/callback?code=x&state=unknown`);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
  });

  test.each(['state', 'code', 'iss', 'error'])('with "%s" twice is refused', async (name) => {
    const callback = await callbackFor(browser);
    const twice = changed(callback, (params) => {
      params.append(name, params.get(name) ?? 'x');
      if (params.getAll(name).length < 2) params.append(name, 'x');
    });
    await expectRefused(await browser.fetch(twice));
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
    const callback = await callbackFor(browser);
    await expectRefused(await browser.fetch(changed(callback, change)));
  });

  test('with an ID token for another nonce is refused', async () => {
    const start = await browser.fetch(`${gateway.origin}/.auth/login`);
    const url = changed(start.headers.get('location') ?? '', (params) => params.set('nonce', 'another'));
    await expectRefused(await browser.submit(await browser.go(url), { persona: 'ada' }));
    expect(codes()).toEqual(['sign_in_refused']);
    expect(gateway.errors()[0]?.message).toContain('nonce');
  });

  test('for another PKCE verifier is refused', async () => {
    const start = await browser.fetch(`${gateway.origin}/.auth/login`);
    const url = changed(start.headers.get('location') ?? '', (params) =>
      params.set('code_challenge', 'A'.repeat(43)),
    );
    await expectRefused(await browser.submit(await browser.go(url), { persona: 'ada' }));
  });

  test('for another provider of the same gateway is refused', async () => {
    const callback = await callbackFor(browser);
    gateway.provider({ name: 'second' }, viaInternal(gateway.dev));
    await expectRefused(await browser.fetch(callback.replace('/login/dev/', '/login/second/')));
    expect(codes()).toEqual(['login_state_unknown']);
  });

  test('after ten minutes is refused', async () => {
    const callback = await callbackFor(browser);
    gateway.ahead = 10 * 60_000;
    await expectRefused(await browser.fetch(callback));
  });

  test('with a tampered cookie is refused, whichever character changed', async () => {
    const callback = await callbackFor(browser);
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
    const callback = await callbackFor(browser);
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
    await expectRefused(page, 403);
    expect(page.body).toContain('/.auth/login?return_to=%2Fwanted');
    expect(codes()).toEqual(['access_denied']);
    expect((await browser.fetch(page.url)).status).toBe(400);
  });

  test('never shows the provider’s own words', async () => {
    const callback = await callbackFor(browser);
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

describe('return_to', () => {
  test('never leads to another site', async () => {
    const nasty = fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc.constantFrom(
        '//evil.example',
        '/\\evil.example',
        '\\\\evil.example',
        '/%09/evil.example',
        '/\t/evil.example',
        'https:evil.example',
        '///evil.example',
        '/.auth/login',
        '/..//evil.example',
        'javascript:alert(1)',
        '/@evil.example',
        '/a/../..//evil.example',
      ),
      fc.webUrl().map((url) => url.replace(/^https?:/, '')),
      fc.webPath({ size: 'large' }),
    );
    await fc.assert(
      fc.asyncProperty(nasty, async (returnTo) => {
        const who = new Browser();
        const start = await who.fetch(
          `${gateway.origin}/.auth/login?return_to=${encodeURIComponent(returnTo)}`,
        );
        expect(start.status).toBe(302);
        const [cookie] = who.cookie('portico-login-');
        expect((cookie?.name.length ?? 0) + (cookie?.value.length ?? 0)).toBeLessThan(3500);
        const state = new URL(start.headers.get('location') ?? '').searchParams.get('state') ?? '';
        const sealed = gateway.context.seal.openText('login', cookie?.value ?? '', cookie?.name);
        const kept = JSON.parse(sealed ?? '{}') as { returnTo: string; state: string };
        expect(kept.state).toBe(state);
        expect(new URL(kept.returnTo, gateway.origin).origin).toBe(gateway.origin);
        expect(kept.returnTo).toMatch(/^\/(?!\/)/);
      }),
      { numRuns: 150 },
    );
  });

  test('that is too long for a cookie loses its query first', async () => {
    const end = await browser.signIn(gateway.origin, 'ada', `/sales?x=${'y'.repeat(3000)}`);
    expect(end.body).toBe('app /sales for ada');
  });
});

describe('cookies of sign-ins under way', () => {
  test('do not pile up: four, the newest', async () => {
    for (let index = 0; index < 12; index++) {
      gateway.ahead += 1000;
      await browser.fetch(`${gateway.origin}/.auth/login?return_to=/${index}`);
    }
    const names = browser.cookie('portico-login-');
    expect(names).toHaveLength(4);
    const kept = names.map(({ name, value }) => gateway.context.seal.openText('login', value, name) ?? '');
    expect(kept.map((text) => (JSON.parse(text) as { returnTo: string }).returnTo)).toEqual([
      '/8',
      '/9',
      '/10',
      '/11',
    ]);
  });

  test('that are not ours or too old are cleared', async () => {
    browser.cookies.push({ name: 'portico-login-junk', value: 'junk', path: '/' });
    await browser.fetch(`${gateway.origin}/.auth/login`);
    gateway.ahead = 11 * 60_000;
    await browser.fetch(`${gateway.origin}/.auth/login`);
    expect(browser.cookie('portico-login-')).toHaveLength(1);
  });
});

describe('when the provider is down', () => {
  test('sign-in says so with 502, and works again later', async () => {
    let target = viaInternal({ hostname: '127.0.0.1', port: 1 });
    gateway.provider({ name: 'dev' }, (url) => target(url));
    const page = await browser.fetch(`${gateway.origin}/.auth/login`);
    await expectRefused(page, 502);
    expect(page.body).toContain('provider_unreachable');
    expect(codes()).toEqual(['provider_unreachable']);
    target = viaInternal(gateway.dev);
    expect((await browser.signIn(gateway.origin, 'ada')).body).toBe('app / for ada');
  });

  test('at the callback, it is 502 too', async () => {
    let target = viaInternal(gateway.dev);
    gateway.provider({ name: 'dev' }, (url) => target(url));
    const callback = await callbackFor(browser);
    target = viaInternal({ hostname: '127.0.0.1', port: 1 });
    await expectRefused(await browser.fetch(callback), 502);
  });
});

test('a wrong client secret is named for the operator, not for the person', async () => {
  gateway.provider(
    { name: 'dev', clientSecret: 'wrong-canary-wrong-canary-wrong' },
    viaInternal(gateway.dev),
  );
  const page = await browser.signIn(gateway.origin, 'ada');
  expect(page.status).toBe(502);
  expect(codes()).toEqual(['invalid_client']);
});

test('an error holds no code, state, verifier, token or client secret', async () => {
  const secrets: string[] = [CLIENT_SECRET];
  const changes: ((params: URLSearchParams) => void)[] = [
    (p) => p.set('iss', 'https://evil.example'),
    (p) => p.set('code', 'canary-code-canary-code-canary-code'),
    (p) => p.set('error', 'canary-code-canary-code-canary-code'),
    (p) => {
      p.set('error', 'server_error');
      p.set('error_description', `your code was ${p.get('code')}`);
    },
  ];
  for (const change of changes) {
    const who = new Browser();
    const callback = changed(await callbackFor(who), change);
    const params = new URL(callback).searchParams;
    secrets.push(params.get('code') ?? '', params.get('state') ?? '');
    const [cookie] = who.cookie('portico-login-');
    const sealed = gateway.context.seal.openText('login', cookie?.value ?? '', cookie?.name) ?? '{}';
    const { nonce, codeVerifier } = JSON.parse(sealed) as { nonce: string; codeVerifier: string };
    secrets.push(nonce, codeVerifier);
    const page = await who.fetch(callback);
    const told = JSON.stringify([
      page.body,
      [...page.headers],
      gateway.errors().map((e) => [e.message, e.stack, String(e.cause)]),
    ]);
    for (const secret of secrets) expect(told).not.toContain(secret);
  }
  expect(gateway.errors()).toHaveLength(changes.length);
});
