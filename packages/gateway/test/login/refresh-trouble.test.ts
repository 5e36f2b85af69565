import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { SignedIn } from '../../src/core/types.ts';
import { backoff } from '../../src/identity/backoff.ts';
import type { RedirectProvider } from '../../src/identity/provider.ts';
import { type RefreshEvent, TokenRefresher } from '../../src/login/refresh.ts';
import type { LiveSession } from '../../src/session/live.ts';
import { refreshTime } from '../../src/session/refresh-time.ts';
import type { SessionStore } from '../../src/session/store.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { ADA, HOUR, type World, world } from '../session/fixtures.ts';

const LIMITS = { absolute: 1000 * HOUR, idle: 1000 * HOUR };
const MINUTE = 60_000;

interface Trouble extends World {
  readonly refresher: TokenRefresher;
  readonly events: RefreshEvent[];
  /** Times of the token requests. */
  readonly asked: number[];
  refresh: RedirectProvider['refresh'];
  readonly revoked: unknown[];
  signIn(): Promise<LiveSession>;
  /** One request of each session; waits for what it set going. */
  use(...lives: LiveSession[]): Promise<void>;
}

const down = async (): Promise<never> => {
  throw new GatewayError('provider_unreachable', 502, 'it is down');
};

/** The refresher alone, with a provider that does what a test says, and a clock that moves by hand. */
function trouble(options: { store?: SessionStore } = {}): Trouble {
  const here = world({ limits: LIMITS, ...options });
  const clock = here.clock.read;
  const events: RefreshEvent[] = [];
  const asked: number[] = [];
  const revoked: unknown[] = [];
  const provider = {
    kind: 'redirect',
    name: 'main',
    title: 'Main',
    refresh: (session: Parameters<RedirectProvider['refresh']>[0]) => {
      asked.push(clock());
      return self.refresh(session);
    },
    revoke: async (tokens: unknown) => void revoked.push(tokens),
  } as unknown as RedirectProvider;
  const refresher = new TokenRefresher({
    providers: new Map([['main', provider]]),
    sessions: here.sessions,
    store: here.store,
    clock,
    random: randomBytes,
    report: (event) => events.push(event),
  });
  const self: Trouble = {
    ...here,
    refresher,
    events,
    asked,
    revoked,
    refresh: down,
    async signIn() {
      const tokens = { ...ADA.tokens, accessTokenExpiresAt: clock() + HOUR };
      return (await here.sessions.create({ ...ADA, tokens })).live;
    },
    async use(...lives) {
      for (const live of lives) if (refresher.due(live, clock())) refresher.start(live);
      await refresher.close();
    },
  };
  return self;
}

function renewed(clock: () => number, n = 2): SignedIn {
  return {
    ...ADA,
    tokens: {
      accessToken: `access-${n}`,
      refreshToken: `refresh-${n}`,
      accessTokenExpiresAt: clock() + HOUR,
    },
  };
}

