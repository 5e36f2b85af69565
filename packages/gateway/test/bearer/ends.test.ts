import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BearerEnds, endOf } from '../../src/bearer/ends.ts';
import { Sealer } from '../../src/session/seal.ts';
import {
  SECRET,
  ShakyStore,
  sqliteStore,
  TestClock,
  temporaryFile,
  unavailable,
} from '../session/fixtures.ts';
import { type Claims, ISSUER, NOW, PRODUCT, tokenWith, type World, worldOf } from './issuer.ts';

const refused = expect.objectContaining({ code: 'invalid_token', status: 401 });
const verify = async ({ verifier }: World, token: string) => verifier.verify('sales', token);
const ADA: Claims = { email: 'Ada@example.com', email_verified: true };
/** Everything in the store, as text. */
async function rowsOf({ store }: World): Promise<string[]> {
  const rows: string[] = [];
  for await (const [key, value] of store.entries('')) rows.push(`${key} ${Buffer.from(value)}`);
  return rows;
}

/** A token that the host gives out a minute after everything else. */
const LATER: Claims = { iat: NOW + 60, exp: NOW + 7200, jti: 'later' };

describe('a token that is ended before its time', () => {
  it.each([
    ['its handle', (sid: string) => sid],
    ['the subject', () => 'ada-1'],
    ['the address, in any case', () => 'aDA@EXAMPLE.com'],
  ])('by an operator who names %s is refused, and what is open is told', async (_name, who) => {
    const world = worldOf();
    const token = await tokenWith(ADA);
    const live = await verify(world, token);
    expect(await world.verifier.revoke(who(live.session.sid))).toBe(1);
    expect(live.ended).toBe('revoked');
    await expect(verify(world, token)).rejects.toEqual(refused);
  });

  it('ends with all others of that person that were issued before, seen or not, and with none that follows', async () => {
    const world = worldOf();
    const seen = await tokenWith(ADA);
    const unseen = await tokenWith({ ...ADA, jti: 'another' });
    const undated = await tokenWith({ ...ADA, iat: undefined }, { typ: 'JWT' });
    const bob = await tokenWith({ sub: 'bob-2' });
    const [, ofBob] = [await verify(world, seen), await verify(world, bob)];
    await world.verifier.revoke('ada-1');
    for (const token of [seen, unseen, undated]) await expect(verify(world, token)).rejects.toEqual(refused);
    expect(ofBob.ended).toBeUndefined();
    world.clock.advance(60_000);
    await expect(verify(world, await tokenWith({ ...ADA, ...LATER }))).resolves.toBeDefined();
    await expect(verify(world, unseen)).rejects.toEqual(refused);
  });

  it('alone, as when the host signs out, leaves the person’s others', async () => {
    const world = worldOf();
    const [one, two] = [await tokenWith({ jti: 'one' }), await tokenWith({ jti: 'two' })];
    const [going, staying] = [await verify(world, one), await verify(world, two)];
    await world.verifier.end(going, 'sign-out');
    expect([going.ended, staying.ended]).toEqual(['sign-out', undefined]);
    await expect(verify(world, one)).rejects.toEqual(refused);
    world.clock.advance(59 * 60_000);
    await expect(verify(world, one)).rejects.toEqual(refused);
    await expect(verify(world, two)).resolves.toBe(staying);
  });

  it('while it is being judged does not come in after all', async () => {
    const world = worldOf();
    const judging = verify(world, await tokenWith(ADA));
    await world.verifier.revoke('ada-1');
    await expect(judging).rejects.toEqual(refused);
    expect(world.verifier.size).toBe(0);
  });

  it('tells its listeners once, in the same turn', async () => {
    const world = worldOf();
    const told = vi.fn();
    world.verifier.onEnd(told);
    const live = await verify(world, await tokenWith());
    const ending = world.verifier.end(live, 'sign-out');
    expect(told).toHaveBeenCalledExactlyOnceWith(live, 'sign-out');
    await ending;
    await world.verifier.revoke('ada-1');
    expect(told).toHaveBeenCalledOnce();
  });
});

