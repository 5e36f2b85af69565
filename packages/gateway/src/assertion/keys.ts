import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/types.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LIFE = 30 * DAY;
/** A retired key stays published for as long as somebody may still check what it signed, and amply more. */
const RETIRED_LIFE = DAY;
/** Between publication and first use, so that every process and every cache of the JWKS knows a key before it signs. */
const PUBLISHED_AHEAD = 2 * HOUR;
/** How old this process's view of the shared ring may be; less than `PUBLISHED_AHEAD`. */
const REREAD_AFTER = HOUR;

/** What the ring needs of the session store. */
interface KeyStore {
  get(key: string): Promise<Uint8Array | undefined>;
  set(key: string, value: Uint8Array, ttl: number): Promise<void>;
  withLock<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** What the ring needs of the sealer. */
interface KeySealer {
  seal(purpose: string, plaintext: Uint8Array, aad?: string): Uint8Array;
  open(purpose: string, sealed: Uint8Array, aad?: string): Uint8Array | undefined;
}

interface RingKey {
  readonly kid: string;
  readonly jwk: JWK;
  /** From then on it signs, until the next one does; milliseconds since the epoch. */
  readonly activeFrom: number;
}

/** What a ring of keys is for; each purpose has keys of its own. */
export interface KeyUse {
  /** Key in the store, and purpose of the seal. */
  readonly name: string;
  readonly alg: 'ES256' | 'RS256';
  /** Milliseconds for which a retired key still verifies here, if longer than it stays published. */
  readonly keptFor?: number;
}

export const ASSERTIONS: KeyUse = { name: 'assertion-keys', alg: 'ES256' };

/** What signs assertions now. */
export interface SigningKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

/** RFC 7517, section 5. */
interface JwkSet {
  readonly keys: readonly JWK[];
}

/**
 * The ring of keys that sign assertions: shared by all processes through the store, sealed there. A key signs for 30 days;
 * its successor is published two hours before it takes over, and it stays published for a day afterwards. For ourselves it
 * may be kept longer: an app comes back with an assertion for as long as its session lives.
 */
export class AssertionKeys {
  readonly #store: KeyStore;
  readonly #sealer: KeySealer;
  readonly #clock: Clock;
  readonly #use: KeyUse;
  #ring: readonly RingKey[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  #signing: SigningKey | undefined;

  private constructor(store: KeyStore, sealer: KeySealer, clock: Clock, use: KeyUse) {
    this.#store = store;
    this.#sealer = sealer;
    this.#clock = clock;
    this.#use = use;
  }

  /** Makes the first key where there is none. @throws GatewayError `store_unavailable` (503). */
  static async open(
    store: KeyStore,
    sealer: KeySealer,
    clock: Clock,
    use: KeyUse = ASSERTIONS,
  ): Promise<AssertionKeys> {
    const keys = new AssertionKeys(store, sealer, clock, use);
    await keys.#refresh();
    return keys;
  }

  /** The key to sign with now. @throws GatewayError `store_unavailable` (503) when rotation is due and the store is down. */
  async signingKey(): Promise<SigningKey> {
    await this.#refresh();
    const now = this.#clock();
    const current = this.#ring.findLast((key) => key.activeFrom <= now) ?? this.#ring[0];
    if (current === undefined) throw new GatewayError('no_assertion_key', 500, 'the key ring is empty');
    if (this.#signing?.kid !== current.kid) {
      const privateKey = (await importJWK(current.jwk, this.#use.alg)) as CryptoKey;
      this.#signing = { kid: current.kid, privateKey };
    }
    return this.#signing;
  }

  /** The public keys that verify assertions; for `/.auth/jwks.json`. */
  async jwks(): Promise<JwkSet> {
    await this.#refresh();
    const published = kept(this.#ring, this.#clock(), RETIRED_LIFE);
    return { keys: published.map((key) => publicJwk(key, this.#use.alg)) };
  }

  /** The public key of this id, also one that is published no longer. */
  async verifyingKey(kid: string): Promise<CryptoKey | undefined> {
    await this.#refresh();
    const known = this.#ring.find((key) => key.kid === kid);
    const { alg } = this.#use;
    return known && ((await importJWK(publicJwk(known, alg), alg)) as CryptoKey);
  }

  get #keptFor(): number {
    return Math.max(RETIRED_LIFE, this.#use.keptFor ?? 0);
  }

  #refresh(): Promise<void> {
    if (this.#clock() - this.#readAt < REREAD_AFTER) return Promise.resolve();
    this.#reading ??= this.#reread().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #reread(): Promise<void> {
    const now = this.#clock();
    let ring = await this.#read();
    if (isDue(ring, now, this.#keptFor)) {
      const { name, alg } = this.#use;
      ring = await this.#store.withLock(name, async () => {
        // Another process may have rotated while this one waited.
        const latest = await this.#read();
        if (!isDue(latest, now, this.#keptFor)) return latest;
        const rotated = kept(await grow(latest, now, alg), now, this.#keptFor);
        const sealed = this.#sealer.seal(name, Buffer.from(JSON.stringify(rotated)), name);
        await this.#store.set(name, sealed, Number.POSITIVE_INFINITY);
        return rotated;
      });
    }
    this.#ring = ring;
    this.#readAt = now;
  }

  /** A ring that no secret opens any more is as good as none: assertions live for five minutes only. */
  async #read(): Promise<readonly RingKey[]> {
    const { name } = this.#use;
    const sealed = await this.#store.get(name);
    const bytes = sealed && this.#sealer.open(name, sealed, name);
    return bytes === undefined ? [] : (JSON.parse(Buffer.from(bytes).toString()) as RingKey[]);
  }
}

/** Whether the ring lacks a key that is fresh enough, or keeps one that is long retired. */
function isDue(ring: readonly RingKey[], now: number, keptFor: number): boolean {
  const newest = ring.at(-1);
  return (
    newest === undefined || now >= newest.activeFrom + LIFE || ring.length !== kept(ring, now, keptFor).length
  );
}

async function grow(ring: readonly RingKey[], now: number, alg: KeyUse['alg']): Promise<readonly RingKey[]> {
  const newest = ring.at(-1);
  if (newest === undefined) return [await makeKey(now, alg)];
  return now >= newest.activeFrom + LIFE ? [...ring, await makeKey(now + PUBLISHED_AHEAD, alg)] : ring;
}

/** Without the keys that retired longer ago. */
function kept(ring: readonly RingKey[], now: number, retiredLife: number): readonly RingKey[] {
  return ring.filter((_, index) => {
    const successor = ring[index + 1];
    return successor === undefined || now < successor.activeFrom + retiredLife;
  });
}

async function makeKey(activeFrom: number, alg: KeyUse['alg']): Promise<RingKey> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { kid: await calculateJwkThumbprint(jwk, 'sha256'), jwk, activeFrom };
}

/** Names the members that go out, so that none that is private ever does. */
function publicJwk({ kid, jwk }: RingKey, alg: KeyUse['alg']): JWK {
  const { x, y, n, e } = jwk;
  const key = alg === 'RS256' ? { kty: 'RSA', n, e } : { kty: 'EC', crv: 'P-256', x, y };
  return { ...key, kid, use: 'sig', alg } as JWK;
}
