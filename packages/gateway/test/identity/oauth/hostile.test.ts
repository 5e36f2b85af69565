import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { build, callbackOf } from './provider.ts';
import { bitbucketSettings, githubSettings, oauth2Settings, type Vendors, vendors } from './world.ts';

let all: Vendors;
beforeEach(async () => {
  all = await vendors();
});
afterEach(() => all.internet.close());

const TOKEN = {
  github: '/login/oauth/access_token',
  bitbucket: '/site/oauth2/access_token',
  legacy: '/token',
};
const USER = { github: '/user', bitbucket: '/2.0/user', legacy: '/me' };
const SETTINGS = { github: githubSettings(), bitbucket: bitbucketSettings(), legacy: oauth2Settings() };
const NAMES = ['github', 'bitbucket', 'legacy'] as const;
type Name = (typeof NAMES)[number];

async function signIn(name: Name) {
  const provider = await build(SETTINGS[name]);
  return provider.redeem(await callbackOf(provider));
}

const HTML = { headers: { 'content-type': 'text/html' }, body: '<h1>Unicorn!</h1>' };
const ELSEWHERE = { status: 302, headers: { location: 'https://evil.example.com/' } };

describe.each(NAMES)('%s', (name) => {
  it.each([
    ['an error with status 200', { body: { error: 'bad_verification_code' } }, 'sign_in_refused'],
    ['HTML', HTML, 'provider_unreachable'],
    ['a redirect', ELSEWHERE, 'provider_unreachable'],
    ['status 500', { status: 500, body: { message: 'oops' } }, 'provider_unreachable'],
    [
      'half a document',
      { headers: { 'content-type': 'application/json' }, body: '{"access_' },
      'provider_unreachable',
    ],
    ['no token', { body: { token_type: 'bearer' } }, 'sign_in_refused'],
    ['a token of another kind', { body: { access_token: 'x', token_type: 'mac' } }, 'sign_in_refused'],
    ['a token that is a number', { body: { access_token: 1, token_type: 'bearer' } }, 'sign_in_refused'],
  ])('whose token endpoint answers %s signs nobody in', async (_, answer, code) => {
    all.internet.instead.set(TOKEN[name], answer);
    await expect(signIn(name)).rejects.toMatchObject({ code });
    expect(all.internet.paths('evil.example.com')).toEqual([]);
  });

  it.each([
    ['HTML', HTML, 'provider_unreachable'],
    ['a redirect', ELSEWHERE, 'provider_unreachable'],
    ['status 500', { status: 500, body: {} }, 'provider_unreachable'],
    ['a limit of requests', { status: 429, body: {} }, 'provider_unreachable'],
    [
      'a limit of requests as 403',
      { status: 403, headers: { 'retry-after': '60' }, body: {} },
      'provider_unreachable',
    ],
    ['that the token is not known', { status: 401, body: {} }, 'sign_in_refused'],
    ['that the token may not', { status: 403, body: {} }, 'sign_in_refused'],
    ['null', { headers: { 'content-type': 'application/json' }, body: 'null' }, 'provider_unreachable'],
    ['an empty object', { body: {} }, 'sign_in_refused'],
    [
      'three million bytes',
      { body: { id: 1, uuid: 'x', padding: 'x'.repeat(3_000_000) } },
      'provider_unreachable',
    ],
    ['a subject with a line break', { body: { id: 'a\nb', uuid: 'a\nb' } }, 'sign_in_refused'],
  ])('whose user document is %s signs nobody in', async (_, answer, code) => {
    all.internet.instead.set(USER[name], answer);
    await expect(signIn(name)).rejects.toMatchObject({ code });
    expect(all.internet.paths('evil.example.com')).toEqual([]);
  });

  it('cannot be made to show a secret in an error', async () => {
    all.internet.instead.set(TOKEN[name], () => {
      const { body } = all.internet.asked.at(-1) ?? { body: '' };
      return { status: 400, body: { error: 'invalid_grant', error_description: body } };
    });
    const error: unknown = await signIn(name).catch((caught: unknown) => caught);
    expect(JSON.stringify([String(error), error])).not.toMatch(/canary|verifier-/);
  });
});

describe('a list', () => {
  it.each(['github', 'bitbucket'] as const)(
    'of %s that is limited fails the sign-in rather than the rights',
    async (name) => {
      const path = { github: '/user/teams', bitbucket: '/2.0/user/workspaces' }[name];
      all.internet.instead.set(path, { status: 403, headers: { 'x-ratelimit-remaining': '0' }, body: {} });
      await expect(signIn(name)).rejects.toMatchObject({ code: 'provider_unreachable' });
    },
  );

  it('cannot lead the token to another host', async () => {
    all.internet.host('https://evil.example.com', () => ({ body: { values: [] } }));
    all.internet.instead.set('/2.0/user/workspaces', {
      body: { values: [], next: 'https://evil.example.com/2.0/user/workspaces' },
    });
    await expect(signIn('bitbucket')).rejects.toMatchObject({ code: 'provider_unreachable' });
    expect(all.internet.paths('evil.example.com')).toEqual([]);
  });

  it('that names itself as its next page ends', async () => {
    const url = 'https://api.bitbucket.org/2.0/user/workspaces';
    all.internet.instead.set('/2.0/user/workspaces', {
      body: { values: [{ workspace: { slug: 'w' } }], next: url },
    });
    expect((await signIn('bitbucket')).identity.groups).toEqual(['w']);
    expect(
      all.internet.paths('api.bitbucket.org').filter((path) => path.endsWith('/workspaces')),
    ).toHaveLength(10);
  });

  it('with entries of other shapes keeps the sound ones', async () => {
    all.github.orgs = [
      { login: 'good' },
      { login: 7 },
      { login: 'a\nb' },
      null as unknown as object,
      { login: '' },
    ];
    all.github.teams = [
      { slug: 'x' },
      { slug: 'y', organization: null },
      { slug: 'z', organization: { login: 'good' } },
    ];
    expect((await signIn('github')).identity.groups).toEqual(['good', 'good/z']);
  });
});
