import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import document from '../../../../contract/assertion-vectors.json' with { type: 'json' };

const { issuer, audience, now, jwks, vectors } = document;
const publicKeys = createLocalJWKSet(jwks);
const TOLERANCE = 30;

/** Every rule of contract/assertion.md, as a verifier that follows it would write them down. */
async function verify(token: string): Promise<JWTPayload> {
  const { payload, protectedHeader } = await jwtVerify(token, publicKeys, {
    algorithms: ['ES256'],
    typ: 'portico+jwt',
    issuer,
    requiredClaims: ['iss', 'aud', 'sub', 'sid', 'iat', 'exp', 'provider'],
    clockTolerance: TOLERANCE,
    currentDate: new Date(now * 1000),
  });
  const { aud, sub, iat = Number.NaN, exp = Number.NaN } = payload;
  const lists = [payload['roles'], payload['groups']].filter((list) => list !== undefined);
  const holds =
    protectedHeader.kid !== undefined &&
    protectedHeader.crit === undefined &&
    aud === audience &&
    typeof sub === 'string' &&
    iat <= now + TOLERANCE &&
    exp - iat <= 300 &&
    (payload['claims'] === undefined || areClaims(payload['claims'])) &&
    lists.every((list) => Array.isArray(list) && list.every((item) => typeof item === 'string'));
  if (!holds) throw new Error('A claim does not hold');
  return payload;
}

function areClaims(claims: unknown): boolean {
  const isHeld = (held: unknown): boolean =>
    ['string', 'number', 'boolean'].includes(typeof held) ||
    (Array.isArray(held) && held.every((item) => typeof item === 'string'));
  return (
    typeof claims === 'object' &&
    claims !== null &&
    !Array.isArray(claims) &&
    Object.values(claims).every(isHeld)
  );
}

describe('The vectors of the contract', () => {
  it.each(vectors.filter(({ valid }) => valid))('accept: $name', async ({ token, claims }) => {
    expect(Buffer.byteLength(token)).toBeLessThanOrEqual(2048);
    expect(await verify(token)).toEqual(claims);
  });

  it.each(vectors.filter(({ valid }) => !valid))('refuse: $name', async ({ token }) => {
    await expect(verify(token)).rejects.toThrow();
  });
});
