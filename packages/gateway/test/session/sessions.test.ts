import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { sessionKey } from '../../src/session/record.ts';
import { Sealer } from '../../src/session/seal.ts';
import {
  ADA,
  BOB,
  HOUR,
  SECRET,
  ShakyStore,
  sqliteStore,
  temporaryFile,
  unavailable,
  world,
} from './fixtures.ts';

describe('A session', () => {
  it('is found by its cookie, in memory at once and by another process through the store', async () => {
    const { sessions, another } = world();
    const { cookieId, live } = await sessions.create(ADA);
    expect(cookieId).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(sessions.peek(cookieId)).toBe(live);
    const elsewhere = another();
    expect(elsewhere.peek(cookieId)).toBeUndefined();
    const loaded = await elsewhere.load(cookieId);
    expect(loaded?.session).toEqual(live.session);
    expect(elsewhere.peek(cookieId)).toBe(loaded);
  });

  it('has ids that differ each time, and a handle that is not the cookie', async () => {
    const { sessions } = world();
    const made = await Promise.all(Array.from({ length: 50 }, () => sessions.create(ADA)));
    const words = made.flatMap(({ cookieId, live }) => [cookieId, live.session.sid, live.key]);
    expect(new Set(words).size).toBe(150);
  });

  it('is stored under a hash and sealed: neither the cookie nor a token is in the database', async () => {
    const { sessions, store } = world();
    const { cookieId } = await sessions.create(ADA);
    for await (const [key, value] of store.entries('')) {
      const row = key + Buffer.from(value).toString('latin1');
      for (const secret of [cookieId, 'access-1', 'refresh-1', 'ada-1']) expect(row).not.toContain(secret);
    }
  });

  it('outlives a restart of the gateway with all its tokens', async () => {
    const path = temporaryFile();
    const before = world({ store: sqliteStore(path) });
    const { cookieId, live } = await before.sessions.create(ADA);
    await before.sessions.updateTokens(live, { accessToken: 'access-2', refreshToken: 'refresh-2' });
    await before.sessions.close();
    await before.store.close();
    const after = world({ store: sqliteStore(path), clock: before.clock.read });
    expect((await after.sessions.load(cookieId))?.session.tokens).toEqual({
      accessToken: 'access-2',
      refreshToken: 'refresh-2',
    });
  });

  it('outlives a rotation of the secret, until the old secret is dropped', async () => {
    const { sessions, another } = world();
    const { cookieId } = await sessions.create(ADA);
    expect(await another({ sealer: new Sealer(['new', SECRET]) }).load(cookieId)).toBeDefined();
    expect(await another({ sealer: new Sealer(['new']) }).load(cookieId)).toBeUndefined();
  });

  it('is looked up once however many requests wait for it', async () => {
    const store = new ShakyStore();
    const { sessions, another } = world({ store, clock: Date.now });
    const { cookieId } = await sessions.create(ADA);
    const elsewhere = another();
    const loaded = await Promise.all(Array.from({ length: 20 }, () => elsewhere.load(cookieId)));
    expect(new Set(loaded).size).toBe(1);
    expect(loaded[0]).toBeDefined();
    expect(store.reads).toBe(2);
  });

  it('is not looked for under what cannot be a session id', async () => {
    const store = new ShakyStore();
    const { sessions, sealer } = world({ store });
    const words = [
      '',
      'x',
      'a'.repeat(42),
      'a'.repeat(44),
      `${'a'.repeat(42)}=`,
      `${'a'.repeat(42)}\n`,
      'ä'.repeat(43),
    ];
    for (const word of [...words, '__proto__', sealer.sealText('login', 'x')]) {
      expect(await sessions.load(word)).toBeUndefined();
    }
    expect(store.reads).toBe(0);
  });

  it('fails closed with 503 while the store is down, and live ones in memory go on', async () => {
    const store = new ShakyStore();
    const { sessions, another } = world({ store, clock: Date.now });
    const { cookieId, live } = await sessions.create(ADA);
    store.down = true;
    expect(sessions.peek(cookieId)).toBe(live);
    await expect(another().load(cookieId)).rejects.toEqual(unavailable);
    await expect(sessions.create(ADA)).rejects.toEqual(unavailable);
    await expect(sessions.updateTokens(live, {})).rejects.toEqual(expect.any(GatewayError));
  });
});

