import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, type JSONWebKeySet, type JWK, type JWTPayload, SignJWT } from 'jose';

export const ISSUER = 'https://login.example.com';
export const API = 'https://api.example.com';
/** Seconds since the epoch. */
export const NOW = 1_800_000_000;

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const KEYS: Readonly<Record<string, KeyObject>> = { RS256: rsa.privateKey, ES256: ec.privateKey };

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
  aud: API,
  sub: 'ada-1',
  iat: NOW,
  exp: NOW + 3600,
  jti: 'a-token',
  client_id: 'reports',
  scope: 'reports.read reports.write',
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
