import { calculateJwkThumbprint, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { ASSERTIONS, AssertionKeys } from '../../src/assertion/keys.ts';
import { Sealer } from '../../src/session/seal.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const sealer = new Sealer(['a test secret']);

function ring() {
  let now = 1_800_000_000_000;
  const store = new MemoryStore(() => now);
  return {
    store,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
    open: (withSealer = sealer) => AssertionKeys.open(store, withSealer, () => now),
    openKept: (keptFor: number) => AssertionKeys.open(store, sealer, () => now, { ...ASSERTIONS, keptFor }),
  };
}

async function kids(keys: AssertionKeys): Promise<(string | undefined)[]> {
  return (await keys.jwks()).keys.map((key) => key.kid);
}

describe('The keys of assertions', () => {
  it('are made once, even when several processes start at the same time, and outlive a restart', async () => {
    const { open } = ring();
    const opened = await Promise.all([open(), open(), open()]);
    const signing = await Promise.all(opened.map(async (keys) => (await keys.signingKey()).kid));
    expect(new Set(signing).size).toBe(1);
    expect(await kids(await open())).toEqual([signing[0]]);
  });

  it('show only public members, with the RFC 7638 thumbprint as their id', async () => {
    const { open } = ring();
    const [key] = (await (await open()).jwks()).keys;
    expect(Object.keys(key ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
    expect(key?.kid).toBe(await calculateJwkThumbprint(key as JWK, 'sha256'));
  });

  it('lie sealed in the store', async () => {
    const { open, store } = ring();
    await open();
    const stored = Buffer.from((await store.get('assertion-keys')) ?? []).toString('latin1');
    expect(stored.length).toBeGreaterThan(100);
    expect(stored).not.toContain('"d"');
    expect(stored).not.toContain('kty');
  });

  it('begin anew when no secret opens the old ones', async () => {
    const { open } = ring();
    const before = await kids(await open());
    const after = await kids(await open(new Sealer(['another'])));
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  });

  it('verify here for as long as a session may live, though published no longer', async () => {
    const { openKept, advance } = ring();
    const keys = await openKept(7 * DAY);
    const first = (await keys.signingKey()).kid;
    advance(30 * DAY);
    await keys.signingKey();
    advance(2 * DAY);
    const second = (await keys.signingKey()).kid;
    expect(await kids(keys)).toEqual([second]);
    expect(await keys.verifyingKey(first)).toMatchObject({ type: 'public' });
    expect(await (await openKept(7 * DAY)).verifyingKey(first)).toBeDefined();
    expect(await keys.verifyingKey('another')).toBeUndefined();
    advance(6 * DAY);
    expect(await keys.verifyingKey(first)).toBeUndefined();
    expect(await keys.verifyingKey(second)).toBeDefined();
  });

  it('rotate after 30 days: published first, then signing, the old one gone a day later', async () => {
    const { open, advance } = ring();
    const keys = await open();
    const first = (await keys.signingKey()).kid;
    advance(30 * DAY - 1);
    expect(await kids(keys)).toEqual([first]);
    advance(HOUR);
    const published = await kids(keys);
    expect(published).toHaveLength(2);
    expect(published[0]).toBe(first);
    expect((await keys.signingKey()).kid).toBe(first);
    advance(2 * HOUR);
    const second = (await keys.signingKey()).kid;
    expect(second).toBe(published[1]);
    advance(DAY - 2 * HOUR);
    expect(await kids(keys)).toEqual([first, second]);
    advance(4 * HOUR);
    expect(await kids(keys)).toEqual([second]);
  });

  it('are published by every process before any of them signs with them', async () => {
    const { open, advance } = ring();
    const [one, two] = [await open(), await open()];
    for (let hour = 0; hour < 70 * 24; hour++) {
      advance(HOUR / 2);
      const { kid } = await one.signingKey();
      expect(await kids(two)).toContain(kid);
      advance(HOUR / 2);
      expect(await kids(one)).toContain((await two.signingKey()).kid);
    }
  });
});
