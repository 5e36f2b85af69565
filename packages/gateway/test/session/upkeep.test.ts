import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SessionEnd } from '../../src/core/types.ts';
import type { LiveSession } from '../../src/session/live.ts';
import { Sealer } from '../../src/session/seal.ts';
import { sessionEnd } from '../../src/session/session.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { ADA, BOB, HOUR, SECRET, sqliteStore, temporaryFile, world } from './fixtures.ts';

const MINUTE = 60_000;

function endsOf(sessions: Sessions): [LiveSession, SessionEnd][] {
  const ends: [LiveSession, SessionEnd][] = [];
  sessions.onEnd((...end) => ends.push(end));
  return ends;
}

/** Looking for a session marks it as used, which keeps it; so let what is being left to the store go first. */
const turn = () => new Promise(setImmediate);

describe('The rules of expiry', () => {
  it('end a session at its absolute or idle end, exactly', async () => {
    const { live } = await world().sessions.create(ADA);
    const start = live.session.createdAt;
    const time = fc.integer({ min: 0, max: 30 * HOUR });
    fc.assert(
      fc.property(time, time, (seen, later) => {
        const now = start + seen + later;
        const end = sessionEnd(live.session, start + seen, now, { absolute: 12 * HOUR, idle: HOUR });
        const expected = seen + later >= 12 * HOUR ? 'expired' : later >= HOUR ? 'idle' : undefined;
        expect(end).toBe(expected);
      }),
    );
  });

  it('hold old sessions to a limit that became shorter', async () => {
    const { live } = await world().sessions.create(ADA);
    const now = live.session.createdAt + 2 * HOUR;
    expect(sessionEnd(live.session, now, now, { absolute: 2 * HOUR, idle: HOUR })).toBe('expired');
  });
});

describe('A session lapses', () => {
  it('at its absolute end, in the turn of the request that finds out, however busy', async () => {
    const { sessions, clock, store } = world();
    const { cookieId, live } = await sessions.create(ADA);
    const ends = endsOf(sessions);
    for (let hour = 0; hour < 24; hour++) {
      expect(sessions.peek(cookieId)).toBe(live);
      clock.advance(HOUR / 2);
    }
    expect(sessions.peek(cookieId)).toBeUndefined();
    expect(ends).toEqual([[live, 'expired']]);
    await vi.waitFor(async () => expect(await store.get(live.key)).toBeUndefined());
  });

  it('when nobody was seen for the idle time', async () => {
    const { sessions, clock } = world();
    const { cookieId, live } = await sessions.create(ADA);
    const ends = endsOf(sessions);
    clock.advance(HOUR - 1);
    expect(sessions.peek(cookieId)).toBe(live);
    clock.advance(HOUR);
    expect(sessions.peek(cookieId)).toBeUndefined();
    expect(await sessions.load(cookieId)).toBeUndefined();
    expect(ends).toEqual([[live, 'idle']]);
  });

  it.each([
    ['idle', HOUR],
    ['expired', 12 * HOUR],
  ] as const)('under its open sockets too: a sweep ends the %s one', async (reason, later) => {
    const { sessions, clock } = world();
    const { live } = await sessions.create(ADA);
    live.pins = 1;
    const ends = endsOf(sessions);
    clock.advance(later - 1);
    if (reason === 'expired') live.lastSeenAt = clock.now;
    await sessions.sweep(clock.now);
    expect(ends).toEqual([]);
    clock.advance(1);
    await sessions.sweep(clock.now);
    expect(ends).toEqual([[live, reason]]);
  });

  it('not as idle here while another process sees it', async () => {
    const { sessions, clock, another } = world();
    const { cookieId, live } = await sessions.create(ADA);
    live.pins = 1;
    const elsewhere = another();
    clock.advance(HOUR - MINUTE);
    await elsewhere.load(cookieId);
    await elsewhere.sweep(clock.now);
    clock.advance(MINUTE);
    expect(sessions.peek(cookieId)).toBeUndefined();
    await sessions.sweep(clock.now);
    expect(live.ended).toBeUndefined();
    expect(sessions.peek(cookieId)).toBe(live);
  });

  it('by the clock that start() sets going', async () => {
    const clock = { now: Date.now() };
    const { sessions } = world({ clock: () => clock.now });
    const { live } = await sessions.create(ADA);
    const ended = new Promise((resolve) => sessions.onEnd((_, reason) => resolve(reason)));
    sessions.start();
    onTestFinished(() => sessions.close());
    live.lastSeenAt = clock.now += 12 * HOUR;
    expect(await ended).toBe('expired');
  });
});

describe('When a session was last seen', () => {
  it('outlives a restart, so that idleness is counted on', async () => {
    const { sessions, clock, another } = world();
    const ada = await sessions.create(ADA);
    const bob = await sessions.create(BOB);
    clock.advance(HOUR - MINUTE);
    sessions.peek(ada.cookieId);
    await sessions.close();
    clock.advance(MINUTE);
    const restarted = another();
    expect(await restarted.load(ada.cookieId)).toBeDefined();
    expect(await restarted.load(bob.cookieId)).toBeUndefined();
  });

  it('is written at most once a minute', async () => {
    const store = new MemoryStore();
    const written = vi.spyOn(store, 'set');
    const { sessions, clock } = world({ store });
    const { cookieId } = await sessions.create(ADA);
    written.mockClear();
    for (let second = 0; second < 180; second++) {
      clock.advance(1000);
      sessions.peek(cookieId);
      await sessions.sweep(clock.now);
    }
    expect(written).toHaveBeenCalledTimes(3);
  });

  it('never brings back a session that another process revoked, nor tokens that it renewed', async () => {
    const { sessions, clock, another } = world();
    const ada = await sessions.create(ADA);
    const bob = await sessions.create(BOB);
    const elsewhere = another();
    const there = await elsewhere.load(bob.cookieId);
    if (there === undefined) throw new Error('not loaded');
    clock.advance(2 * MINUTE);
    sessions.peek(ada.cookieId);
    sessions.peek(bob.cookieId);
    await elsewhere.revoke('ada-1');
    await elsewhere.updateTokens(there, { refreshToken: 'rotated' });
    await sessions.sweep(clock.now);
    await sessions.close();
    const restarted = another();
    expect(await restarted.load(ada.cookieId)).toBeUndefined();
    expect((await restarted.load(bob.cookieId))?.session.tokens).toEqual({ refreshToken: 'rotated' });
  });
});

