import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SignedIn } from '../../src/core/types.ts';
import { OidcProvider, type OidcSettings } from '../../src/identity/oidc.ts';
import type { LoginTransaction } from '../../src/identity/provider.ts';
import { REDIRECT_URI, SECRET, type StrictProvider, startStrictProvider } from './strict-provider.ts';

let strict: StrictProvider;
beforeEach(async () => {
  strict = await startStrictProvider();
});
afterEach(async () => {
  vi.useRealTimers();
  await strict.close();
});

const settings = (): OidcSettings => ({
  name: 'strict',
  title: 'Strict',
  issuer: strict.issuer,
  clientId: 'portico',
  clientSecret: SECRET,
  scope: 'openid profile email roles',
  extraParams: {},
  rolesClaim: 'realm_access.roles',
  groupsClaim: 'groups',
});

const transaction: LoginTransaction = {
  provider: 'strict',
  state: 's'.repeat(43),
  nonce: 'n'.repeat(43),
  codeVerifier: 'v'.repeat(43),
  redirectUri: REDIRECT_URI,
  returnTo: '/',
  createdAt: 0,
};

async function signIn(provider = new OidcProvider(settings(), Date.now)): Promise<SignedIn> {
  return provider.redeem(await strict.callback(await provider.authorizationUrl(transaction), transaction));
}

const rewrite = (token: string, change: (claims: Record<string, unknown>) => void): string => {
  const [head, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  change(claims);
  return [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
};
const tweakIdToken = (change: (claims: Record<string, unknown>) => void): void => {
  strict.tweak = (path, body) => {
    if (path !== '/token') return undefined;
    const answer = JSON.parse(body) as { id_token: string };
    return { body: JSON.stringify({ ...answer, id_token: rewrite(answer.id_token, change) }) };
  };
};
const tweakMetadata = (change: Record<string, unknown>): void => {
  strict.tweak = (path, body) =>
    path.startsWith('/.well-known/')
      ? { body: JSON.stringify({ ...JSON.parse(body), ...change }) }
      : undefined;
};

describe('an identity', () => {
  test('comes from the ID token and, where that is silent, from UserInfo', async () => {
    strict.claims = {
      name: 'Ann',
      email: 'ann@example.com',
      email_verified: true,
      realm_access: { roles: ['analyst', 'analyst', 7, '', 'bad\nrole'] },
      groups: 'finance',
    };
    const { identity, tokens } = await signIn();
    expect(identity).toEqual({
      issuer: strict.issuer,
      subject: 'user-1',
      provider: 'strict',
      name: 'Ann',
      email: 'ann@example.com',
      roles: ['analyst'],
      groups: ['finance'],
    });
    expect(tokens.accessTokenExpiresAt).toBeGreaterThan(Date.now());
  });

  test.each([false, 'true', 1, null, undefined])(
    'has no e-mail when email_verified is %s (CVE-2023-3128)',
    async (verified) => {
      strict.claims = { email: 'boss@example.com', email_verified: verified };
      expect((await signIn()).identity).not.toHaveProperty('email');
    },
  );

  test('is refused when UserInfo is about somebody else', async () => {
    strict.tweak = (path, body) =>
      path === '/me' ? { body: JSON.stringify({ ...JSON.parse(body), sub: 'boss' }) } : undefined;
    await expect(signIn()).rejects.toMatchObject({ code: 'sign_in_refused' });
  });

  test.each(['sub', 'aud', 'iss', 'nonce', 'exp', 'name'])(
    'is refused when "%s" of the ID token was changed on the way',
    async (name) => {
      tweakIdToken((claims) => {
        claims[name] = name === 'exp' ? Number(claims['exp']) + 1 : 'changed';
      });
      await expect(signIn()).rejects.toMatchObject({ code: 'sign_in_refused', status: 400 });
    },
  );

  test('is refused without a signature', async () => {
    strict.tweak = (path, body) => {
      if (path !== '/token') return undefined;
      const answer = JSON.parse(body) as { id_token: string };
      const head = Buffer.from('{"alg":"none"}').toString('base64url');
      return { body: JSON.stringify({ ...answer, id_token: `${head}.${answer.id_token.split('.')[1]}.` }) };
    };
    await expect(signIn()).rejects.toMatchObject({ code: 'sign_in_refused' });
  });

  test('is refused without an ID token', async () => {
    strict.tweak = (path, body) =>
      path === '/token' ? { body: JSON.stringify({ ...JSON.parse(body), id_token: undefined }) } : undefined;
    await expect(signIn()).rejects.toMatchObject({ code: 'sign_in_refused' });
  });
});

test('keys may rotate', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const provider = new OidcProvider(settings(), Date.now);
  await signIn(provider);
  strict.rotateKeys();
  vi.setSystemTime(Date.now() + 120_000);
  expect((await signIn(provider)).identity.subject).toBe('user-1');
});

test('clocks that disagree are named', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  tweakIdToken((claims) => {
    claims['exp'] = Math.floor(Date.now() / 1000) - 3600;
  });
  await expect(signIn()).rejects.toMatchObject({ code: 'clock_skew', status: 502 });
});

