import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ApiSettings } from '../../src/config/settings.ts';
import type { GatewayError } from '../../src/core/errors.ts';
import type { ApiToken } from '../../src/core/types.ts';
import { cacheKey, withToken } from '../../src/delegation/cache.ts';
import { HOUR } from '../session/fixtures.ts';
import { apiToken, ORDERS, tokenWorld } from './token-world.ts';

const MINUTE = 60_000;
const SESSION: ApiSettings = { ...ORDERS, name: 'own', scopes: [], grant: 'session' };
const OBO: ApiSettings = { ...ORDERS, name: 'obo', grant: 'on-behalf-of' };

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: GatewayError) => error.code,
  );

describe('a token for an API', () => {
  test('is asked for once and then lies in the session, sealed, for every process', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    const token = await here.tokens.get(live, ORDERS);
    expect(token).toMatchObject({ accessToken: 'api-token-1', scope: 'orders:read orders:write' });
    expect(await here.tokens.get(live, ORDERS)).toBe(token);
    const there = here.elsewhere();
    expect(await there.tokens.get(await there.same(live), ORDERS)).toEqual(token);
    expect(here.asked).toEqual(['orders:read orders:write']);
    for await (const [, value] of here.store.entries(''))
      expect(Buffer.from(value).toString('latin1')).not.toContain('api-token');
  });

  test('is had anew a minute before its end, and one of a very short life a quarter of that', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    await here.tokens.get(live, ORDERS);
    here.clock.advance(HOUR - MINUTE - 1);
    expect((await here.tokens.get(live, ORDERS)).accessToken).toBe('api-token-1');
    here.clock.advance(1);
    here.tokenFor = async () => ({ token: apiToken(2, here.clock.now + 4000, '') });
    expect((await here.tokens.get(live, ORDERS)).accessToken).toBe('api-token-2');
    here.clock.advance(2999);
    expect((await here.tokens.get(live, ORDERS)).accessToken).toBe('api-token-2');
    here.clock.advance(1);
    here.tokenFor = async () => ({ token: apiToken(3, here.clock.now + 4000, '') });
    expect((await here.tokens.get(live, ORDERS)).accessToken).toBe('api-token-3');
  });

  test('whose end the provider does not tell is kept for five minutes', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    here.tokenFor = async () => ({ token: { accessToken: `endless-${here.asked.length}` } });
    expect((await here.tokens.get(live, ORDERS)).expiresAt).toBe(here.clock.now + 5 * MINUTE);
    here.clock.advance(5 * MINUTE);
    expect((await here.tokens.get(live, ORDERS)).accessToken).toBe('endless-2');
  });

  test('for some scopes, one resource or one API is never given for others (GHSA-qvp4)', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    const all = [
      await here.tokens.get(live, ORDERS),
      await here.tokens.get(live, ORDERS, ['orders:read']),
      await here.tokens.get(live, { ...ORDERS, resource: 'https://other.example.com' }),
      await here.tokens.get(live, { ...ORDERS, name: 'other' }),
      await here.tokens.get(live, { ...ORDERS, grant: 'exchange' }),
    ];
    expect(new Set(all.map(({ accessToken }) => accessToken)).size).toBe(5);
    expect(await here.tokens.get(live, ORDERS, ['orders:write', 'orders:read'])).toBe(all[0]);
    expect(here.asked).toHaveLength(5);
  });

  test('of one person is never another’s', async () => {
    const here = tokenWorld();
    const [one, other] = [await here.signIn(), await here.signIn()];
    const tokens = await Promise.all([here.tokens.get(one, ORDERS), here.tokens.get(other, ORDERS)]);
    expect(tokens[0].accessToken).not.toBe(tokens[1].accessToken);
  });

  test('has a key in the cache that no two wishes share', () => {
    const wish = fc.record({
      name: fc.string(),
      resource: fc.string(),
      scopes: fc.uniqueArray(fc.stringMatching(/^[!-~]{1,4}$/), { maxLength: 3 }),
    });
    const keyOf = ({ name, resource, scopes }: { name: string; resource: string; scopes: string[] }) =>
      cacheKey({ ...ORDERS, name, resource }, scopes);
    fc.assert(
      fc.property(wish, wish, (a, b) => {
        const same =
          a.name === b.name &&
          a.resource === b.resource &&
          a.scopes.toSorted().join(' ') === b.scopes.toSorted().join(' ');
        expect(keyOf(a) === keyOf(b)).toBe(same);
      }),
    );
  });

  test('does not let a session grow: what has ended goes, and of many the one that ends first', () => {
    const now = 1000;
    const many: Record<string, ApiToken> = { old: apiToken(0, now, '') };
    for (let i = 1; i <= 40; i++) many[`k${i}`] = apiToken(i, now + i, '');
    const kept = withToken(many, 'new', apiToken(99, now + 5, ''), now);
    expect(Object.keys(kept)).toHaveLength(32);
    expect(kept).toHaveProperty('new');
    expect(kept).toHaveProperty('k40');
    expect(kept).not.toHaveProperty('k9');
    expect(kept).not.toHaveProperty('old');
  });
});

