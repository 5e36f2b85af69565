import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ask } from '../../gate/client.ts';
import { type Answer, type Claims, rsa, SUBJECT, signed, type Trick } from './provider.ts';
import { type World, world } from './world.ts';

describe('security fact 12: keys', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());
  const later = (seconds: number): void => void vi.setSystemTime(Date.now() + seconds * 1000);
  const fetched = ({ provider }: World): number => provider.asked.filter((one) => one === 'jwks').length;

  test('that change just before the first signature are no trouble (signing-key-rotation-just-before-signing)', async () => {
    const it = await world();
    await it.provider.rotateKeys();
    expect((await it.signIn()).who).toMatchObject({ user: SUBJECT });
  });

  test('that change are fetched once more, and found (signing-key-rotation)', async () => {
    const it = await world();
    await it.signIn();
    await it.provider.rotateKeys();
    later(61);
    expect((await it.signIn()).who).toMatchObject({ user: SUBJECT });
    expect(fetched(it)).toBe(2);
  });

  test('that nobody knows cause one fetch a minute, however many tokens name them', async () => {
    const it = await world();
    await it.signIn();
    it.provider.trick = {
      seal: async (_, claims) => signed({ alg: 'RS256', kid: 'unknown' }, claims, await rsa('unknown')),
    };
    for (let i = 0; i < 5; i++) expect((await it.signIn()).who).toBeUndefined();
    expect(fetched(it)).toBe(1);
    later(61);
    for (let i = 0; i < 5; i++) expect((await it.signIn()).who).toBeUndefined();
    expect(fetched(it)).toBe(2);
    it.provider.trick = {};
    expect((await it.signIn()).who).toBeDefined();
  });

  test('that were taken back are forgotten within five minutes', async () => {
    const it = await world();
    await it.signIn();
    const { provider } = it;
    await provider.rotateKeys();
    later(301);
    await it.signIn();
    await provider.rotateKeys();
    // The old key signs again, but only the new one is published.
    provider.trick = { jwks: async () => [{ ...(await rsa('key-9')), d: undefined } as never] };
    later(301);
    expect((await it.signIn()).who).toBeUndefined();
  });

  test('that cannot be had any more fail closed', async () => {
    const it = await world();
    await it.signIn();
    it.provider.trick = { answer: { jwks: () => ({ status: 500 }) } };
    later(301);
    expect(await it.signIn()).toMatchObject({ answer: { status: 502 }, who: undefined });
    it.provider.trick = {};
    expect((await it.signIn()).who).toBeDefined();
  });
});

describe('security fact 5: a renewal', () => {
  const session = (it: World, cookie: string) => ask(it.gateway, '/.auth/session', { cookie });
  const outcome = (it: World): string | undefined =>
    it.gateway.log
      .map(
        (line) => /tokens renewed|the provider ended a session|tokens could not be renewed/.exec(line)?.[0],
      )
      .find((found) => found !== undefined);
  /** What came of the renewal that the next request begins. */
  async function renew(it: World, cookie: string): Promise<string | undefined> {
    await ask(it.gateway, '/', { cookie });
    return vi.waitFor(() => {
      expect(outcome(it)).toBeDefined();
      return outcome(it);
    });
  }
  const claims = (change: Claims): Trick => ({ claims: (all) => void Object.assign(all, change) });
  const token = (change: Claims): Trick => ({
    answer: { token: (good) => ({ ...good, body: { ...(good.body as Claims), ...change } }) },
  });
  const instead = (answer: Answer): Trick => ({ answer: { token: () => answer } });

  test.each<readonly [string, Trick]>([
    ['as it should be', {}],
    ['with another role', claims({ roles: ['after'] })],
    ['without an ID token', token({ id_token: undefined })],
    ['without a refresh token', token({ refresh_token: undefined })],
    ['with a nonce of its own', claims({ nonce: 'new' })],
  ])('%s goes on', async (_what, trick) => {
    const it = await world(trick);
    const cookie = await it.signedInBefore();
    expect(await renew(it, cookie)).toBe('tokens renewed');
    const answer = await session(it, cookie);
    expect(answer.status).toBe(200);
    const { user, roles } = JSON.parse(answer.text) as { user: string; roles: string[] };
    expect(user).toBe(SUBJECT);
    if (_what === 'with another role') expect(roles).toEqual(['after']);
    if (_what === 'without an ID token') expect(roles).toEqual(['before']);
  });

  test.each<readonly [string, Trick]>([
    [
      'about somebody else (refresh-token-invalid-sub)',
      { ...claims({ sub: 'boss' }), answer: { userinfo: () => ({ body: { sub: 'boss' } }) } },
    ],
    ['whose UserInfo is about somebody else', { answer: { userinfo: () => ({ body: { sub: 'boss' } }) } }],
    ['with a subject that cannot be used', claims({ sub: 'a\nb' })],
    [
      'that says invalid_grant (reuse, RFC 9700 4.14.2)',
      instead({ status: 400, body: { error: 'invalid_grant' } }),
    ],
  ])('%s ends the session', async (_what, trick) => {
    const it = await world(trick);
    const cookie = await it.signedInBefore();
    expect(await renew(it, cookie)).toBe('the provider ended a session');
    await vi.waitFor(async () => expect((await session(it, cookie)).status).toBe(401));
    expect(it.gateway.log.join('\n')).not.toContain('canary-old');
  });

  test.each<readonly [string, Trick]>([
    [
      'of another issuer (refresh-token-invalid-issuer)',
      claims({ iss: 'https://evil.example.com', roles: ['admin'] }),
    ],
    ['for another client', claims({ aud: 'another', roles: ['admin'] })],
    [
      'with a wrong signature',
      { seal: (h, c, { foreign }) => signed(h, { ...c, roles: ['admin'] }, foreign) },
    ],
    ['that is not signed', { seal: (_, c) => `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(c))}.` }],
    ['that has ended', claims({ exp: 1, roles: ['admin'] })],
    ['with a token of another type', { ...token({ token_type: 'DPoP' }), ...claims({ roles: ['admin'] }) }],
    ['that fails', instead({ status: 500 })],
    ['that is HTML', instead({ headers: { 'content-type': 'text/html' }, body: '<h1>Unicorn</h1>' })],
    ['with an error and status 200', instead({ body: { error: 'invalid_grant' } })],
  ])('%s gives nothing to anybody: nothing of it is taken over', async (_what, trick) => {
    const it = await world(trick);
    const cookie = await it.signedInBefore();
    expect(await renew(it, cookie)).not.toBe('tokens renewed');
    const { status, text } = await session(it, cookie);
    if (status === 200) expect(JSON.parse(text)).toMatchObject({ user: SUBJECT, roles: ['before'] });
    else expect(status).toBe(401);
    for (const secret of it.provider.secrets) expect(it.gateway.log.join('\n').includes(secret)).toBe(false);
  });

  test('uses each refresh token once, and the next time the one that came', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const seen: (string | null)[] = [];
    const it = await world({
      answer: {
        token(good, form) {
          seen.push(form.get('refresh_token'));
          return { ...good, body: { ...(good.body as Claims), expires_in: 1 } };
        },
      },
    });
    const cookie = await it.signedInBefore();
    await renew(it, cookie);
    vi.setSystemTime(Date.now() + 10_000);
    await ask(it.gateway, '/', { cookie });
    await vi.waitFor(() => expect(seen).toHaveLength(2));
    expect(seen[0]).toBe('canary-old-refresh-token');
    expect(new Set(seen).size).toBe(2);
    expect(it.provider.secrets).toContain(seen[1]);
  });
});
