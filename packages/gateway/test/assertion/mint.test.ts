import fc from 'fast-check';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { AssertionKeys } from '../../src/assertion/keys.ts';
import { type AssertionClaims, mintAssertion } from '../../src/assertion/mint.ts';
import type { Identity } from '../../src/core/types.ts';
import { Sealer } from '../../src/session/seal.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';

const NOW = 1_800_000_000_500;
const ISSUER = 'https://apps.example.com';
const ADA: Identity = {
  issuer: 'https://id.example.com',
  subject: 'ada-1',
  provider: 'main',
  email: 'ada@example.com',
  name: 'Ada Lovelace',
  roles: ['analyst'],
  groups: ['finance', 'everyone'],
};

const keys = await AssertionKeys.open(new MemoryStore(), new Sealer(['a test secret']), () => NOW);
const key = await keys.signingKey();
const jwks = createLocalJWKSet(JSON.parse(JSON.stringify(await keys.jwks())));

function mint(identity: Identity, audience = 'sales', issuer = ISSUER): Promise<string> {
  return mintAssertion({ identity, sid: 'a handle', audience, issuer, now: NOW, key });
}

async function verify(token: string, audience = 'sales'): Promise<AssertionClaims> {
  const { payload } = await jwtVerify<AssertionClaims>(token, jwks, {
    algorithms: ['ES256'],
    typ: 'portico+jwt',
    issuer: ISSUER,
    audience,
    requiredClaims: ['sub', 'sid', 'iat', 'exp'],
    currentDate: new Date(NOW),
  });
  return payload;
}

const many = (word: string, count: number) => Array.from({ length: count }, (_, n) => `${word}-${n}`);

describe('An assertion', () => {
  it('says who is there, for one app and five minutes', async () => {
    const token = await mint(ADA);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', kid: key.kid, typ: 'portico+jwt' });
    expect(await verify(token)).toEqual({
      iss: ISSUER,
      aud: 'sales',
      sub: 'ada-1',
      sid: 'a handle',
      iat: 1_800_000_000,
      exp: 1_800_000_300,
      provider: 'main',
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      roles: ['analyst'],
      groups: ['finance', 'everyone'],
    });
  });

  it('is worth nothing to another app', async () => {
    await expect(verify(await mint(ADA, 'sales'), 'payroll')).rejects.toMatchObject({ claim: 'aud' });
  });

  it('leaves out what the provider did not say', async () => {
    const { email, name, ...bare } = ADA;
    const claims = await verify(await mint(bare));
    expect(Object.keys(claims)).not.toEqual(expect.arrayContaining(['email']));
    expect(Object.keys(claims)).not.toEqual(expect.arrayContaining(['name']));
  });

  it('gives up groups first, then roles, and says so', async () => {
    const crowded = await verify(await mint({ ...ADA, groups: many('group', 500) }));
    expect(crowded).toMatchObject({ roles: ['analyst'], groups_overflow: true, name: 'Ada Lovelace' });
    expect(crowded).not.toHaveProperty('groups');
    expect(crowded).not.toHaveProperty('roles_overflow');
    const both = await verify(await mint({ ...ADA, roles: many('role', 500) }));
    expect(both).toMatchObject({ roles_overflow: true, groups_overflow: true, email: 'ada@example.com' });
    expect(both).not.toHaveProperty('roles');
    expect(both).not.toHaveProperty('groups');
  });

  it('carries the claims that the provider was asked for, and gives them up after groups and before roles', async () => {
    const claims = { department: 'R&D', level: 3, staff: true, sites: ['Berlin', 'Bonn'] };
    expect(await verify(await mint({ ...ADA, claims }))).toMatchObject({ claims, groups: ADA.groups });
    const crowded = await verify(await mint({ ...ADA, claims, groups: many('group', 500) }));
    expect(crowded).toMatchObject({ claims, groups_overflow: true });
    const wordy = await verify(await mint({ ...ADA, claims: { about: many('word', 200) } }));
    expect(wordy).toMatchObject({ claims_overflow: true, groups_overflow: true, roles: ['analyst'] });
    expect(wordy).not.toHaveProperty('claims');
    expect(await verify(await mint(ADA))).not.toHaveProperty('claims_overflow');
  });

  it('cuts a long name between characters, and rather omits an address than cut it', async () => {
    const claims = await verify(
      await mint({ ...ADA, name: '👩‍🔬'.repeat(100), email: `${'a'.repeat(250)}@example.com` }),
    );
    expect(Buffer.byteLength(claims.name ?? '')).toBeLessThanOrEqual(128);
    expect('👩‍🔬'.repeat(100).startsWith(claims.name ?? '?')).toBe(true);
    expect(claims.name?.isWellFormed()).toBe(true);
    expect(claims).not.toHaveProperty('email');
  });

  it('is refused to a subject that would have to be cut', async () => {
    await expect(mint({ ...ADA, subject: 'é'.repeat(128) })).rejects.toMatchObject({
      code: 'assertion_too_large',
    });
    expect((await verify(await mint({ ...ADA, subject: 's'.repeat(255) }))).sub).toHaveLength(255);
    await expect(mint(ADA, 'a'.repeat(2000))).rejects.toMatchObject({ code: 'assertion_too_large' });
  });

  it('never exceeds 2048 bytes and always verifies, whatever the identity', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.string({ maxLength: 400 }),
      fc.string({ unit: fc.constantFrom('\0', '"', '\\', '\ud800', '😀'), maxLength: 400 }),
    );
    const list = fc.oneof(
      fc.array(text, { maxLength: 60 }),
      fc.nat({ max: 800 }).map((count) => many('g', count)),
    );
    const subject = text.filter((value) => {
      const inBytes = Buffer.byteLength(value);
      return value !== '' && inBytes <= 255 && Buffer.byteLength(JSON.stringify(value)) <= 800;
    });
    const identity = fc.record(
      {
        subject,
        provider: fc.constant('main'),
        issuer: text,
        email: text,
        name: text,
        roles: list,
        groups: list,
      },
      { requiredKeys: ['subject', 'provider', 'issuer', 'roles', 'groups'] },
    );
    await fc.assert(
      fc.asyncProperty(identity, async (someone) => {
        const token = await mint(someone as Identity);
        expect(Buffer.byteLength(token)).toBeLessThanOrEqual(2048);
        const claims = await verify(token);
        expect(claims.sub.isWellFormed() ? claims.sub : someone.subject).toBe(someone.subject);
        expect(claims.groups ?? 'overflow').toEqual(claims.groups_overflow ? 'overflow' : someone.groups);
        expect(claims.roles ?? 'overflow').toEqual(claims.roles_overflow ? 'overflow' : someone.roles);
      }),
      { numRuns: 300 },
    );
  });
});
