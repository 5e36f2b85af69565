import { describe, expect, it } from 'vitest';
import document from '../../../contract/assertion-vectors.json' with { type: 'json' };
import { assertionVerifier } from '../src/index.ts';

const { issuer, audience, now, jwks, vectors } = document;
const { verify } = assertionVerifier({ issuer, audience, jwks, clock: () => now * 1000 });

describe('the vectors of the contract', () => {
  it.each(vectors.filter(({ valid }) => valid))('accept: $name', async ({ token, claims }) => {
    const said: Readonly<Record<string, unknown>> = { ...claims };
    expect(await verify(token)).toEqual({
      id: said['sub'],
      issuer: said['iss'],
      provider: said['provider'],
      session: said['sid'],
      email: said['email'],
      name: said['name'],
      roles: said['roles'],
      groups: said['groups'],
      scopes: [],
      claims: said['claims'] ?? (said['claims_overflow'] ? undefined : {}),
      expiresAt: said['exp'],
    });
  });

  it.each(vectors.filter(({ valid }) => !valid))('refuse: $name', async ({ token }) => {
    await expect(verify(token)).rejects.toMatchObject({ name: 'VerifyError', code: 'invalid_token' });
  });
});

describe('an assertion', () => {
  const [ordinary] = vectors;
  const token = ordinary?.token ?? '';
  const at = (seconds: number) =>
    assertionVerifier({ issuer, audience, jwks, clock: () => (now + seconds) * 1000 }).verify(token);

  it('is good from 30 seconds before it was issued until 30 seconds after its end', async () => {
    await expect(at(-30)).resolves.toBeDefined();
    await expect(at(329)).resolves.toBeDefined();
    await expect(at(-31)).rejects.toThrow();
    await expect(at(330)).rejects.toThrow();
  });

  it('that is longer than 2048 bytes is refused before anything is computed', async () => {
    const { verify: never } = assertionVerifier({ issuer, audience, fetch: () => expect.fail('it looked') });
    await expect(never(`${token}${'A'.repeat(2048)}`)).rejects.toThrow('too long');
  });
});

describe('settings of an app that the gateway started', () => {
  const withEnvironment = (env: Readonly<Record<string, string>>) => {
    const before = process.env;
    process.env = { ...env };
    try {
      return assertionVerifier();
    } finally {
      process.env = before;
    }
  };

  it('come from its environment', () => {
    expect(withEnvironment({ PORTICO_ISSUER: issuer, PORTICO_AUDIENCE: audience }).scheme).toBe('Portico');
  });

  it.each([
    ['the issuer', { PORTICO_AUDIENCE: audience }, /Give { issuer }, or set PORTICO_ISSUER/],
    ['the audience', { PORTICO_ISSUER: issuer }, /Give { audience }, or set PORTICO_AUDIENCE/],
    [
      'keys that nobody can change on their way',
      {
        PORTICO_ISSUER: issuer,
        PORTICO_AUDIENCE: audience,
        PORTICO_JWKS_URL: 'http://apps.example.com/.auth/jwks.json',
      },
      /must be an https URL/,
    ],
  ])('must give %s', (_what, env, problem) => {
    expect(() => withEnvironment(env)).toThrow(problem);
  });
});
