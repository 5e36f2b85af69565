import { createPublicKey } from 'node:crypto';
import type { Ring, SigningRings } from '../assertion/rings.ts';
import type { HeaderProfile } from '../config/settings.ts';
import { json, type Reply } from '../http/reply.ts';
import { CLOUDFLARE } from '../proxy/profiles/signed.ts';

/** Addresses of public keys, each for the verifiers of one vendor and in its shape. */
const PLACES: ReadonlyMap<string, { readonly ring: Ring; readonly shape: 'jwks' | 'pem' }> = new Map([
  [`${CLOUDFLARE}/cdn-cgi/access/certs`, { ring: 'cloudflare-access', shape: 'jwks' }],
  ['/.auth/google-iap/public_key-jwk', { ring: 'google-iap', shape: 'jwks' }],
  ['/.auth/google-iap/public_key', { ring: 'google-iap', shape: 'pem' }],
]);

/**
 * The public keys at this path, or `undefined` when it is none of these, or no app is told in that way.
 *
 * @param profiles - those of all apps
 */
export async function profileKeys(
  path: string,
  rings: Pick<SigningRings, 'jwks'>,
  profiles: ReadonlySet<HeaderProfile>,
): Promise<Reply | undefined> {
  const place = PLACES.get(path);
  if (place === undefined || !profiles.has(place.ring)) return undefined;
  const jwks = await rings.jwks(place.ring);
  // A new key is published two hours before it signs.
  const headers = [
    ['content-type', 'application/json'],
    ['cache-control', 'public, max-age=600'],
  ] as const;
  if (place.shape === 'jwks') return { ...json(200, jwks), headers };
  const pems = jwks.keys.map((key) => [
    key.kid,
    createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }),
  ]);
  return { ...json(200, Object.fromEntries(pems)), headers };
}