describe('A stored session opens as nothing, which is a fresh sign-in,', () => {
  it('when its row was tampered with in any byte', async () => {
    const { sessions, store, another } = world();
    const { cookieId, live } = await sessions.create(ADA);
    const row = (await store.get(live.key)) ?? new Uint8Array();
    for (let at = 0; at < row.length; at += 7) {
      const changed = new Uint8Array(row);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await store.set(live.key, changed, HOUR);
      expect(await another().load(cookieId)).toBeUndefined();
    }
    await store.set(live.key, row, HOUR);
    expect(await another().load(cookieId)).toBeDefined();
  });

  it('when rows were swapped', async () => {
    const { sessions, store, another } = world();
    const ada = await sessions.create(ADA);
    const bob = await sessions.create(BOB);
    await store.set(bob.live.key, (await store.get(ada.live.key)) ?? new Uint8Array(), HOUR);
    expect(await another().load(bob.cookieId)).toBeUndefined();
  });

  it('when it is sealed but not a whole session', async () => {
    const { sessions, store, sealer, another } = world();
    const { cookieId, live } = await sessions.create(ADA);
    const { identity, ...rest } = live.session;
    const wrong = [
      null,
      [],
      'x',
      1,
      {},
      rest,
      { ...live.session, identity: { ...identity, roles: 'admin' } },
    ];
    const more = [
      { ...live.session, expiresAt: null },
      { ...live.session, tokens: { accessToken: 1 } },
      { ...live.session, sid: '' },
      { ...live.session, identity: { ...identity, subject: undefined } },
    ];
    for (const value of [...wrong, ...more]) {
      await store.set(live.key, sealer.seal('session', Buffer.from(JSON.stringify(value)), live.key), HOUR);
      expect(await another().load(cookieId), JSON.stringify(value)).toBeUndefined();
    }
    await store.set(live.key, sealer.seal('session', Buffer.from('{'), live.key), HOUR);
    expect(await another().load(cookieId)).toBeUndefined();
  });

  it('when it is a sign-in state in the place of a session (CVE-2023-48309)', async () => {
    const { sessions, store, sealer } = world();
    const forged = JSON.stringify((await sessions.create(ADA)).live.session);
    const cookieId = 'A'.repeat(43);
    const key = sessionKey(cookieId);
    expect(key).toBe(`session:${createHash('sha256').update(cookieId).digest('base64url')}`);
    for (const aad of ['', key]) {
      await store.set(key, sealer.seal('login', Buffer.from(forged), aad), HOUR);
      expect(await sessions.load(cookieId)).toBeUndefined();
      expect(await sessions.load(sealer.sealText('login', forged, aad))).toBeUndefined();
    }
    await store.set(key, sealer.seal('session', Buffer.from(forged), key), HOUR);
    expect(await sessions.load(cookieId)).toBeDefined();
  });
});

describe('New tokens and claims', () => {
  it('replace the old ones everywhere at once; nothing made from stale claims stays (CVE-2021-41230)', async () => {
    const { sessions, another } = world();
    const { cookieId, live } = await sessions.create(ADA);
    live.headerBlocks.set('sales', {
      text: 'Portico-Assertion: old\r\n',
      freshUntil: Number.POSITIVE_INFINITY,
    });
    await sessions.updateTokens(
      live,
      { accessToken: 'access-2' },
      { ...ADA.identity, roles: [], groups: [] },
    );
    expect(live.headerBlocks.size).toBe(0);
    for (const seen of [sessions.peek(cookieId), await another().load(cookieId)]) {
      expect(seen?.session.identity).toEqual({ ...ADA.identity, roles: [], groups: [] });
      expect(seen?.session.tokens).toEqual({ accessToken: 'access-2' });
    }
  });

  it('are refused when they are another person’s', async () => {
    const { sessions, another } = world();
    const { cookieId, live } = await sessions.create(ADA);
    const changed = expect.objectContaining({ code: 'identity_changed', status: 403 });
    for (const other of [
      { ...ADA.identity, subject: 'bob-2' },
      { ...ADA.identity, issuer: 'https://evil.example' },
    ]) {
      await expect(sessions.updateTokens(live, { accessToken: 'theirs' }, other)).rejects.toEqual(changed);
    }
    expect((await another().load(cookieId))?.session).toEqual(live.session);
  });

  it('do not bring back a session that ended meanwhile', async () => {
    const { sessions, store, another } = world();
    const { cookieId, live } = await sessions.create(ADA);
    await another().revoke('ada-1');
    const ended = expect.objectContaining({ code: 'session_ended', status: 401 });
    await expect(sessions.updateTokens(live, { accessToken: 'access-2' })).rejects.toEqual(ended);
    expect(live.ended).toBe('revoked');
    expect(sessions.peek(cookieId)).toBeUndefined();
    expect(await store.get(live.key)).toBeUndefined();
  });
});
