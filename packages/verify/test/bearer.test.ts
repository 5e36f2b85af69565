import { createHmac, createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { exportJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { type Algorithm, type BearerOptions, bearerVerifier } from '../src/index.ts';
import { API, CLAIMS, type Claims, ISSUER, jwks, KEYS, NOW, stranger, tokenWith } from './issuer.ts';

const OPTIONS = { issuer: ISSUER, audience: API, jwks, clock: () => NOW * 1000 };
const verifier = (options: Partial<BearerOptions> = {}) => bearerVerifier({ ...OPTIONS, ...options });
const { verify } = verifier();
const refused = { name: 'VerifyError', code: 'invalid_token', status: 401 };
const ORDINARY = { typ: 'JWT' };

describe('an access token', () => {
  it('says who asks, by which client, with which scopes and roles', async () => {
    const access = await verify(await tokenWith({ email: 'ada@example.com', name: 'Ada' }));
    expect(access).toMatchObject({
      id: 'ada-1',
      issuer: ISSUER,
      client: 'reports',
      name: 'Ada',
      scopes: ['reports.read', 'reports.write'],
      roles: ['analyst'],
      groups: [],
      expiresAt: NOW + 3600,
    });
    expect(access.email, 'nobody verified that address').toBeUndefined();
  });

  it.each(['RS256', 'ES256'] as const)('may be signed with %s', async (alg) => {
    const token = await tokenWith({}, { alg, kid: alg }, KEYS[alg]);
    await expect(verify(token)).resolves.toMatchObject({ id: 'ada-1' });
    const other: Algorithm = alg === 'RS256' ? 'ES256' : 'RS256';
    await expect(verifier({ algorithms: [other] }).verify(token)).rejects.toMatchObject(refused);
  });

  it.each([
    ['Keycloak', { realm_access: { roles: ['admin'] } }, 'realm_access.roles'],
    ['a namespace', { 'https://example.com/roles': ['admin'] }, 'https://example.com/roles'],
    ['one role as text', { role: 'admin' }, 'role'],
  ])('has its roles where the settings say: %s', async (_name, claims, rolesClaim) => {
    const access = await verifier({ rolesClaim }).verify(await tokenWith(claims));
    expect(access.roles).toEqual(['admin']);
  });

  it('takes no role from what every object has', async () => {
    const access = await verifier({ rolesClaim: 'constructor.name' }).verify(await tokenWith());
    expect(access.roles).toEqual([]);
  });

  it('may have its scopes in a list, as Okta sends them', async () => {
    const token = await tokenWith({ scope: undefined, scp: ['reports.read'] }, ORDINARY);
    expect((await verify(token)).scopes).toEqual(['reports.read']);
  });
});

describe('security fact 12: a bearer token is refused', () => {
  it.each<[string, Claims, Claims?]>([
    ['of another issuer', { iss: `${ISSUER}.evil.example` }],
    ['of the issuer with a slash more', { iss: `${ISSUER}/` }],
    ['of no issuer', { iss: undefined }],
    ['for another service', { aud: 'https://other.example.com' }],
    ['for this service in capitals', { aud: API.toUpperCase() }],
    ['for nobody', { aud: undefined }],
    ['for an empty list', { aud: [] }],
    ['without an end', { exp: undefined }],
    ['after its end', { exp: NOW - 31 }],
    ['whose end is a text', { exp: String(NOW + 3600) }],
    ['from the future', { iat: NOW + 31 }],
    ['whose beginning is a text', { iat: 'now' }],
    ['before its time', { nbf: NOW + 31 }],
    ['of nobody', { sub: undefined }],
    ['of an empty subject', { sub: '' }],
    ['with a scope that is none', { scope: 7 }],
    ['with roles that are none', { roles: { admin: true } }],
    ['bound to a key of its sender (RFC 9449)', { cnf: { jkt: 'thumbprint' } }],
    ['with a critical extension', {}, { crit: ['urn:example:new'], 'urn:example:new': 1 }],
    ['with b64', {}, { b64: true }],
    ['with zip', {}, { zip: 'DEF' }],
    ['with a key id that nobody publishes', {}, { kid: 'unknown' }],
    ['that is an assertion of Portico', {}, { typ: 'portico+jwt' }],
    ['that is a logout token', { events: {} }, { typ: 'logout+jwt' }],
    ['that ends sessions', { events: {} }],
    ['of RFC 9068 without its id', { jti: undefined }],
    ['of RFC 9068 without its client', { client_id: undefined }],
  ])('%s', async (_name, claims, header = {}) => {
    await expect(verify(await tokenWith(claims, header))).rejects.toMatchObject(refused);
  });

  it('signed by a stranger under a key id of the issuer', async () => {
    await expect(verify(await tokenWith({}, {}, stranger.privateKey))).rejects.toMatchObject(refused);
  });

  it.each(['jwk', 'jku', 'x5u', 'x5c'])('signed by a stranger who puts the key in %s', async (member) => {
    const own = await exportJWK(stranger.publicKey);
    const values: Claims = { jwk: own, jku: 'https://evil.example/jwks.json', x5u: 'https://evil.example' };
    const header = { [member]: values[member] ?? ['certificate'], kid: undefined };
    const token = await tokenWith({}, header, stranger.privateKey);
    await expect(verify(token)).rejects.toMatchObject(refused);
  });

  it.each(['spki', 'jwk'])('signed with the public key as an HMAC secret (%s)', async (form) => {
    const key = createPublicKey(KEYS['RS256'] ?? expect.fail());
    const secret =
      form === 'jwk' ? JSON.stringify(jwks.keys[0]) : String(key.export({ type: 'spki', format: 'pem' }));
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${encode({ alg: 'HS256', kid: 'RS256', typ: 'at+jwt' })}.${encode(CLAIMS)}`;
    const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    await expect(verify(token)).rejects.toMatchObject(refused);
  });

  it('without a signature, under every spelling of none', async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const alg of ['none', 'None', 'NONE', '', undefined]) {
      const token = `${encode({ alg, typ: 'at+jwt' })}.${encode(CLAIMS)}.`;
      await expect(verify(token)).rejects.toMatchObject(refused);
    }
  });

  it('with any one character changed', async () => {
    const token = await tokenWith();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.constantFrom(...'ABCabc019-_.='),
        async (place, character) => {
          const changed = token.slice(0, place) + character + token.slice(place + 1);
          // The last character of a signature has bits that stand for nothing.
          fc.pre(changed !== token && place < token.length - 1);
          await expect(verify(changed)).rejects.toMatchObject(refused);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of any text that is no token', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        await expect(verify(text)).rejects.toMatchObject(refused);
      }),
    );
  });

  it('that is longer than 16 KiB, before its key is looked for', async () => {
    const token = await tokenWith({ padding: 'x'.repeat(16_384) });
    const looking = verifier({ jwks: undefined, fetch: () => expect.fail('it looked') } as never);
    await expect(looking.verify(token)).rejects.toMatchObject(refused);
  });
});

describe('an ordinary JWT', () => {
  it.each<[string, Claims]>([
    ['with a scope', {}],
    ['of Entra, for a person', { client_id: undefined, scope: undefined, scp: 'reports.read', azp: 'x' }],
    ['of Entra, for a program', { client_id: undefined, scope: undefined, azp: 'x', azpacr: '1' }],
    ['of Auth0, for a program', { client_id: undefined, scope: undefined, gty: 'client-credentials' }],
    ['of Okta', { client_id: undefined, scope: undefined, cid: 'x' }],
    ['of Keycloak', { client_id: undefined, scope: undefined, azp: 'x', typ: 'Bearer' }],
    ['of Keycloak before 24, with a nonce', { typ: 'Bearer', nonce: 'n' }],
    ['of Cognito', { token_use: 'access', client_id: 'x' }],
  ])('is an access token: %s', async (_name, claims) => {
    await expect(verify(await tokenWith(claims, ORDINARY))).resolves.toMatchObject({ id: 'ada-1' });
  });

  it.each<[string, Claims]>([
    ['that shows nothing of its kind', { client_id: undefined, scope: undefined }],
    ['with only azp, which ID tokens have as well', { client_id: undefined, scope: undefined, azp: 'x' }],
    ['with a nonce', { nonce: 'n' }],
    ['with the hash of an access token', { at_hash: 'h' }],
    ['with the hash of a code', { c_hash: 'h' }],
    ['that Keycloak calls ID', { typ: 'ID' }],
    ['that Keycloak calls Refresh', { typ: 'Refresh' }],
    ['that Cognito calls id', { token_use: 'id' }],
  ])('is an ID token or worse, and refused: one %s', async (_name, claims) => {
    await expect(verify(await tokenWith(claims, ORDINARY))).rejects.toMatchObject(refused);
  });

  it('is refused where RFC 9068 is asked for', async () => {
    const strict = verifier({ rfc9068: true });
    await expect(strict.verify(await tokenWith({}, ORDINARY))).rejects.toMatchObject(refused);
    await expect(strict.verify(await tokenWith({}, { typ: undefined }))).rejects.toMatchObject(refused);
    await expect(strict.verify(await tokenWith())).resolves.toBeDefined();
  });
});

describe('settings under which anybody’s token could pass', () => {
  it.each<[string, Partial<BearerOptions>]>([
    ['no audience', { audience: '' }],
    ['an empty list of audiences', { audience: [] }],
    ['no issuer', { issuer: '' }],
    ['no algorithm', { algorithms: [] }],
    ['a shared secret', { algorithms: ['HS256' as Algorithm] }],
    ['no signature', { algorithms: ['none' as Algorithm] }],
    ['keys over plain http', { jwksUrl: 'http://login.example.com/keys' }],
  ])('are refused: %s', (_name, options) => {
    expect(() => verifier(options)).toThrow(TypeError);
  });

  it('are refused: an issuer over plain http that is to be asked for its keys', () => {
    const settings = { issuer: 'http://login.example.com', audience: API };
    expect(() => bearerVerifier(settings)).toThrow(TypeError);
  });
});

describe('the target of a request', () => {
  const verifier = bearerVerifier({ issuer: ISSUER, audience: API, jwks, clock: () => NOW * 1000 });
  const ask = async (url: string) => {
    const token = await tokenWith();
    return verifier.authenticate({ url, headers: () => [`Bearer ${token}`] });
  };

  it.each(['//', '//?x=1', 'http://[', '*'])('may be %s, which is no URL', async (url) => {
    expect((await ask(url)).id).toBe('ada-1');
  });

  it.each(['//?access_token=x', '/me?x=1&access%5Ftoken=x', 'http://[/?access_token'])(
    'must not hold a second token: %s',
    async (url) => {
      await expect(ask(url)).rejects.toMatchObject({ code: 'invalid_request' });
    },
  );
});
