import { importJWK, SignJWT } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Ask, ask } from '../gate/client.ts';
import type { TestGateway } from '../gate/gateway.ts';
import { rsaKey } from '../identity/strict-provider.ts';
import { type BackChannel, EVENT, now, PATH, startBackChannel } from './back-channel.ts';
import { CLIENT_ID, PERSON, type TokenProvider } from './token-provider.ts';

let provider: TokenProvider;
let gateway: TestGateway;
let signIn: BackChannel['signIn'];
let isSignedIn: BackChannel['isSignedIn'];
let claims: BackChannel['claims'];
let post: BackChannel['post'];
beforeEach(async () => {
  ({ provider, gateway, signIn, isSignedIn, claims, post } = await startBackChannel());
});

describe('a logout token is refused', () => {
  const without = (name: string) => () => {
    const { [name]: _, ...rest } = claims();
    return provider.sign(rest);
  };
  const withClaims = (more: () => Record<string, unknown>) => () => provider.sign(claims(more()));
  const wrong: [string, () => Promise<string>][] = [
    ['of another issuer', withClaims(() => ({ iss: 'https://evil.example.com' }))],
    ['for another client', withClaims(() => ({ aud: 'another' }))],
    ['without an audience', without('aud')],
    ['without an issuer', without('iss')],
    ['without iat', without('iat')],
    ['from the future', withClaims(() => ({ iat: now() + 600, exp: now() + 900 }))],
    ['older than an hour', withClaims(() => ({ iat: now() - 7200 }))],
    ['without exp', without('exp')],
    ['that has expired', withClaims(() => ({ iat: now() - 600, exp: now() - 300 }))],
    ['without jti', without('jti')],
    ['with an empty jti', withClaims(() => ({ jti: '' }))],
    ['without events', without('events')],
    ['with another event', withClaims(() => ({ events: { 'http://schemas.openid.net/event/other': {} } }))],
    ['whose event is no object', withClaims(() => ({ events: { [EVENT]: true } }))],
    ['with neither sub nor sid', without('sub')],
    ['whose sub is no text', withClaims(() => ({ sub: 7 }))],
    ['whose sid is no text', withClaims(() => ({ sid: { a: 1 } }))],
    ['with a nonce', withClaims(() => ({ nonce: 'n' }))],
    ['that is an access token by its typ', () => provider.sign(claims(), { typ: 'at+jwt' })],
    [
      'that is an ID token',
      () =>
        provider.sign({
          iss: provider.issuer,
          aud: CLIENT_ID,
          sub: PERSON,
          iat: now(),
          exp: now() + 60,
          nonce: 'n',
        }),
    ],
    ['with a key that is not the provider’s', async () => foreign(claims(), 'RS256')],
    ['that brings its own key', async () => foreign(claims(), 'RS256', true)],
    ['signed with the client’s secret', async () => hmac(claims())],
    ['signed by nobody', async () => unsigned(claims())],
    [
      'changed on the way',
      async () => (await provider.sign(claims())).replace(/\.[^.]+\./, `.${base64(claims({ sub: 'x' }))}.`),
    ],
    [
      'with an unknown critical header',
      () => provider.sign(claims(), { crit: ['x-unknown'], 'x-unknown': 1 }),
    ],
    ['that is no token', async () => 'nonsense'],
    ['that is empty', async () => ''],
  ];

  test.each(wrong)('%s', async (_what, make) => {
    const cookie = await signIn('s-1');
    const answer = await post(await make());
    expect(answer.status).toBe(400);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.text).toBe('{"error":"invalid_request"}');
    expect(await isSignedIn(cookie)).toBe(true);
  });

  test('when its provider’s keys cannot be had: nobody is signed out by what cannot be verified', async () => {
    const cookie = await signIn();
    const token = await provider.sign(claims());
    provider.trouble = (path) => (path === '/jwks' ? { status: 500 } : undefined);
    expect((await post(token)).status).toBe(400);
    expect(await isSignedIn(cookie)).toBe(true);
  });
});

describe('the address for back-channel logout', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const wrong: [string, () => Promise<Ask>][] = [
    [
      'JSON',
      async () => ({
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ logout_token: await provider.sign(claims()) }),
      }),
    ],
    ['no content type', async () => ({ headers: {}, body: `logout_token=${await provider.sign(claims())}` })],
    [
      'two tokens',
      async () => ({ headers: form, body: `logout_token=${await provider.sign(claims())}&logout_token=x` }),
    ],
    ['no token', async () => ({ headers: form, body: 'a=b' })],
    ['nothing', async () => ({ headers: form })],
    [
      'more than 16 KiB',
      async () => ({
        headers: form,
        body: `logout_token=${await provider.sign(claims())}&x=${'x'.repeat(20_000)}`,
      }),
    ],
    [
      'more than 16 KiB in chunks',
      async () => ({ headers: { ...form, 'transfer-encoding': 'chunked' }, body: `x=${'x'.repeat(20_000)}` }),
    ],
  ];
  test.each(wrong)('refuses %s', async (_what, make) => {
    const cookie = await signIn();
    const answer = await ask(gateway, PATH, { method: 'POST', ...(await make()) });
    expect(answer.status).toBe(400);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await isSignedIn(cookie)).toBe(true);
  });

  test('takes POST only, and never the token from its query', async () => {
    const cookie = await signIn();
    const query = `?logout_token=${await provider.sign(claims())}`;
    const got = await ask(gateway, PATH + query);
    expect([got.status, got.headers['allow'], got.headers['cache-control']]).toEqual([
      405,
      'POST',
      'no-store',
    ]);
    expect((await ask(gateway, PATH + query, { method: 'POST', headers: form })).status).toBe(400);
    expect(await isSignedIn(cookie)).toBe(true);
  });

  test('of a provider that is not there refuses', async () => {
    const body = new URLSearchParams({ logout_token: await provider.sign(claims()) }).toString();
    const answer = await ask(gateway, PATH.replace('corp', 'other'), { method: 'POST', headers: form, body });
    expect(answer.status).toBe(400);
  });

  test('writes no token to the log', async () => {
    await post(await provider.sign(claims({ sub: 'canary-subject', nonce: 'canary-nonce' })));
    expect(gateway.log.join('\n')).toContain('a back-channel logout was refused');
    expect(gateway.log.join('\n')).not.toMatch(/canary-nonce|eyJ/);
  });
});

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

async function foreign(payload: Record<string, unknown>, alg: string, embedded = false): Promise<string> {
  const { kty, n, e, ...key } = rsaKey('foreign');
  const jwk = { kty: 'RSA', n: n as string, e: e as string };
  return new SignJWT(payload)
    .setProtectedHeader({ alg, ...(embedded ? { jwk } : {}) })
    .sign(await importJWK({ ...key, ...jwk } as Parameters<typeof importJWK>[0], alg));
}

function hmac(payload: Record<string, unknown>): Promise<string> {
  const secret = Buffer.from(provider.settings.clientSecret ?? '');
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(secret);
}

const unsigned = (payload: Record<string, unknown>): string =>
  `${base64({ alg: 'none' })}.${base64(payload)}.`;
