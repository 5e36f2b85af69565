import { describe, expect, test } from 'vitest';
import { Sealer } from '../../src/session/seal.ts';
import type { SessionStore } from '../../src/session/store.ts';
import { ADA, BOB, HOUR, SECRET, ShakyStore, TestClock, unavailable, world } from './fixtures.ts';

function counting(store: SessionStore): { reads: number } {
  const counted = { reads: 0 };
  const get = store.get.bind(store);
  store.get = (key) => {
    counted.reads++;
    return get(key);
  };
  return counted;
}

describe('A session is found by its handle', () => {
  test('in memory, without the store', async () => {
    const { sessions, store } = world();
    const { live } = await sessions.create(ADA);
    const counted = counting(store);
    expect(await sessions.bySid(live.session.sid)).toBe(live);
    expect(counted.reads).toBe(0);
  });

  test('in the store after a restart, once however many ask, and then in memory', async () => {
    const { sessions, another, store } = world();
    for (let i = 0; i < 20; i++) await sessions.create(BOB);
    const { live } = await sessions.create(ADA);
    const counted = counting(store);
    const later = another();
    const found = await Promise.all(Array.from({ length: 100 }, () => later.bySid(live.session.sid)));
    expect(new Set(found).size).toBe(1);
    expect(found[0]?.session).toEqual(live.session);
    // The session's row, and the one that says when it was seen.
    expect(counted.reads).toBe(2);
    await later.bySid(live.session.sid);
    expect(counted.reads).toBe(2);
  });

  test('and is the same one in memory that the cookie leads to, whichever asks first', async () => {
    const { sessions, another } = world();
    const { cookieId, live } = await sessions.create(ADA);
    const bySid = another();
    const first = await bySid.bySid(live.session.sid);
    expect(await bySid.load(cookieId)).toBe(first);
    expect(bySid.peek(cookieId)).toBe(first);
    const together = another();
    const [one, other] = await Promise.all([together.load(cookieId), together.bySid(live.session.sid)]);
    expect(one).toBe(other);
    expect(together.size).toBe(1);
  });

  test('which is not using it: it ends idle all the same', async () => {
    const { sessions, another, clock } = world();
    const { cookieId, live } = await sessions.create(ADA);
    const here = another();
    for (let i = 0; i < 5; i++) {
      clock.advance(HOUR / 6);
      expect(await here.bySid(live.session.sid)).toBeDefined();
    }
    clock.advance(HOUR / 6);
    expect(await here.bySid(live.session.sid)).toBeUndefined();
    expect(await here.load(cookieId)).toBeUndefined();
  });

  test('also after it was busy elsewhere, while it looked idle here', async () => {
    const { sessions, another, clock } = world();
    const { cookieId, live } = await sessions.create(ADA);
    const here = another();
    await here.bySid(live.session.sid);
    clock.advance(HOUR / 2);
    sessions.peek(cookieId);
    await sessions.sweep(clock.now);
    clock.advance(HOUR / 2);
    expect(await here.bySid(live.session.sid)).toBeDefined();
  });

  test('not after its end, here or in another process', async () => {
    const { sessions, another } = world();
    const { live } = await sessions.create(ADA);
    const { sid } = live.session;
    const here = another();
    const there = await here.bySid(sid);
    await sessions.end(live, 'sign-out');
    expect(await sessions.bySid(sid)).toBeUndefined();
    if (there !== undefined) await here.reload(there);
    expect(there?.ended).toBe('revoked');
    expect(await here.bySid(sid)).toBeUndefined();
    expect(await another().bySid('no-such-handle')).toBeUndefined();
  });

  test('also when it was begun under an earlier secret', async () => {
    const { sessions, another } = world();
    const { live } = await sessions.create(ADA);
    const later = another({ sealer: new Sealer(['a new secret of a good length', SECRET]) });
    expect((await later.bySid(live.session.sid))?.session).toEqual(live.session);
  });

  test('and not taken for gone when the store does not answer', async () => {
    const store = new ShakyStore(new TestClock().read);
    const { sessions, another } = world({ store });
    const { live } = await sessions.create(ADA);
    const later = another();
    store.entries = () => {
      throw new Error('connection refused');
    };
    await expect(later.bySid(live.session.sid)).rejects.toEqual(unavailable);
    store.down = true;
    expect(await sessions.bySid(live.session.sid)).toBe(live);
  });
});
