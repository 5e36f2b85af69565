import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMMA, EMMAS_EMAILS } from './bitbucket-stand-in.ts';
import { build, callbackOf, NOW, TRANSACTION } from './provider.ts';
import { bitbucketSettings, githubSettings, oauth2Settings, type Vendors, vendors } from './world.ts';

let all: Vendors;
beforeEach(async () => {
  all = await vendors();
});
afterEach(() => all.internet.close());

describe('Bitbucket', () => {
  it('refreshes with a new refresh token, and takes the workspaces as they are now', async () => {
    const provider = await build(bitbucketSettings());
    const before = await provider.redeem(await callbackOf(provider));
    expect(before.tokens).toMatchObject({ accessTokenExpiresAt: NOW + 7_200_000, scope: 'account email' });
    all.bitbucket.workspaces = [];
    const after = await provider.refresh(before);
    expect(after.identity).toMatchObject({ subject: EMMA.uuid, groups: [] });
    await expect(provider.refresh(before)).rejects.toMatchObject({ code: 'refresh_refused' });
  });

  it.each([
    ['not confirmed', [{ ...EMMAS_EMAILS[0], is_confirmed: false }]],
    ['one of two primary ones', [EMMAS_EMAILS[0], { ...EMMAS_EMAILS[1], is_primary: true }]],
  ])('tells no e-mail that is %s', async (_, emails) => {
    all.bitbucket.emails = emails as object[];
    const provider = await build(bitbucketSettings());
    const { identity } = await provider.redeem(await callbackOf(provider));
    expect(identity).not.toHaveProperty('email');
  });

  it('has no address to revoke at or to sign out at', async () => {
    const provider = await build(bitbucketSettings());
    const asked = all.internet.asked.length;
    await provider.revoke({ accessToken: 'x' });
    expect(await provider.endSessionUrl({}, 'https://apps.example.com/')).toBeUndefined();
    expect(all.internet.asked).toHaveLength(asked);
  });
});

describe('plain OAuth 2', () => {
  const subject = async (user: Record<string, unknown>, userKey?: string) => {
    all.legacy.user = user;
    const provider = await build(oauth2Settings(userKey === undefined ? {} : { userKey }));
    return (await provider.redeem(await callbackOf(provider))).identity.subject;
  };

  it('takes sub, else id, else the field that user_key names', async () => {
    expect(await subject({ sub: 's', id: 1 })).toBe('s');
    expect(await subject({ id: 1 })).toBe('1');
    expect(await subject({ sub: 's', employee: 'E-7' }, 'employee')).toBe('E-7');
  });

  it.each([
    ['neither sub nor id', { login: 'ann', email: 'ann@example.com' }, undefined],
    ['not the field of user_key', { sub: 's', id: 1 }, 'employee'],
    ['an e-mail that it calls not verified', { email: 'ceo@example.com', email_verified: false }, 'email'],
    ['the field only through its prototype', { sub: 's' }, 'constructor'],
  ])('refuses somebody whose document has %s', async (_, user, userKey) => {
    await expect(subject(user, userKey)).rejects.toMatchObject({ code: 'sign_in_refused', status: 403 });
  });

  it('asks for no scope where none is configured, and signs out where the configuration says', async () => {
    const provider = await build(oauth2Settings({ scope: '', logoutUrl: 'https://id.example.com/logout' }));
    expect((await provider.authorizationUrl(TRANSACTION)).searchParams.has('scope')).toBe(false);
    expect((await provider.endSessionUrl({}, 'https://apps.example.com/'))?.href).toBe(
      'https://id.example.com/logout',
    );
  });
});

describe('the configuration', () => {
  it('cannot weaken the flow with extra parameters', async () => {
    const extraParams = {
      state: 'x',
      code_challenge_method: 'plain',
      redirect_uri: 'https://evil.example.com',
      allow_signup: 'false',
    };
    const { searchParams } = await (await build({ ...githubSettings(), extraParams })).authorizationUrl(
      TRANSACTION,
    );
    expect(Object.fromEntries(searchParams)).toMatchObject({
      state: TRANSACTION.state,
      code_challenge_method: 'S256',
      redirect_uri: TRANSACTION.redirectUri,
      allow_signup: 'false',
    });
  });

  it('passes the account that a link names, in the words of the vendor', async () => {
    const url = await (await build(githubSettings())).authorizationUrl(TRANSACTION, {
      loginHint: 'octocat',
      prompt: 'select_account',
    });
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      login: 'octocat',
      prompt: 'select_account',
    });
  });

  it.each([{ maxAge: 60 }, { clientKey: 'pem' }, { par: 'required' as const }])(
    'with %o is refused, because nothing here could keep that promise',
    async (more) => {
      await expect(build({ ...githubSettings(), ...more })).rejects.toMatchObject({
        code: 'provider_option_unsupported',
      });
    },
  );

  it('with plain http is refused', async () => {
    await expect(build(oauth2Settings({ tokenUrl: 'http://id.example.com/token' }))).rejects.toMatchObject({
      code: 'issuer_insecure',
    });
  });

  it('finds the API of GitHub Enterprise Cloud with data residency at its own host', async () => {
    const api: string[] = [];
    all.internet.host('https://octocorp.ghe.com', all.github.web);
    all.internet.host('https://api.octocorp.ghe.com', (asked) => {
      api.push(asked.url.pathname);
      return all.github.api(asked);
    });
    const provider = await build(githubSettings('https://octocorp.ghe.com'));
    const callback = await callbackOf(provider);
    callback.url.searchParams.delete('iss');
    expect((await provider.redeem(callback)).identity.issuer).toBe('https://octocorp.ghe.com');
    expect(api).toContain('/user');
  });
});