describe('metadata', () => {
  test('is fetched once for many sign-ins at once, kept for an hour, then refreshed', async () => {
    let now = 0;
    const provider = new OidcProvider(settings(), () => now);
    const count = (): number => strict.asked.filter((path) => path.startsWith('/.well-known/')).length;
    await Promise.all([1, 2, 3].map(() => provider.authorizationUrl(transaction)));
    now = 59 * 60_000;
    await provider.authorizationUrl(transaction);
    expect(count()).toBe(1);
    now = 60 * 60_000;
    await provider.authorizationUrl(transaction);
    expect(count()).toBe(2);
  });

  test('that is old serves on when the provider is down', async () => {
    let now = 0;
    const provider = new OidcProvider(settings(), () => now);
    await provider.authorizationUrl(transaction);
    strict.tweak = () => ({ status: 503, body: '' });
    now = 2 * 60 * 60_000;
    expect((await provider.authorizationUrl(transaction)).origin).toBe(strict.issuer);
  });

  test('is asked for again after a failure', async () => {
    const provider = new OidcProvider(settings(), Date.now);
    strict.tweak = () => ({ status: 500, body: 'oops' });
    await expect(provider.authorizationUrl(transaction)).rejects.toMatchObject({
      code: 'provider_unreachable',
      status: 502,
    });
    strict.tweak = () => undefined;
    expect((await provider.authorizationUrl(transaction)).origin).toBe(strict.issuer);
  });

  test.each([
    ['another issuer', (i: string) => `${i}/other`, /issuer_mismatch|sign_in_refused/],
    ['our issuer with a slash', (i: string) => `${i}/`, /issuer_mismatch/],
  ])('of %s is refused', async (_what, issuer, code) => {
    tweakMetadata({ issuer: issuer(strict.issuer) });
    const asking = new OidcProvider(settings(), Date.now).authorizationUrl(transaction);
    await expect(asking).rejects.toMatchObject({ code: expect.stringMatching(code) as string });
  });

  test.each(['authorization_endpoint', 'end_session_endpoint', 'token_endpoint'])(
    'with a plain http %s elsewhere is not used',
    async (name) => {
      tweakMetadata({ [name]: 'http://idp.example.com/x' });
      await expect(signIn()).rejects.toMatchObject({ code: 'provider_unreachable' });
    },
  );

  test('is not looked for behind a redirect', async () => {
    strict.tweak = (path) =>
      path === '/.well-known/openid-configuration'
        ? {
            status: 302,
            headers: { location: `${strict.issuer}/.well-known/oauth-authorization-server` },
            body: '',
          }
        : undefined;
    const asking = new OidcProvider(settings(), Date.now).authorizationUrl(transaction);
    await expect(asking).rejects.toMatchObject({ code: 'provider_unreachable' });
    expect(strict.asked).toEqual(['/.well-known/openid-configuration']);
  });

  test.each(['http://idp.example.com', 'ftp://idp.example.com', 'nonsense', 'http://localhost.evil.example'])(
    'of %s is never asked for',
    (issuer) => {
      expect(() => new OidcProvider({ ...settings(), issuer }, Date.now)).toThrow(
        expect.objectContaining({ code: 'issuer_insecure' }),
      );
    },
  );
});

test('there is no way out at a provider that has none', async () => {
  tweakMetadata({ end_session_endpoint: undefined });
  const provider = new OidcProvider(settings(), Date.now);
  expect(await provider.endSessionUrl({}, 'https://apps.example.com/.auth/signed-out')).toBeUndefined();
});

test.each([
  [{ error: 'invalid_grant', error_description: 'redirect_uri does not match' }, 'redirect_uri_mismatch'],
  [{ error: 'invalid_grant', error_description: 'used' }, 'sign_in_refused'],
  [{ error: 'invalid_client' }, 'invalid_client'],
  [{ error: 'invalid_scope' }, 'invalid_scope'],
  [{ error: 'temporarily_unavailable' }, 'provider_unreachable'],
])('a token endpoint that says %j is %s', async (body, code) => {
  strict.tweak = (path) => (path === '/token' ? { status: 400, body: JSON.stringify(body) } : undefined);
  await expect(signIn()).rejects.toMatchObject({ code });
});
