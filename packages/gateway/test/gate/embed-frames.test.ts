import { afterEach, describe, expect, test } from 'vitest';
import { choose } from '../../src/gate/embedded.ts';
import { LiveSession } from '../../src/session/live.ts';
import { stopApps } from './apps.ts';
import { mirror } from './bearer.ts';
import { ask, NAVIGATION } from './client.ts';
import { data, embedded, embeddingWith, IN_FRAME, OWN_FETCH, PORTAL, SHOP_PAGE } from './embed.ts';
import { ORIGIN, stopAll, type TestGateway } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

const TAB = { ...NAVIGATION, 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' };
const LISTED = `frame-ancestors 'self' ${SHOP_PAGE} ${PORTAL}`;
const nobody = { cookie: '' };

describe('in a frame without a session', () => {
  test('there is no sign-in, but a page that tells the listed pages around it, and nobody else', async () => {
    const gateway = await embeddingWith(await mirror());
    const answer = await ask(gateway, '/sales/', { ...nobody, headers: IN_FRAME });
    expect(answer.status).toBe(401);
    expect(answer.headers['content-security-policy']).toContain(LISTED);
    expect(answer.text).toContain('data-state="login_required" data-reason="login_required"');
    expect(answer.text).toContain(`data-origins="${SHOP_PAGE} ${PORTAL}"`);
    expect(answer.text).not.toContain('/.auth/login');
    const [script] = /\/\.auth\/assets\/framed\.js\?v=[\w-]+/.exec(answer.text) ?? [''];
    const { text } = await ask(gateway, script);
    expect(text).toContain('postMessage(');
    expect(text).not.toContain("'*'");
  });

  test('in a tab there is, as ever', async () => {
    const gateway = await embeddingWith(await mirror());
    const answer = await ask(gateway, '/sales/', { ...nobody, headers: TAB });
    expect([answer.status, answer.headers.location]).toEqual([302, '/.auth/login?return_to=%2Fsales%2F']);
  });

  test('an app that takes no tokens offers a tab of its own', async () => {
    const app = await mirror();
    const gateway = await embeddingWith(app, { bearer: undefined as never });
    const { status, text } = await ask(gateway, '/sales/?a=b', { ...nobody, headers: IN_FRAME });
    expect(status).toBe(401);
    expect(text).toContain('href="/.auth/login?return_to=%2Fsales%2F%3Fa%3Db" target="_blank"');
  });

  test('an app that no page may show sends to sign-in, which no frame shows', async () => {
    const gateway = await embeddingWith(await mirror());
    expect((await ask(gateway, '/plain/', { ...nobody, headers: IN_FRAME })).status).toBe(302);
  });
});

test('who may not enter is told in the frame, and so is the page that began the session', async () => {
  const gateway = await embeddingWith(await mirror(), { allow: [{ kind: 'role', value: 'boss' }] });
  const { cookie } = await embedded(gateway);
  const { status, headers, text } = await ask(gateway, '/sales/', { cookie, headers: IN_FRAME });
  expect(status).toBe(403);
  expect(text).toContain('data-state="error" data-reason="forbidden"');
  expect(text).toContain(`data-origins="${SHOP_PAGE}"`);
  expect(headers['content-security-policy']).toContain(`frame-ancestors 'self' ${SHOP_PAGE}`);
  expect(headers['content-security-policy']).not.toContain(PORTAL);
});

describe('the app’s script', () => {
  const context = (gateway: TestGateway, cookie: string, headers: Record<string, string>) =>
    ask(gateway, '/.auth/embed/context', { cookie, headers: { ...OWN_FETCH, ...headers } });

  test('learns from the gateway which page is around it', async () => {
    const gateway = await embeddingWith(await mirror());
    const { cookie } = await embedded(gateway);
    for (const headers of [{ referer: `${ORIGIN}/sales/page` }, {}])
      expect(JSON.parse((await context(gateway, cookie, headers)).text)).toEqual({
        embedded: true,
        app: 'sales',
        origin: SHOP_PAGE,
      });
  });

  test.each([
    ['on a page of another app', { referer: `${ORIGIN}/plain/` }],
    ['for another site’s script', { 'sec-fetch-site': 'cross-site' }],
  ])('learns nothing %s', async (_what, headers) => {
    const gateway = await embeddingWith(await mirror());
    const { cookie } = await embedded(gateway);
    const answer = JSON.parse((await context(gateway, cookie, headers)).text);
    expect(answer).toEqual({ embedded: false, app: null, origin: null });
  });

  test('and the page’s are served to whoever asks, and asked for again each time', async () => {
    const gateway = await embeddingWith(await mirror());
    for (const name of ['app.js', 'portico.js']) {
      const first = await ask(gateway, `/.auth/embed/${name}`, { headers: { origin: SHOP_PAGE } });
      expect([first.status, first.headers['content-type'], first.headers['cache-control']]).toEqual([
        200,
        'text/javascript; charset=utf-8',
        'no-cache',
      ]);
      expect(first.headers['access-control-allow-origin']).toBe(SHOP_PAGE);
      const headers = { 'if-none-match': String(first.headers.etag) };
      expect((await ask(gateway, `/.auth/embed/${name}`, { headers })).status).toBe(304);
    }
    for (const name of ['', 'nothing.js', 'app.js/', '..%2fframe.js', 'main.ts'])
      expect((await ask(gateway, `/.auth/embed/${name}`)).status, name).not.toBe(200);
  });
});

describe('with an ordinary and an embedded session in one browser, on a page of the same site', () => {
  const subject = (text: string): unknown => {
    const { headers } = JSON.parse(text) as { headers: Record<string, string> };
    const payload = (headers['portico-assertion'] ?? '').split('.')[1] ?? '';
    const { provider } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return provider;
  };

  test('of one person, a tab is the ordinary one’s, and a frame and everything else the embedded one’s', async () => {
    const gateway = await embeddingWith(await mirror());
    const { cookie } = await embedded(gateway);
    const ordinary = await gateway.signIn({ issuer: 'https://login.example.com', subject: 'ada-1' });
    const both = `${ordinary}; ${cookie}`;
    expect(subject((await ask(gateway, '/sales/', { cookie: both, headers: TAB })).text)).toBe('corp');
    expect(subject((await ask(gateway, '/sales/', { cookie: both, headers: IN_FRAME })).text)).toBe('shop');
    expect(subject((await data(gateway, both)).text)).toBe('shop');
  });

  test('of two people nothing goes on in either name, and a page says why', async () => {
    const gateway = await embeddingWith(await mirror());
    const { cookie } = await embedded(gateway);
    const both = `${await gateway.signIn()}; ${cookie}`;
    const framed = await ask(gateway, '/sales/', { cookie: both, headers: IN_FRAME });
    expect([framed.status, framed.text]).toEqual([
      409,
      expect.stringContaining('data-reason="two_sessions"'),
    ]);
    const tab = await ask(gateway, '/sales/', { cookie: both, headers: TAB });
    expect([tab.status, tab.text]).toEqual([409, expect.stringContaining('/.auth/logout')]);
    const script = await data(gateway, both);
    expect([script.status, JSON.parse(script.text).error]).toEqual([409, 'two_sessions']);
    expect((await ask(gateway, '/plain/', { cookie: both, headers: TAB })).status).toBe(200);
  });

  test('an embedded one that is over does not stand in the way', async () => {
    const gateway = await embeddingWith(await mirror());
    const both = `${await gateway.signIn()}; __Host-portico-embed-sales=${'A'.repeat(43)}`;
    for (const headers of [TAB, IN_FRAME, OWN_FETCH])
      expect((await ask(gateway, '/sales/', { cookie: both, headers })).status).toBe(200);
  });

  test('two embedded ones of one app are refused: no rule says which is ours', async () => {
    const gateway = await embeddingWith(await mirror());
    const { cookie } = await embedded(gateway);
    expect((await data(gateway, `${cookie}; ${cookie}`)).status).toBe(400);
  });

  test('a request that another site sent is judged by the ordinary one’s rules', () => {
    const session = { sid: 's', tokens: {}, createdAt: 0, expiresAt: 1, lastSeenAt: 0 };
    const identity = { issuer: 'i', subject: 's', provider: 'p', roles: [], groups: [] };
    const [one, two] = [1, 2].map((n) => new LiveSession(`key-${n}`, { ...session, identity }, ''));
    const crossSite = { kind: 'data', origin: ORIGIN, header: () => 'cross-site' } as const;
    expect(choose(crossSite, one, two)).toBe(one);
    expect(choose(crossSite, undefined, two)).toBeUndefined();
  });
});
