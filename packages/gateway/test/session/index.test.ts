import { describe, expect, test } from 'vitest';
import { Sealer } from '../../src/session/seal.ts';
import type { SessionStore } from '../../src/session/store.ts';
import { ADA, BOB, SECRET, world } from './fixtures.ts';

const { issuer, subject } = ADA.identity;

async function keys(store: SessionStore): Promise<string[]> {
  const all: string[] = [];
  for await (const [key] of store.entries('')) all.push(key);
  return all;
}

describe('Sessions are found by the provider’s words', () => {
  test('without opening those of others', async () => {
    const { sessions, another, store } = world();
    for (let i = 0; i < 50; i++) await sessions.create(BOB);
    await sessions.create({ ...ADA, providerSid: 'p-1' });
    const get = store.get.bind(store);
    const read: string[] = [];
    store.get = (key) => {
      read.push(key);
      return get(key);
    };
    expect(await another().endLoggedOut({ issuer, subject })).toBe(1);
    expect(read).toHaveLength(1);
  });

  test('also those that were begun under an earlier secret', async () => {
    const { sessions, another } = world();
    await sessions.create({ ...ADA, providerSid: 'p-1' });
    const later = another({ sealer: new Sealer(['a new secret of a good length', SECRET]) });
    expect(await later.endLoggedOut({ issuer, sid: 'p-1' })).toBe(1);
  });

  test('and leave nothing behind when they end', async () => {
    const { sessions, store } = world();
    const { live } = await sessions.create({ ...ADA, providerSid: 'p-1' });
    expect(await keys(store)).toHaveLength(4);
    await sessions.end(live, 'sign-out');
    expect(await keys(store)).toEqual([]);
  });

  test('which are told to nobody who reads the store', async () => {
    const { sessions, store } = world();
    await sessions.create({ ...ADA, providerSid: 'p-1' });
    const text: string[] = [];
    for await (const [key, value] of store.entries('')) text.push(key, Buffer.from(value).toString('latin1'));
    expect(text.join('\n')).not.toMatch(/ada|p-1|id\.example/i);
  });

  test('those in memory end even while the store does not answer', async () => {
    const { sessions, store } = world();
    const { live } = await sessions.create(ADA);
    const fail = async () => {
      throw new Error('away');
    };
    store.delete = fail;
    store.entries = async function* () {
      yield await fail();
    };
    await expect(sessions.endLoggedOut({ issuer, subject })).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    expect(live.ended).toBe('back-channel-logout');
  });
});
