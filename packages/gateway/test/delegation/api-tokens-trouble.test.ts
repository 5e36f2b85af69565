import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { LiveSession } from '../../src/session/live.ts';
import { HOUR, ShakyStore, TestClock } from '../session/fixtures.ts';
import { apiToken, ORDERS, tokenWorld } from './token-world.ts';

const fails =
  (code: string, status = 502, retryAfter?: number) =>
  async (): Promise<never> => {
    throw new GatewayError(code, status, 'the reason', retryAfter === undefined ? {} : { retryAfter });
  };
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: GatewayError) => error.code,
  );

describe('a provider that says no', () => {
  test('is believed: no token for this person, and nobody is signed out', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    here.tokenFor = async () => {
      const publicMessage = 'An administrator has to agree.';
      throw new GatewayError('token_refused', 403, 'AADSTS65001 canary', { publicMessage });
    };
    await expect(here.tokens.get(live, ORDERS)).rejects.toMatchObject({
      code: 'access_denied',
      status: 403,
      publicMessage: 'An administrator has to agree.',
    });
    expect(live.ended).toBeUndefined();
    expect(here.events.map(({ kind }) => kind)).toEqual(['refused']);
  });

  test('and to the grant as a whole ends the session', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    here.tokenFor = fails('refresh_refused', 401);
    expect(await code(here.tokens.get(live, ORDERS))).toBe('invalid_grant');
    expect(live.ended).toBe('refresh-refused');
    expect(await code(here.tokens.get(live, ORDERS))).toBe('invalid_grant');
    expect(here.asked).toHaveLength(1);
  });

  test('or cannot be asked for such tokens at all, is not asked', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    expect(await code(here.tokens.get(live, { ...ORDERS, provider: 'nobody' }))).toBe('access_denied');
    expect(here.asked).toEqual([]);
  });
});

describe('a provider in trouble', () => {
  test('is not asked again until the time that the answer names, and then is', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    here.tokenFor = fails('provider_unreachable', 502, 20_000);
    const error = (await here.tokens.get(live, ORDERS).catch((caught: unknown) => caught)) as GatewayError;
    expect(error).toMatchObject({ code: 'temporarily_unavailable', status: 503, retryAfter: 20_000 });
    here.clock.advance(15_000);
    await expect(here.tokens.get(live, ORDERS)).rejects.toMatchObject({ retryAfter: 5000 });
    expect(here.asked).toHaveLength(1);
    here.clock.advance(5000);
    here.tokenFor = async () => ({ token: apiToken(7, here.clock.now + HOUR, '') });
    expect((await here.tokens.get(live, ORDERS)).accessToken).toBe('api-token-7');
    expect(live.ended).toBeUndefined();
  });

  test('costs nothing while the old token still works', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    await here.tokens.get(live, ORDERS);
    here.clock.advance(HOUR - 30_000);
    here.tokenFor = fails('provider_unreachable');
    expect((await here.tokens.get(live, ORDERS)).accessToken).toBe('api-token-1');
    here.clock.advance(30_000);
    expect(await code(here.tokens.get(live, ORDERS))).toBe('temporarily_unavailable');
  });

  test('is not hammered by hundreds of sessions, and turns none away while it is well', async () => {
    const here = tokenWorld({ maxInMemory: 1000 });
    const lives = await Promise.all(Array.from({ length: 300 }, () => here.signIn()));
    const all = () => Promise.all(lives.map((live) => code(here.tokens.get(live, ORDERS))));
    here.tokenFor = fails('provider_unreachable');
    const first = lives.slice(0, 3);
    for (const live of first) await code(here.tokens.get(live, ORDERS));
    expect(new Set(await all())).toEqual(new Set(['temporarily_unavailable']));
    expect(here.asked).toHaveLength(3);
    here.clock.advance(HOUR / 2);
    here.tokenFor = async () => ({ token: apiToken(1, here.clock.now + HOUR, '') });
    // One asks for all, then everybody.
    expect(await code(here.tokens.get(lives[0] as LiveSession, ORDERS))).toBe('none');
    expect(new Set(await all())).toEqual(new Set(['none']));
  });
});

describe('a store in trouble', () => {
  test('loses no refresh token that has rotated: it is kept, and stored with the next request', async () => {
    const clock = new TestClock();
    const store = new ShakyStore(clock.read);
    const here = tokenWorld({ store, clock: clock.read });
    const live = await here.signIn();
    const replace = store.replace.bind(store);
    store.replace = () => Promise.reject(new Error('connection refused'));
    const used: (string | undefined)[] = [];
    here.tokenFor = async ({ tokens }) => {
      used.push(tokens.refreshToken);
      const refreshToken = `refresh-${used.length + 1}`;
      const token = apiToken(used.length, here.clock.now + HOUR, '');
      return { token, tokens: { ...tokens, refreshToken } };
    };
    expect(await code(here.tokens.get(live, ORDERS))).toBe('store_unavailable');
    store.replace = replace;
    expect((await here.tokens.get(live, ORDERS)).accessToken).toBe('api-token-2');
    expect(used).toEqual(['refresh-1', 'refresh-2']);
    expect(live.session.tokens.refreshToken).toBe('refresh-3');
  });
});

describe('a session that ends while the provider answers', () => {
  test('gets no token, and after a sign-out what was issued is taken back', async () => {
    const here = tokenWorld();
    const live = await here.signIn();
    const fresh = { ...live.session.tokens, refreshToken: 'refresh-2' };
    here.tokenFor = async () => {
      await here.sessions.end(live, 'sign-out');
      return { token: apiToken(1, here.clock.now + HOUR, ''), tokens: fresh };
    };
    expect(await code(here.tokens.get(live, ORDERS))).toBe('invalid_grant');
    await setImmediate();
    expect(here.revoked).toEqual([fresh]);
  });
});
