import { describe, expect, it } from 'vitest';
import { BearerUpkeep } from '../../src/bearer/upkeep.ts';
import type { BearerSettings } from '../../src/config/settings.ts';
import { AUDIENCE, fetchKeys, ISSUER, NOW, PRODUCT, tokenWith, worldOf } from './issuer.ts';

const refused = expect.objectContaining({ code: 'invalid_token', status: 401 });
const OTHER: BearerSettings = { ...PRODUCT, name: 'other', audience: ['https://other.example.com'] };

/** An issuer that counts how often somebody asks for its keys. */
function counting() {
  let count = 0;
  const fetch = async () => {
    count++;
    return fetchKeys();
  };
  return { fetch, asked: () => count };
}

describe('a token that was found good', () => {
  it('is had at once from then on, as the same session', async () => {
    const { verifier, clock } = worldOf();
    const token = await tokenWith();
    const first = verifier.verify('sales', token);
    expect(first).toBeInstanceOf(Promise);
    const live = await first;
    clock.advance(1_000);
    expect(verifier.verify('sales', token)).toBe(live);
    expect(live.lastSeenAt).toBe(clock.now);
    expect([...verifier.values()]).toEqual([live]);
  });

  it('is judged once, however many requests bring it at once', async () => {
    const { verifier } = worldOf();
    const token = await tokenWith();
    const all = await Promise.all(Array.from({ length: 50 }, () => verifier.verify('sales', token)));
    expect(new Set(all).size).toBe(1);
    expect(verifier.size).toBe(1);
  });

  it('is one session for each token, with a handle that tells nothing of it', async () => {
    const { verifier } = worldOf();
    const tokens = [await tokenWith({ jti: 'one' }), await tokenWith({ jti: 'two' })];
    const [one, two] = await Promise.all(tokens.map(async (token) => verifier.verify('sales', token)));
    expect(one?.session.sid).toMatch(/^[0-9a-f]{32}$/);
    expect(one?.session.sid).not.toBe(two?.session.sid);
    expect(await verifier.bySid(one?.session.sid ?? '')).toBe(one);
  });

  it('for one audience or scope is not good for another at the same app or another (GHSA-qvp4)', async () => {
    const { verifier } = worldOf([PRODUCT, OTHER, { ...PRODUCT, name: 'scoped', scopes: ['admin'] }], {
      apps: [
        { name: 'sales', bearer: ['shop'] },
        { name: 'payroll', bearer: ['other'] },
        { name: 'admin', bearer: ['scoped'] },
      ],
    });
    const token = await tokenWith();
    await verifier.verify('sales', token);
    await expect(verifier.verify('payroll', token)).rejects.toEqual(refused);
    await expect(verifier.verify('admin', token)).rejects.toMatchObject({ code: 'insufficient_scope' });
    const both = await tokenWith({ aud: [AUDIENCE, 'https://other.example.com'] });
    const [atSales, atPayroll] = [
      await verifier.verify('sales', both),
      await verifier.verify('payroll', both),
    ];
    expect(atSales.session.identity.provider).toBe('shop');
    expect(atPayroll.session.identity.provider).toBe('other');
    expect(atSales.session.sid).not.toBe(atPayroll.session.sid);
  });

  it('is found by its audience among issuers of one name, and keeps the reason that tells most', async () => {
    const { verifier } = worldOf([OTHER, { ...PRODUCT, scopes: ['admin'] }]);
    await expect(verifier.verify('sales', await tokenWith())).rejects.toMatchObject({
      code: 'insufficient_scope',
    });
    await expect(verifier.verify('sales', await tokenWith({ scope: 'admin' }))).resolves.toBeDefined();
  });

  it('has the roles that the configuration adds', async () => {
    const { verifier } = worldOf([PRODUCT], { identify: (identity) => ({ ...identity, roles: ['added'] }) });
    expect((await verifier.verify('sales', await tokenWith())).session.identity.roles).toEqual(['added']);
  });

  it('ends on time: the next request is refused and what is open is told', async () => {
    const { verifier, clock } = worldOf();
    const told: string[] = [];
    verifier.onEnd((live, reason) => told.push(`${live.session.identity.subject} ${reason}`));
    const token = await tokenWith({ exp: NOW + 60 });
    const live = await verifier.verify('sales', token);
    clock.advance(59_999);
    expect(verifier.verify('sales', token)).toBe(live);
    clock.advance(1);
    expect(() => verifier.verify('sales', token)).toThrow(refused);
    await expect(async () => verifier.verify('sales', token)).rejects.toEqual(refused);
    expect(live.ended).toBe('expired');
    expect(told).toEqual(['ada-1 expired']);
  });

  it('ends on time without a request as well, within one round of the upkeep', async () => {
    const { verifier, upkeep, clock } = worldOf();
    const live = await verifier.verify('sales', await tokenWith({ exp: NOW + 60 }));
    clock.advance(60_000);
    await upkeep.sweep(clock.now);
    expect([live.ended, verifier.size, await verifier.bySid(live.session.sid)]).toEqual([
      'expired',
      0,
      undefined,
    ]);
  });
});

describe('memory', () => {
  it('has room for so many tokens; those with an open socket and those used lately stay', async () => {
    const { verifier, clock, ends, store } = worldOf();
    const fail = (error: unknown) => expect.fail(String(error));
    const upkeep = new BearerUpkeep({
      verifier,
      ends,
      store,
      clock: clock.read,
      onError: fail,
      maxInMemory: 2,
    });
    const tokens = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((jti) => tokenWith({ jti })));
    const lives = await Promise.all(tokens.map(async (token) => verifier.verify('sales', token)));
    const [open, idle, , , late] = lives;
    if (open !== undefined) open.pins++;
    await upkeep.sweep(clock.now);
    expect(verifier.size, 'all were used just now').toBe(5);
    clock.advance(61_000);
    await verifier.verify('sales', tokens[4] ?? '');
    await upkeep.sweep(clock.now);
    expect([...verifier.values()]).toEqual([open, late]);
    expect(idle?.ended, 'it is only looked at anew').toBeUndefined();
    const again = await verifier.verify('sales', tokens[1] ?? '');
    expect(again.session.sid).toBe(idle?.session.sid);
  });
});

describe('a token that nobody here issued', () => {
  it('makes nobody ask for keys', async () => {
    const { fetch, asked } = counting();
    const { verifier } = worldOf([PRODUCT], { fetch });
    await expect(verifier.verify('sales', await tokenWith({ iss: `${ISSUER}/` }))).rejects.toEqual(refused);
    await expect(verifier.verify('sales', 'opaque')).rejects.toEqual(refused);
    expect(asked()).toBe(0);
  });

  it('leaves nothing in memory', async () => {
    const { verifier } = worldOf();
    for (let i = 0; i < 20; i++)
      await expect(verifier.verify('sales', await tokenWith({ aud: `other-${i}` }))).rejects.toEqual(refused);
    expect(verifier.size).toBe(0);
  });
});
