import { createECDH, createPublicKey, type KeyObject } from 'node:crypto';
import type { JWK } from 'oidc-provider';
import { derive } from '../core/derive.ts';

/** Keys come from the gateway's secret, so that a restart leaves ID tokens and cookies of the development provider valid. */
export function derived(secret: string, purpose: string): Buffer {
  return derive(secret, `devidp ${purpose}`);
}

/** The ES256 key that signs ID tokens and access tokens. */
export function signingKey(secret: string): JWK {
  const { d, x, y } = coordinates(secret);
  return { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', d, x, y };
}

/** The other half of it. */
export function verifyingKey(secret: string): KeyObject {
  const { x, y } = coordinates(secret);
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
}

function coordinates(secret: string): { readonly d: string; readonly x: string; readonly y: string } {
  const ecdh = createECDH('prime256v1');
  const d = derived(secret, 'signing key');
  ecdh.setPrivateKey(d);
  // Uncompressed point (SEC 1 section 2.3.3): 0x04, x, y.
  const point = ecdh.getPublicKey();
  return {
    d: d.toString('base64url'),
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33, 65).toString('base64url'),
  };
}
