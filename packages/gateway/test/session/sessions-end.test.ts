import { describe, expect, it, vi } from 'vitest';
import type { LiveSession } from '../../src/session/live.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { ADA, BOB, HOUR, ShakyStore, unavailable, world } from './fixtures.ts';

describe('A session that ends', () => {
  it('is dead in the turn in which it ends, before the store has answered', async () => {
    const { sessions } = world();
    const { cookieId, live } = await sessions.create(ADA);
    const ends: [LiveSession, string][] = [];
    sessions.onEnd((...end) => ends.push(end));
    const ending = sessions.end(live, 'sign-out');
    expect(live.ended).toBe('sign-out');
    expect(ends).toEqual([[live, 'sign-out']]);
    expect(sessions.peek(cookieId)).toBeUndefined();
    await ending;
    await sessions.end(live, 'revoked');
    expect(ends).toHaveLength(1);
    expect(live.ended).toBe('sign-out');
  });

  it('is dead for a replayed cookie, here, elsewhere and after a restart', async () => {
    const { sessions, another } = world();
    const { cookieId, live } = await sessions.create(ADA);
    await sessions.end(live, 'replaced');
    expect(await sessions.load(cookieId)).toBeUndefined();
    expect(await another().load(cookieId)).toBeUndefined();
  });

  it('is dead for a request that was reading it from the store just then', async () => {
    let release = () => {};
    let reading = () => {};
    const read = new Promise<void>((resolve) => {
      reading = resolve;
    });
    class SlowStore extends MemoryStore {
      slow = false;
      override async get(key: string) {
        const value = await super.get(key);
        if (this.slow) {
          reading();
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        }
        return value;
      }
    }
    const store = new SlowStore();
    const { sessions, another } = world({ store, clock: Date.now });
    const { cookieId } = await sessions.create(ADA);
    const elsewhere = another();
    const live = await elsewhere.load(cookieId);
    if (live === undefined) throw new Error('not loaded');
    // As if it had been left to the store since: a request reads it while another signs out.
    const forgetful = another();
    store.slow = true;
    const racing = forgetful.load(cookieId);
    await read;
    store.slow = false;
    await forgetful.end(live, 'sign-out');
    release();
    expect(await racing).toBeUndefined();
    expect(forgetful.peek(cookieId)).toBeUndefined();
  });

  it('is over here even when the store is down; the error surfaces, and the row goes when the store is back', async () => {
    const store = new ShakyStore();
    const { sessions, clock } = world({ store });
    const { cookieId, live } = await sessions.create(ADA);
    store.down = true;
    await expect(sessions.end(live, 'sign-out')).rejects.toEqual(unavailable);
    expect(live.ended).toBe('sign-out');
    store.down = false;
    expect(await sessions.load(cookieId)).toBeUndefined();
    expect(await store.get(live.key)).toBeDefined();
    await sessions.sweep(clock.now);
    expect(await store.get(live.key)).toBeUndefined();
  });

  it('tells every listener, also after one that fails', async () => {
    const errors: unknown[] = [];
    const { sessions } = world({ onError: (error) => errors.push(error) });
    const { live } = await sessions.create(ADA);
    const heard: string[] = [];
    sessions.onEnd(() => {
      throw new Error('listener');
    });
    sessions.onEnd((_, reason) => heard.push(reason));
    await sessions.end(live, 'sign-out');
    expect(heard).toEqual(['sign-out']);
    expect(errors).toHaveLength(1);
  });
});

describe('revoke', () => {
  it.each(['ada-1', 'ADA@EXAMPLE.COM', 'sid'])('ends all sessions of %s, and only those', async (who) => {
    const { sessions } = world();
    const ada = await sessions.create(ADA);
    const again = await sessions.create(ADA);
    const bob = await sessions.create(BOB);
    const count = await sessions.revoke(who === 'sid' ? ada.live.session.sid : who);
    expect(count).toBe(who === 'sid' ? 1 : 2);
    expect(ada.live.ended).toBe('revoked');
    expect(again.live.ended).toBe(who === 'sid' ? undefined : 'revoked');
    expect(sessions.peek(bob.cookieId)).toBe(bob.live);
  });

  it('finds nobody under a word that is nobody’s', async () => {
    const { sessions } = world();
    await sessions.create({ ...ADA, identity: { ...ADA.identity, email: undefined } as never });
    for (const who of ['', 'undefined', 'nobody', 'finance', 'Ada Lovelace'])
      expect(await sessions.revoke(who)).toBe(0);
  });
});

describe('list', () => {
  it('names the sessions that live, with when they were last seen', async () => {
    const { sessions, clock, another } = world();
    const { cookieId, live } = await sessions.create(ADA);
    await sessions.create(BOB);
    clock.advance(HOUR - 1);
    sessions.peek(cookieId);
    await sessions.close();
    clock.advance(1);
    const listed = await vi.waitFor(async () => {
      const all = [];
      for await (const one of another().list()) all.push(one);
      return all;
    });
    expect(listed).toEqual([{ key: live.key, session: { ...live.session, lastSeenAt: clock.now - 1 } }]);
  });
});
