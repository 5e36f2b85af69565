import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMAILS, OCTOCAT } from './github-stand-in.ts';
import { CLIENT_ID, CLIENT_SECRET } from './grants.ts';
import { build, callbackOf, NOW } from './provider.ts';
import { GHE, githubSettings, type Vendors, vendors } from './world.ts';

let all: Vendors;
beforeEach(async () => {
  all = await vendors();
});
afterEach(() => all.internet.close());

async function signIn(settings = githubSettings()) {
  const provider = await build(settings);
  return provider.redeem(await callbackOf(provider));
}

describe('somebody on GitHub', () => {
  it('is the number that never changes, under the address of that GitHub', async () => {
    all.github.user = { ...OCTOCAT, login: 'renamed' };
    expect((await signIn()).identity).toMatchObject({ issuer: 'https://github.com', subject: '1' });
    expect((await signIn(githubSettings(GHE))).identity).toMatchObject({ issuer: GHE, subject: '1' });
  });

  it('with another login and the same e-mail is somebody else (CVE-2023-3128)', async () => {
    const before = (await signIn()).identity;
    all.github.user = { ...OCTOCAT, id: 2 };
    expect((await signIn()).identity.subject).not.toBe(before.subject);
  });

  it.each([
    ['no number', { ...OCTOCAT, id: undefined }],
    ['a number as text', { ...OCTOCAT, id: '1' }],
    ['a number that JSON cannot keep apart from its neighbours', { ...OCTOCAT, id: 2 ** 53 }],
    ['a list for an answer', [OCTOCAT]],
  ])('with %s is nobody', async (_, user) => {
    all.github.user = user as Record<string, unknown>;
    await expect(signIn()).rejects.toMatchObject({ name: 'GatewayError' });
  });

  it('is called by login where the configuration wants it so, and stays the number to the gateway', async () => {
    for (const userClaim of ['login', 'preferred_username']) {
      const { identity } = await signIn({ ...githubSettings(), userClaim });
      expect(identity).toMatchObject({ subject: '1', user: 'octocat' });
    }
  });

  it('without a name goes by the login', async () => {
    all.github.user = { ...OCTOCAT, name: null };
    expect((await signIn()).identity.name).toBe('octocat');
  });

  it.each([
    ['is not verified', [{ ...EMAILS[0], verified: false }]],
    ['is not the primary one', [{ ...EMAILS[0], primary: false }]],
    ['is one of two primary ones', [EMAILS[0], { ...EMAILS[0], email: 'ceo@example.com' }]],
    ['is verified in words only', [{ ...EMAILS[0], verified: 'true' }]],
    ['is not there', []],
  ])('has no e-mail when it %s, whatever the profile says', async (_, emails) => {
    all.github.emails = emails as object[];
    expect((await signIn()).identity).not.toHaveProperty('email');
  });

  it('in 250 organisations is in all of them, page by page', async () => {
    all.github.orgs = Array.from({ length: 250 }, (_, i) => ({ login: `org-${i}`, id: i + 1 }));
    const { groups } = (await signIn()).identity;
    expect(groups).toHaveLength(251);
    expect(all.internet.paths('api.github.com').filter((path) => path === '/user/orgs')).toHaveLength(3);
  });

  it('in more teams than anybody has gets a thousand, and the gateway asks no more than ten pages', async () => {
    all.github.teams = Array.from({ length: 5000 }, (_, i) => ({
      slug: `t-${i}`,
      organization: { login: 'o' },
    }));
    const { groups } = (await signIn()).identity;
    expect(groups).toHaveLength(1000);
    expect(all.internet.paths('api.github.com').filter((path) => path === '/user/teams')).toHaveLength(10);
  });

  it('who grants less than was asked has no groups and no e-mail, rather than those of the public profile', async () => {
    all.github.grants.reduceTo = 'read:user';
    const { identity, tokens } = await signIn();
    expect(identity).toMatchObject({ subject: '1', groups: [] });
    expect(identity).not.toHaveProperty('email');
    expect(tokens.scope).toBe('read:user');
  });
});

describe('the tokens of GitHub', () => {
  it('of an OAuth app do not end and cannot be refreshed', async () => {
    const provider = await build(githubSettings());
    const signedIn = await provider.redeem(await callbackOf(provider));
    expect(signedIn.tokens).toEqual({
      accessToken: expect.stringMatching(/^canary-access/),
      scope: 'read:user user:email read:org',
    });
    await expect(provider.refresh(signedIn)).rejects.toMatchObject({ code: 'refresh_refused' });
  });

  it('of a GitHub App end after eight hours, and bring new groups with each refresh', async () => {
    all.github.expiring = true;
    const provider = await build(githubSettings());
    const before = await provider.redeem(await callbackOf(provider));
    expect(before.tokens.accessTokenExpiresAt).toBe(NOW + 28_800_000);
    all.github.teams = [];
    const after = await provider.refresh(before);
    expect(after.identity.groups).toEqual(['github']);
    expect(after.tokens.refreshToken).not.toBe(before.tokens.refreshToken);
    await expect(provider.refresh(before)).rejects.toMatchObject({ code: 'refresh_refused', status: 401 });
  });

  it('survive an API that is down during a refresh: the old refresh token is spent by then', async () => {
    all.github.expiring = true;
    const provider = await build(githubSettings());
    const before = await provider.redeem(await callbackOf(provider));
    all.internet.instead.set('/user/teams', { status: 503, body: 'down' });
    const after = await provider.refresh(before);
    expect(after.identity).toEqual(before.identity);
    expect(after.tokens.accessToken).not.toBe(before.tokens.accessToken);
  });

  it('are refused when a refresh brings somebody else', async () => {
    all.github.expiring = true;
    const provider = await build(githubSettings());
    const before = await provider.redeem(await callbackOf(provider));
    all.github.user = { ...OCTOCAT, id: 2 };
    await expect(provider.refresh(before)).rejects.toMatchObject({ code: 'refresh_refused' });
  });

  it.each(['https://github.com', GHE])('are revoked at %s, and revoking twice is no error', async (url) => {
    const provider = await build(githubSettings(url));
    const { tokens } = await provider.redeem(await callbackOf(provider));
    const { grants } = url === GHE ? all.enterprise : all.github;
    await provider.revoke(tokens);
    expect(grants.tokens.has(tokens.accessToken ?? '')).toBe(false);
    await provider.revoke(tokens);
    const last = all.internet.asked.at(-1);
    expect(last?.headers.authorization).toBe(
      `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}`,
    );
  });
});
