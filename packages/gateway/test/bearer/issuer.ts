import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, type JSONWebKeySet, type JWK, type JWTPayload, SignJWT } from 'jose';
import { BearerEnds } from '../../src/bearer/ends.ts';
import { BearerUpkeep } from '../../src/bearer/upkeep.ts';
import { type BearerOptions, BearerVerifier } from '../../src/bearer/verifier.ts';
import type { BearerSettings } from '../../src/config/settings.ts';
import { Sealer } from '../../src/session/seal.ts';
import type { SessionStore } from '../../src/session/store.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { SECRET, TestClock } from '../session/fixtures.ts';

export const ISSUER = 'https://login.example.com';
export const AUDIENCE = 'https://apps.example.com';
/** Seconds since the epoch, where `TestClock` begins. */
export const NOW = 1_800_000_000;

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
export const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const KEYS = { RS256: rsa.privateKey, ES256: ec.privateKey, EdDSA: ed.privateKey } as const;
export const PUBLIC = { RS256: rsa.publicKey, ES256: ec.publicKey, EdDSA: ed.publicKey } as const;

const published = async (key: KeyObject, kid: string): Promise<JWK> => ({
  ...(await exportJWK(key)),
  kid,
  use: 'sig',
});

export const jwks: JSONWebKeySet = {
  keys: [await published(rsa.publicKey, 'RS256'), await published(ec.publicKey, 'ES256')],
};

export const CLAIMS = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'ada-1',
  iat: NOW,
  exp: NOW + 3600,
  jti: 'a-token',
  client_id: 'shop',
  scope: 'openid apps',
  roles: ['analyst'],
};

export type Claims = Readonly<Record<string, unknown>>;

/** A token of the issuer, with claims and header changed; undefined takes one away. */
export async function tokenWith(
  claims: Claims = {},
  header: Claims = {},
  key: KeyObject | Uint8Array = rsa.privateKey,
): Promise<string> {
  const head = { alg: 'RS256', kid: 'RS256', typ: 'at+jwt', ...header };
  return new SignJWT({ ...CLAIMS, ...claims } as JWTPayload).setProtectedHeader(head).sign(key, {
    // Only so that a token can be made that must be refused.
    crit: { b64: true, 'urn:example:new': true },
  });
}

/** One part of a token that no library would make. */
export const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const ASYMMETRIC: BearerSettings['algorithms'] = ['RS256', 'PS256', 'ES256', 'EdDSA'];

export const SHOP: BearerSettings = {
  name: 'shop',
  issuer: ISSUER,
  source: { kind: 'keys', keys: jwks.keys },
  audience: [AUDIENCE],
  algorithms: ASYMMETRIC,
  scopes: [],
  rolesClaim: 'roles',
  groupsClaim: 'groups',
};

/** The same as an issuer whose keys are fetched, so that it may sign other things than these tokens. */
export const PRODUCT: BearerSettings = { ...SHOP, source: { kind: 'jwks', url: `${ISSUER}/keys` } };

/** An issuer that gives these keys to whoever asks. */
export const fetchKeys = async (): Promise<Response> => Response.json(jwks);

export interface World {
  readonly clock: TestClock;
  readonly store: SessionStore;
  readonly ends: BearerEnds;
  readonly verifier: BearerVerifier;
  readonly upkeep: BearerUpkeep;
  readonly errors: unknown[];
}

/** A verifier for the app `sales`, which takes tokens of all the issuers. */
export function worldOf(
  issuers: readonly BearerSettings[] = [PRODUCT],
  options: Partial<Omit<BearerOptions, 'clock'>> & {
    readonly store?: SessionStore;
    readonly clock?: TestClock;
  } = {},
): World {
  const { clock = new TestClock(), store = new MemoryStore(clock.read), ...more } = options;
  const ends = new BearerEnds(store, new Sealer([SECRET]), clock.read);
  const verifier = new BearerVerifier({
    issuers,
    apps: [{ name: 'sales', bearer: issuers.map(({ name }) => name) }, { name: 'closed' }],
    ends,
    clock: clock.read,
    identify: (identity) => identity,
    fetch: fetchKeys,
    ...more,
  });
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const upkeep = new BearerUpkeep({ verifier, ends, store, clock: clock.read, onError });
  return { clock, store, ends, verifier, upkeep, errors };
}