describe('a provider’s back-channel logout', () => {
  const ofSession = (sid: string): Claims => ({ sid, jti: sid });

  it('of one of its sessions ends the tokens of that session', async () => {
    const world = worldOf();
    const [one, two] = [await tokenWith(ofSession('s-1')), await tokenWith(ofSession('s-2'))];
    const [going, staying] = [await verify(world, one), await verify(world, two)];
    expect(await world.verifier.endLoggedOut({ issuer: ISSUER, subject: 'ada-1', sid: 's-1' })).toBe(1);
    expect([going.ended, staying.ended]).toEqual(['back-channel-logout', undefined]);
    await expect(verify(world, one)).rejects.toEqual(refused);
    await expect(verify(world, await tokenWith({ ...ofSession('s-1'), scope: 'x' }))).rejects.toEqual(
      refused,
    );
    expect(await verify(world, two)).toBe(staying);
  });

  it('of a session ends a token that names none, when it is the person’s', async () => {
    const world = worldOf();
    const live = await verify(world, await tokenWith());
    await world.verifier.endLoggedOut({ issuer: ISSUER, subject: 'ada-1', sid: 's-1' });
    expect(live.ended).toBe('back-channel-logout');
    await expect(verify(world, await tokenWith({ jti: 'unseen' }))).rejects.toEqual(refused);
  });

  it('of a person ends everything of theirs, seen or not', async () => {
    const world = worldOf();
    const live = await verify(world, await tokenWith(ofSession('s-1')));
    expect(await world.verifier.endLoggedOut({ issuer: ISSUER, subject: 'ada-1' })).toBe(1);
    expect(live.ended).toBe('back-channel-logout');
    await expect(verify(world, await tokenWith(ofSession('s-2')))).rejects.toEqual(refused);
    await expect(verify(world, await tokenWith({ sub: 'bob-2' }))).resolves.toBeDefined();
  });

  it('of another issuer ends nothing, and is not written down', async () => {
    const world = worldOf();
    const live = await verify(world, await tokenWith());
    expect(await world.verifier.endLoggedOut({ issuer: `${ISSUER}/`, subject: 'ada-1' })).toBe(0);
    expect(live.ended).toBeUndefined();
    expect(await rowsOf(world)).toEqual([]);
  });
});

describe('what has ended', () => {
  it('is remembered over a restart, sealed', async () => {
    const before = worldOf();
    const token = await tokenWith(ADA);
    await verify(before, token);
    await before.verifier.revoke('ada@example.com');
    const rows = await rowsOf(before);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).not.toMatch(/ada-1|example/i);
    const after = worldOf([PRODUCT], { store: before.store, clock: before.clock });
    await expect(verify(after, token)).rejects.toEqual(refused);
    await expect(verify(after, await tokenWith({ ...ADA, jti: 'unseen' }))).rejects.toEqual(refused);
  });

  it('in another process is noticed, and what is open here is told', async () => {
    const path = temporaryFile();
    const clock = new TestClock();
    const here = worldOf([PRODUCT], { store: sqliteStore(path, {}, clock.read), clock });
    here.upkeep.start();
    onTestFinished(() => here.upkeep.close());
    const live = await verify(here, await tokenWith(ADA));
    const told = new Promise((resolve) => here.verifier.onEnd((_live, reason) => resolve(reason)));
    const there = new BearerEnds(sqliteStore(path, {}, clock.read), new Sealer([SECRET]), clock.read);
    await there.add(endOf('ada-1', clock.now));
    expect(await told).toBe('revoked');
    expect(live.ended).toBe('revoked');
  });

  it('is not guessed: while the store cannot tell, a token that is not in memory is refused with 503', async () => {
    const clock = new TestClock();
    const store = new ShakyStore(clock.read);
    const entries = store.entries.bind(store);
    store.entries = async function* (prefix) {
      if (store.down) throw new Error('connection refused');
      yield* entries(prefix);
    };
    const world = worldOf([PRODUCT], { store, clock });
    store.down = true;
    const token = await tokenWith();
    await expect(verify(world, token)).rejects.toEqual(unavailable);
    store.down = false;
    await expect(verify(world, token)).resolves.toBeDefined();
  });

  it('ends here also when the store does not take it, and says so', async () => {
    const clock = new TestClock();
    const store = new ShakyStore(clock.read);
    const world = worldOf([PRODUCT], { store, clock });
    const token = await tokenWith();
    const live = await verify(world, token);
    store.down = true;
    await expect(world.verifier.revoke('ada-1')).rejects.toThrow();
    expect(live.ended).toBe('revoked');
    await expect(verify(world, token)).rejects.toEqual(refused);
  });
});