describe('Memory is bounded:', () => {
  it('the longest unused are left to the store, which learns first when they were seen', async () => {
    const { sessions, clock, another } = world({ maxInMemory: 10 });
    const made = [];
    for (let n = 0; n < 10; n++) {
      made.push(await sessions.create(ADA));
      clock.advance(MINUTE);
    }
    const [first, second, third] = made;
    if (!first || !second || !third) throw new Error('not made');
    sessions.peek(first.cookieId);
    second.live.pins = 1;
    await sessions.create(BOB);
    await turn();
    expect(sessions.peek(third.cookieId)).toBeUndefined();
    expect(sessions.peek(first.cookieId)).toBe(first.live);
    expect(sessions.peek(second.cookieId)).toBe(second.live);
    expect(third.live.ended).toBeUndefined();
    expect(await sessions.load(third.cookieId)).toBeDefined();
    expect(await another().load(third.cookieId)).toBeDefined();
  });

  it('one that was left to the store is not idle before its time', async () => {
    const { sessions, clock } = world({ maxInMemory: 1 });
    const { cookieId } = await sessions.create(ADA);
    clock.advance(50 * MINUTE);
    sessions.peek(cookieId);
    clock.advance(1000);
    await sessions.create(BOB);
    await turn();
    expect(sessions.peek(cookieId)).toBeUndefined();
    clock.advance(50 * MINUTE);
    expect(await sessions.load(cookieId)).toBeDefined();
  });

  it('ending one that was left to the store ends the one that was loaded since', async () => {
    const { sessions, clock } = world({ maxInMemory: 1 });
    const { cookieId, live } = await sessions.create(ADA);
    clock.advance(1000);
    await sessions.create(BOB);
    await turn();
    expect(sessions.peek(cookieId)).toBeUndefined();
    const again = await sessions.load(cookieId);
    expect(again).not.toBe(live);
    await sessions.end(live, 'sign-out');
    expect(again?.ended).toBe('sign-out');
    expect(await sessions.load(cookieId)).toBeUndefined();
  });
});

describe('What another process does is noticed:', () => {
  /** Two gateways on one SQLite file, each with a connection of its own; and a third process by hand. */
  function gateway(path: string) {
    const store = sqliteStore(path);
    const sessions = new Sessions({
      store,
      sealer: new Sealer([SECRET]),
      clock: Date.now,
      random: randomBytes,
      limits: { absolute: 12 * HOUR, idle: HOUR },
      maxInMemory: 1000,
    });
    onTestFinished(() => sessions.close());
    return sessions;
  }

  it('a revocation on the command line ends the session here', async () => {
    const path = temporaryFile();
    const sessions = gateway(path);
    const ada = await sessions.create(ADA);
    const bob = await sessions.create(BOB);
    const ended = new Promise((resolve) => sessions.onEnd((live, reason) => resolve([live, reason])));
    sessions.start();
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'other-process.ts'), 'revoke', path, 'ada@EXAMPLE.com'],
      {
        env: { ...process.env, TEST_SECRET: SECRET },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    onTestFinished(() => void child.kill());
    expect(await ended).toEqual([ada.live, 'revoked']);
    expect(sessions.peek(ada.cookieId)).toBeUndefined();
    expect(sessions.peek(bob.cookieId)).toBe(bob.live);
  });

  it('so are tokens and claims that it renewed, and headers made before go', async () => {
    const path = temporaryFile();
    const [here, there] = [gateway(path), gateway(path)];
    const { cookieId, live } = await here.create(ADA);
    live.headerBlocks.set('sales', { text: '', freshUntil: Number.POSITIVE_INFINITY });
    const copy = await there.load(cookieId);
    if (copy === undefined) throw new Error('not loaded');
    here.start();
    await there.updateTokens(copy, { accessToken: 'access-2' }, { ...ADA.identity, roles: ['admin'] });
    await vi.waitFor(() => expect(live.session.tokens).toEqual({ accessToken: 'access-2' }), {
      timeout: 5000,
    });
    expect(live.session.identity.roles).toEqual(['admin']);
    expect(live.headerBlocks.size).toBe(0);
    expect(here.peek(cookieId)).toBe(live);
  });

  it('so is a row that was swapped for another', async () => {
    const path = temporaryFile();
    const sessions = gateway(path);
    const ada = await sessions.create(ADA);
    const bob = await sessions.create(BOB);
    sessions.start();
    const ended = new Promise((resolve) => sessions.onEnd((live) => resolve(live)));
    const intruder = sqliteStore(path);
    await intruder.set(bob.live.key, (await intruder.get(ada.live.key)) ?? new Uint8Array(), HOUR);
    expect(await ended).toBe(bob.live);
    expect(sessions.peek(ada.cookieId)).toBe(ada.live);
  });
});
