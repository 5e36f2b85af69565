import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionStore } from '../../src/session/store.ts';
import { TestClock } from './fixtures.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

async function keysOf(store: SessionStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const [key] of store.entries(prefix)) keys.push(key);
  return keys.sort();
}

/** What every store keeps to. `make` opens an empty one that reads the time from the clock. */
export function storeContract(name: string, make: (clock: () => number) => SessionStore): void {
  describe(`${name} keeps the contract of a store:`, () => {
    it('gives back any bytes under any key', async () => {
      const store = make(Date.now);
      const key = fc.stringMatching(/^[ -~]{1,200}$/);
      await fc.assert(
        fc.asyncProperty(key, fc.uint8Array({ maxLength: 5000 }), async (key, value) => {
          await store.set(key, value, 1000);
          expect(new Uint8Array((await store.get(key)) ?? [1, 2, 3])).toEqual(new Uint8Array(value));
        }),
      );
    });

    it('knows nothing of what was not set, and overwrites what was', async () => {
      const store = make(Date.now);
      expect(await store.get('k')).toBeUndefined();
      await store.set('k', bytes('one'), 1000);
      await store.set('k', bytes('two'), 1000);
      expect(Buffer.from((await store.get('k')) ?? []).toString()).toBe('two');
    });

    it('forgets at the end of the time to live, not before, and keeps what has none', async () => {
      const clock = new TestClock();
      const store = make(clock.read);
      await store.set('short', bytes('x'), 1000);
      await store.set('over', bytes('x'), 0);
      await store.set('ever', bytes('x'), Number.POSITIVE_INFINITY);
      clock.advance(999);
      expect(await keysOf(store, '')).toEqual(['ever', 'short']);
      clock.advance(1);
      expect(await store.get('short')).toBeUndefined();
      clock.advance(1e12);
      expect(await keysOf(store, '')).toEqual(['ever']);
    });

    it('deletes, also what is not there', async () => {
      const store = make(Date.now);
      await store.set('k', bytes('x'), 1000);
      await store.delete('k');
      await store.delete('k');
      expect(await store.get('k')).toBeUndefined();
    });

    it('replaces only what is there', async () => {
      const clock = new TestClock();
      const store = make(clock.read);
      expect(await store.replace('k', bytes('x'), 1000)).toBe(false);
      expect(await store.get('k')).toBeUndefined();
      await store.set('k', bytes('x'), 1000);
      expect(await store.replace('k', bytes('y'), 2000)).toBe(true);
      clock.advance(1500);
      expect(Buffer.from((await store.get('k')) ?? []).toString()).toBe('y');
      clock.advance(500);
      expect(await store.replace('k', bytes('z'), 1000)).toBe(false);
      expect(await store.get('k')).toBeUndefined();
    });

    it('lists by prefix, every entry once, however many', async () => {
      const store = make(Date.now);
      const keys = Array.from({ length: 450 }, (_, n) => `a:${n}`);
      for (const key of [...keys, 'a', 'b:1', 'A:1']) await store.set(key, bytes(key), 60_000);
      expect(await keysOf(store, 'a:')).toEqual(keys.sort());
      expect(await keysOf(store, 'a:449')).toEqual(['a:449']);
      expect(await keysOf(store, '')).toHaveLength(453);
    });

    it('runs one holder of a lock at a time, in turn, and others beside it', async () => {
      const store = make(Date.now);
      const log: string[] = [];
      const hold = (key: string, name: string) =>
        store.withLock(key, async () => {
          log.push(`${name} in`);
          await store.get(key);
          await new Promise(setImmediate);
          log.push(`${name} out`);
          return name;
        });
      const names = await Promise.all([hold('k', '1'), hold('k', '2'), hold('k', '3'), hold('l', 'other')]);
      expect(names).toEqual(['1', '2', '3', 'other']);
      const inTurn = ['1 in', '1 out', '2 in', '2 out', '3 in', '3 out'];
      expect(log.filter((line) => !line.startsWith('other'))).toEqual(inTurn);
      expect(log.indexOf('other in')).toBeLessThan(log.indexOf('1 out'));
    });

    it('frees the lock when its holder fails, and hands the failure on', async () => {
      const store = make(Date.now);
      const failing = store.withLock('k', () => Promise.reject(new Error('no')));
      await expect(failing).rejects.toThrow('no');
      expect(await store.withLock('k', async () => 'free')).toBe('free');
    });
  });
}
