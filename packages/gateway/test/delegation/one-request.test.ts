import { randomBytes } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import type { Session } from '../../src/core/types.ts';
import { ApiTokens } from '../../src/delegation/api-tokens.ts';
import { TokenRefresher } from '../../src/login/refresh.ts';
import type { LiveSession } from '../../src/session/live.ts';
import type { Sessions } from '../../src/session/sessions.ts';
import type { SessionStore } from '../../src/session/store.ts';
import { NOW, startResourceProvider, told } from '../identity/api-tokens/resource-provider.ts';
import { HOUR, sqliteStore, TestClock, temporaryFile, world } from '../session/fixtures.ts';
import { ORDERS } from './token-world.ts';

const STAFF = { ...ORDERS, name: 'staff', resource: 'https://hr.example.com/v2', scopes: ['people:read'] };

/** Gateway processes on one SQLite file, in front of a real provider whose refresh tokens work once. */
async function processes(count: number) {
  const provider = await startResourceProvider();
  const path = temporaryFile();
  const clock = new TestClock();
  clock.now = NOW;
  const { client, session } = await provider.signIn({ name: 'main' }, clock.read);
  provider.asked.length = 0;
  const limits = { absolute: 1000 * HOUR, idle: 1000 * HOUR };
  const first = world({ store: sqliteStore(path), clock: clock.read, limits });
  const { live } = await first.sessions.create({ ...session, tokens: session.tokens });
  const all = Array.from({ length: count }, async (_, index) => {
    const store: SessionStore = index === 0 ? first.store : sqliteStore(path);
    const sessions: Sessions = index === 0 ? first.sessions : first.another({ store });
    const own = (await sessions.bySid(live.session.sid)) as LiveSession;
    const common = {
      providers: new Map([['main', client]]),
      sessions,
      store,
      clock: clock.read,
      random: randomBytes,
    };
    const refresher = new TokenRefresher({ ...common, report: () => undefined });
    const tokens = new ApiTokens({
      ...common,
      renewed: (one) => refresher.renewed(one),
      report: () => undefined,
    });
    return { live: own, tokens, refresher, sessions, store };
  });
  return { provider, clock, all: await Promise.all(all) };
}

const kinds = (asked: readonly URLSearchParams[]) => asked.map((form) => form.get('resource') ?? 'sign-in');

describe('security fact 9: one request for a token, however many ask', () => {
  test('a thousand callers of one that has ended make one request to the provider', async () => {
    const { provider, clock, all } = await processes(1);
    const [here] = all;
    if (here === undefined) throw new Error('no process');
    const first = await here.tokens.get(here.live, ORDERS);
    clock.advance(HOUR);
    provider.asked.length = 0;
    const lock = vi.spyOn(here.store, 'withLock');
    const callers = Array.from({ length: 1000 }, () => here.tokens.get(here.live, ORDERS));
    const got = new Set((await Promise.all(callers)).map(({ accessToken }) => accessToken));
    expect(got.size).toBe(1);
    expect(got).not.toContain(first.accessToken);
    expect(kinds(provider.asked)).toEqual([ORDERS.resource]);
    expect(lock).toHaveBeenCalledTimes(1);
  });

  test('nor do they in four processes', async () => {
    const { provider, all } = await processes(4);
    const callers = all.flatMap(({ tokens, live }) =>
      Array.from({ length: 250 }, () => tokens.get(live, ORDERS)),
    );
    expect(new Set((await Promise.all(callers)).map(({ accessToken }) => accessToken)).size).toBe(1);
    expect(kinds(provider.asked)).toEqual([ORDERS.resource]);
  });

  test('two APIs and the renewal of the sign-in never spend one refresh token twice, which would end the session', async () => {
    const { provider, clock, all } = await processes(3);
    const rounds = 8;
    for (let round = 0; round < rounds; round++) {
      clock.advance(HOUR);
      const work = all.flatMap(({ tokens, live, refresher }) => [
        tokens.get(live, ORDERS),
        refresher.renewed(live),
        tokens.get(live, STAFF),
        tokens.get(live, ORDERS, ['orders:read']),
      ]);
      await Promise.all(work);
      for (const { sessions, live } of all) expect(await sessions.reload(live)).toBe(true);
      const [one, ...others] = all.map(({ live }) => stored(live.session));
      for (const other of others) expect(other).toEqual(one);
    }
    expect(kinds(provider.asked).toSorted()).toEqual(
      [ORDERS.resource, ORDERS.resource, STAFF.resource, 'sign-in']
        .flatMap((one) => Array(rounds).fill(one))
        .toSorted(),
    );
    const [here] = all;
    const tokens = Object.values(here?.live.session.apiTokens ?? {});
    expect(tokens.map(({ accessToken }) => told(accessToken).scope).toSorted()).toEqual([
      'orders:read',
      'orders:read orders:write',
      'people:read',
    ]);
  });
});

function stored({ tokens, apiTokens }: Session) {
  return { tokens, apiTokens };
}