describe('a provider that is down', () => {
  test('is not hammered by thousands of sessions in use, and recovers with one', async () => {
    const t = trouble();
    const lives = await Promise.all(Array.from({ length: 2_000 }, () => t.signIn()));
    t.clock.advance(HOUR);
    for (let second = 0; second < 60; second++) {
      await t.use(...lives);
      t.clock.advance(1000);
    }
    // Sixteen at once at first, then one at a time and ever more rarely.
    expect(t.asked.length).toBeLessThan(30);
    expect(lives.filter((live) => live.ended !== undefined)).toEqual([]);
    t.refresh = async () => renewed(t.clock.read);
    let rounds = 0;
    while (lives.some((live) => live.session.tokens.accessToken !== 'access-2') && rounds++ < 3000) {
      await t.use(...lives);
      t.clock.advance(1000);
    }
    expect(lives.filter((live) => live.session.tokens.accessToken !== 'access-2')).toEqual([]);
  });

  test('is asked again for one session after two seconds at most, then ever more rarely, up to five minutes', async () => {
    const t = trouble();
    const live = await t.signIn();
    t.clock.advance(HOUR);
    for (let i = 0; i < 3600; i++) {
      await t.use(live);
      t.clock.advance(1000);
    }
    const gaps = t.asked.slice(1).map((time, i) => time - (t.asked[i] ?? 0));
    expect(gaps[0]).toBeLessThanOrEqual(2000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(10 * MINUTE);
    expect(t.asked.length).toBeLessThan(40);
    expect(live.ended).toBeUndefined();
  });

  test('and says when to come back (Retry-After) is left alone until then, by everybody', async () => {
    const t = trouble();
    const [one, other] = [await t.signIn(), await t.signIn()];
    t.clock.advance(HOUR);
    t.refresh = async () => {
      throw new GatewayError('provider_unreachable', 502, 'too many requests', { retryAfter: 2 * MINUTE });
    };
    await t.use(one);
    for (let i = 0; i < 119; i++) {
      await t.use(one, other);
      t.clock.advance(1000);
    }
    expect(t.asked).toHaveLength(1);
    t.refresh = async () => renewed(t.clock.read);
    for (let i = 0; i < 60; i++) {
      await t.use(one, other);
      t.clock.advance(1000);
    }
    expect([one, other].map((live) => live.session.tokens.accessToken)).toEqual(['access-2', 'access-2']);
  });
});

describe('tokens that the provider has issued', () => {
  test('outlive a store that is away for a moment: they are stored later, and not asked for again', async () => {
    const store = new MemoryStore();
    const t = trouble({ store });
    const live = await t.signIn();
    t.clock.advance(HOUR);
    t.refresh = async () => renewed(t.clock.read);
    const replace = store.replace.bind(store);
    store.replace = async () => {
      throw new Error('the disk is full');
    };
    await t.use(live);
    expect(live.session.tokens.accessToken).toBe('access-1');
    store.replace = replace;
    t.clock.advance(MINUTE);
    await t.use(live);
    expect(live.session.tokens.refreshToken).toBe('refresh-2');
    expect(t.asked).toHaveLength(1);
    expect(t.events.map(({ kind }) => kind)).toEqual(['failed', 'renewed']);
  });

  test('are used by nobody before the store has them', async () => {
    const store = new MemoryStore();
    const t = trouble({ store });
    const live = await t.signIn();
    t.clock.advance(HOUR);
    t.refresh = async () => renewed(t.clock.read);
    const replace = store.replace.bind(store);
    const seen: unknown[] = [];
    store.replace = async (...row) => {
      seen.push(live.session.tokens.accessToken);
      return replace(...row);
    };
    await t.use(live);
    expect(seen).toEqual(['access-1']);
    expect(live.session.tokens.accessToken).toBe('access-2');
  });

  test('for somebody who signed out meanwhile are revoked, and bring no session back', async () => {
    const t = trouble();
    const live = await t.signIn();
    t.clock.advance(HOUR);
    const gate = Promise.withResolvers<void>();
    t.refresh = async () => {
      await gate.promise;
      return renewed(t.clock.read);
    };
    const used = t.use(live);
    await t.sessions.end(live, 'sign-out');
    gate.resolve();
    await used;
    expect(t.revoked).toEqual(t.asked.length === 0 ? [] : [renewed(t.clock.read).tokens]);
    expect(await t.store.get(live.key)).toBeUndefined();
    expect(t.events).toEqual([]);
  });
});

describe('when tokens are renewed', () => {
  const at = (life: number, renewedAt?: number): number =>
    refreshTime({
      createdAt: 0,
      ...(renewedAt === undefined ? {} : { renewedAt }),
      tokens: { refreshToken: 'r', accessTokenExpiresAt: (renewedAt ?? 0) + life },
    });

  test.each([
    ['an hour', HOUR, 54 * MINUTE],
    ['five minutes', 5 * MINUTE, 4 * MINUTE],
    ['one minute: not in its first half', MINUTE, 30_000],
    ['nothing: not more often than every five seconds', 0, 5_000],
  ])('with a life of %s', (_life, life, expected) => {
    expect(at(life)).toBe(expected);
    expect(at(life, 1_000_000)).toBe(1_000_000 + expected);
  });

  test('not without a refresh token, and not where nothing says that they end', () => {
    const times = { createdAt: 0 };
    expect(refreshTime({ ...times, tokens: { accessTokenExpiresAt: 1 } })).toBe(Number.POSITIVE_INFINITY);
    expect(refreshTime({ ...times, tokens: { refreshToken: 'r' } })).toBe(Number.POSITIVE_INFINITY);
  });

  test('a failure waits between half and all of a time that doubles', () => {
    for (const [byte, share] of [
      [0, 0.5],
      [255, 1],
    ] as const) {
      const waits = [1, 2, 3, 20].map((failures) => backoff(failures, () => Uint8Array.of(byte)));
      expect(waits).toEqual([2000, 4000, 8000, 5 * MINUTE].map((wait) => wait * share));
    }
  });
});
