import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ORIGIN } from '../../gate/gateway.ts';
import { Browser, changed, isCallback } from '../../login/browser.ts';
import { CLIENT_SECRET } from './grants.ts';
import { bitbucketSettings, GHE, githubSettings, oauth2Settings, type World, world } from './world.ts';

let it_: World;
afterEach(() => it_.close());

describe('signing in', () => {
  it('with GitHub shows the verified primary e-mail, organisations and teams', async () => {
    it_ = await world([githubSettings()]);
    const browser = new Browser();
    await it_.signIn('github', browser);
    expect(await it_.who(browser)).toMatchObject({
      user: '1',
      email: 'octocat@github.com',
      name: 'monalisa octocat',
      groups: ['github', 'github/justice-league'],
      provider: 'github',
    });
  });

  it('with GitHub Enterprise Server asks that server alone', async () => {
    it_ = await world([githubSettings(GHE, 'ghe')]);
    const browser = new Browser();
    await it_.signIn('ghe', browser);
    expect(await it_.who(browser)).toMatchObject({ user: '1', groups: ['github', 'github/justice-league'] });
    expect(it_.internet.paths('ghe.example.com')).toContain('/api/v3/user/teams');
    expect(it_.internet.paths('api.github.com')).toEqual([]);
  });

  it('comes back to the redirect URI of the configuration, as with OpenID Connect', async () => {
    const redirectUri = `${ORIGIN}/login`;
    it_ = await world([{ ...githubSettings(), redirectUri }]);
    const browser = new Browser();
    const { url } = await it_.signIn('github', browser, (next) => next.startsWith(redirectUri));
    expect(new URL(url).pathname).toBe('/login');
    await browser.go(url);
    expect(await it_.who(browser)).toMatchObject({ user: '1', provider: 'github' });
  });

  it('with Bitbucket shows the UUID, the confirmed primary e-mail and workspaces', async () => {
    it_ = await world([bitbucketSettings()]);
    const browser = new Browser();
    await it_.signIn('bitbucket', browser);
    expect(await it_.who(browser)).toMatchObject({
      user: '{d301aafa-d676-4ee0-88be-962be7417567}',
      email: 'emma@example.com',
      name: 'Emma Paris',
      groups: ['bbworkspace1'],
    });
  });

  it('with a server of plain OAuth 2 shows the fields of its document, an e-mail only if it is called verified', async () => {
    it_ = await world([oauth2Settings()]);
    const browser = new Browser();
    await it_.signIn('legacy', browser);
    const ann = { user: '4711', name: 'Ann Analyst', groups: ['finance'] };
    expect(await it_.who(browser)).toMatchObject({ ...ann, email: null });
    it_.legacy.user = { ...it_.legacy.user, email_verified: true };
    const other = new Browser();
    await it_.signIn('legacy', other);
    expect(await it_.who(other)).toMatchObject({ ...ann, email: 'ann@example.com' });
  });

  it('sends PKCE S256 and state, nothing secret, and the verifier only to the token endpoint', async () => {
    it_ = await world([githubSettings()]);
    await it_.signIn('github');
    const [authorize] = it_.internet.asked.filter(({ url }) => url.pathname === '/login/oauth/authorize');
    const query = authorize?.url.searchParams;
    const [token] = it_.internet.asked.filter(({ url }) => url.pathname === '/login/oauth/access_token');
    const form = new URLSearchParams(token?.body);
    expect(Object.fromEntries(query ?? [])).toEqual({
      client_id: 'portico-client',
      response_type: 'code',
      scope: 'read:user user:email read:org',
      redirect_uri: `${ORIGIN}/.auth/login/github/callback`,
      state: expect.stringMatching(/^[\w-]{22,}$/),
      code_challenge: createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url'),
      code_challenge_method: 'S256',
    });
    expect(authorize?.url.href).not.toContain(CLIENT_SECRET);
  });

  it('keeps every token and secret out of the log and of the pages', async () => {
    it_ = await world([githubSettings()]);
    it_.github.expiring = true;
    const browser = new Browser();
    const page = await it_.signIn('github', browser);
    expect(page.status).toBe(200);
    expect(page.body + it_.gateway.log.join('\n')).not.toMatch(/canary/);
  });
});

describe('signing out', () => {
  it('makes the token worthless at GitHub, and the session here', async () => {
    it_ = await world([githubSettings()]);
    const browser = new Browser();
    await it_.signIn('github', browser);
    expect(it_.github.grants.tokens.size).toBe(1);
    await browser.fetch(`${ORIGIN}/.auth/logout`, { method: 'POST', body: '' });
    expect(await it_.who(browser)).toBeUndefined();
    await vi.waitFor(() => expect(it_.github.grants.tokens.size).toBe(0));
  });

  it('works while GitHub is down', async () => {
    it_ = await world([githubSettings()]);
    const browser = new Browser();
    await it_.signIn('github', browser);
    it_.internet.instead.set('/applications/portico-client/token', { status: 503, body: 'down' });
    const page = await browser.fetch(`${ORIGIN}/.auth/logout`, { method: 'POST', body: '' });
    expect(page.status).toBe(303);
    expect(await it_.who(browser)).toBeUndefined();
  });
});

describe('a callback', () => {
  it('is good for one use', async () => {
    it_ = await world([githubSettings()]);
    const browser = new Browser();
    const { url } = await it_.signIn('github', browser, isCallback);
    expect((await browser.fetch(url)).status).toBe(303);
    const other = new Browser();
    expect((await other.fetch(url)).status).toBe(400);
    expect(await it_.who(other)).toBeUndefined();
  });

  it.each([
    ['with the issuer of another provider', (p: URLSearchParams) => p.set('iss', 'https://evil.example.com')],
    ['with a changed state', (p: URLSearchParams) => p.set('state', 'x'.repeat(43))],
    ['without a state', (p: URLSearchParams) => p.delete('state')],
    ['with two codes', (p: URLSearchParams) => p.append('code', 'another')],
    ['with a code that the provider did not give', (p: URLSearchParams) => p.set('code', 'guess')],
  ])('%s makes no session', async (_, change) => {
    it_ = await world([githubSettings()]);
    const browser = new Browser();
    const { url } = await it_.signIn('github', browser, isCallback);
    const page = await browser.fetch(changed(url, change));
    expect(page.status).toBe(400);
    expect(await it_.who(browser)).toBeUndefined();
  });

  it('with a code of another provider makes no session, and the code goes to nobody (mix-up)', async () => {
    it_ = await world([githubSettings(), githubSettings(GHE, 'ghe')]);
    const browser = new Browser();
    const { url } = await it_.signIn('ghe', browser, isCallback);
    const moved = url.replace('/login/ghe/callback', '/login/github/callback');
    expect((await browser.fetch(moved)).status).toBe(400);
    expect(it_.internet.paths('github.com')).not.toContain('/login/oauth/access_token');
    const started = (await it_.signIn('github', browser, isCallback)).url;
    const injected = changed(started, (p) => p.set('code', new URL(url).searchParams.get('code') ?? ''));
    expect((await browser.fetch(injected)).status).toBe(400);
    expect(await it_.who(browser)).toBeUndefined();
  });

  it('that says no shows a page, not a session', async () => {
    it_ = await world([githubSettings()]);
    const browser = new Browser();
    const { url } = await it_.signIn('github', browser, isCallback);
    const page = await browser.fetch(
      changed(url, (p) => {
        p.delete('code');
        p.set('error', 'access_denied');
        p.set('error_description', 'The user has denied your application access.');
      }),
    );
    expect(page.status).toBe(403);
    expect(await it_.who(browser)).toBeUndefined();
  });
});
