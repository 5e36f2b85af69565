import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { AssertionKeys, type KeyUse } from '../../src/assertion/keys.ts';
import { type Ring, SigningRings } from '../../src/assertion/rings.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { Sealer } from '../../src/session/seal.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';

const sealer = new Sealer(['a test secret']);
const NOW = 1_800_000_000_000;

function rings() {
  const store = new MemoryStore(() => NOW);
  const opened: string[] = [];
  const open = (use: KeyUse) => {
    opened.push(use.name);
    return AssertionKeys.open(store, sealer, () => NOW, use);
  };
  return { store, opened, rings: new SigningRings(open) };
}

describe('The rings of signing keys', () => {
  it('are opened when they are first asked for, and once', async () => {
    const { opened, rings: all } = rings();
    expect(opened).toEqual([]);
    await Promise.all([all.sign('google-iap', {}), all.sign('google-iap', {}), all.jwks('google-iap')]);
    expect(opened).toEqual(['google-iap-keys']);
  });

  it('sign in the algorithm of their vendor, each with keys of its own', async () => {
    const { rings: all } = rings();
    const keysOf = async (ring: Ring) => createLocalJWKSet({ keys: [...(await all.jwks(ring)).keys] });
    for (const [ring, alg, other] of [
      ['cloudflare-access', 'RS256', 'google-iap'],
      ['google-iap', 'ES256', 'cloudflare-access'],
    ] as const) {
      const token = await all.sign(ring, { sub: 'ann' });
      expect(decodeProtectedHeader(token)).toMatchObject({ alg, typ: 'JWT' });
      const keys = await keysOf(ring);
      expect((await jwtVerify(token, keys, { algorithms: [alg] })).payload['sub']).toBe('ann');
      await expect(jwtVerify(token, await keysOf(other))).rejects.toThrow();
    }
  });

  it('show only public members of RSA keys, and lie sealed in the store', async () => {
    const { rings: all, store } = rings();
    const [key] = (await all.jwks('cloudflare-access')).keys;
    expect(Object.keys(key ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    const stored = Buffer.from((await store.get('cloudflare-access-keys')) ?? []).toString('latin1');
    expect(stored.length).toBeGreaterThan(100);
    expect(stored).not.toContain('"d"');
  });

  it('are asked for again after the store was down', async () => {
    let down = true;
    const store = new MemoryStore(() => NOW);
    const all = new SigningRings(async (use) => {
      if (down) throw new GatewayError('store_unavailable', 503, 'the store is down');
      return AssertionKeys.open(store, sealer, () => NOW, use);
    });
    await expect(all.sign('google-iap', {})).rejects.toThrow('down');
    down = false;
    expect(await all.sign('google-iap', {})).toMatch(/^eyJ/);
  });
});