describe('the token of the sign-in', () => {
  test('is given as it is, and renewed when it is at its end', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    expect((await here.tokens.get(live, SESSION)).accessToken).toBe('access-1');
    here.clock.advance(HOUR);
    expect((await here.tokens.get(live, SESSION)).accessToken).toBe('renewed-1');
    expect(here.asked).toEqual(['refresh']);
  });

  test('goes on while the next one is being asked for', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    here.clock.advance(HOUR - 30_000);
    expect((await here.tokens.get(live, SESSION)).accessToken).toBe('access-1');
    await here.refresher.close();
    expect((await here.tokens.get(live, SESSION)).accessToken).toBe('renewed-1');
  });

  test.each([
    ['there was none', {}, {}],
    ['it has ended and there is no refresh token', { accessToken: 'a', accessTokenExpiresAt: 1 }, {}],
    [
      'it has ended and tokens are not renewed',
      { accessToken: 'a', refreshToken: 'r', accessTokenExpiresAt: 1 },
      { renew: false },
    ],
  ])('is refused when %s', async (_when, tokens, options) => {
    const here = tokenWorld(options);
    const live = await here.signIn(tokens);
    expect(await code(here.tokens.get(live, SESSION))).toBe('access_denied');
  });

  test('is alive whenever it is traded for another one', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    here.clock.advance(2 * HOUR);
    const traded: (string | undefined)[] = [];
    here.tokenFor = async ({ tokens }) => {
      traded.push(tokens.accessToken);
      return { token: apiToken(1, here.clock.now + HOUR, '') };
    };
    await here.tokens.get(live, OBO);
    expect(traded).toEqual(['renewed-1']);
  });
});

describe('a token that an API refuses', () => {
  test('is not given out again, in any process', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    const token = await here.tokens.get(live, ORDERS);
    const there = here.elsewhere();
    const same = await there.same(live);
    here.clock.advance(5000);
    await here.tokens.drop(live, ORDERS, token);
    await there.tokens.drop(same, ORDERS, token);
    expect((await there.tokens.get(same, ORDERS)).accessToken).toBe('api-token-2');
    expect((await here.tokens.get(live, ORDERS)).accessToken).toBe('api-token-2');
  });

  test('stays while it is young: an API that refuses everything is no flood at the provider', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    const token = await here.tokens.get(live, ORDERS);
    here.clock.advance(4999);
    await here.tokens.drop(live, ORDERS, token);
    expect(await here.tokens.get(live, ORDERS)).toBe(token);
  });

  test('goes alone: a newer one, and those for other scopes, stay', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    const reading = await here.tokens.get(live, ORDERS, ['orders:read']);
    const all = await here.tokens.get(live, ORDERS);
    here.clock.advance(5000);
    await here.tokens.drop(live, ORDERS, reading);
    expect(await here.tokens.get(live, ORDERS)).toBe(all);
    expect(await here.tokens.get(live, ORDERS, ['orders:read'])).toBe(reading);
  });

  test('is renewed when it is the one of the sign-in, where it can be', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    here.clock.advance(5000);
    await here.tokens.drop(live, SESSION, await here.tokens.get(live, SESSION));
    expect((await here.tokens.get(live, SESSION)).accessToken).toBe('renewed-1');
    const alone = await here.signIn({ accessToken: 'alone', accessTokenExpiresAt: here.clock.now + HOUR });
    here.clock.advance(5000);
    await here.tokens.drop(alone, SESSION, await here.tokens.get(alone, SESSION));
    expect((await here.tokens.get(alone, SESSION)).accessToken).toBe('alone');
  });
});
