import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { exportJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import type { BearerSettings } from '../../src/config/settings.ts';
import {
  AUDIENCE,
  CLAIMS,
  type Claims,
  encoded,
  ISSUER,
  jwks,
  KEYS,
  NOW,
  PRODUCT,
  PUBLIC,
  stranger,
  tokenWith,
  worldOf,
} from './issuer.ts';

const verifying = (settings: Partial<BearerSettings> = {}) => {
  const { verifier } = worldOf([{ ...PRODUCT, ...settings }]);
  return async (token: string) => verifier.verify('sales', token);
};
const verify = verifying();
const refused = { name: 'GatewayError', code: 'invalid_token', status: 401 };
const ORDINARY = { typ: 'JWT' };

describe('a bearer token', () => {
  it('says who asks, until when, and with which roles', async () => {
    const { session } = await verify(
      await tokenWith({ email: 'ada@example.com', name: 'Ada', sid: 'host-7' }),
    );
    expect(session).toMatchObject({
      identity: {
        issuer: ISSUER,
        subject: 'ada-1',
        provider: 'shop',
        name: 'Ada',
        roles: ['analyst'],
        groups: [],
      },
      expiresAt: (NOW + 3600) * 1000,
      providerSid: 'host-7',
      tokens: {},
    });
    expect(session.identity.email, 'nobody verified that address').toBeUndefined();
  });

  it('gives an address that its issuer has verified, and claims that were asked for', async () => {
    const asked = verifying({ claims: ['department'], userClaim: 'preferred_username' });
    const more = {
      email: 'ada@example.com',
      email_verified: true,
      preferred_username: 'ada',
      department: 'R&D',
    };
    const { identity } = (await asked(await tokenWith(more))).session;
    expect(identity).toMatchObject({ email: 'ada@example.com', user: 'ada', claims: { department: 'R&D' } });
  });

  it.each(['RS256', 'ES256'] as const)('may be signed with %s where that is allowed', async (alg) => {
    const token = await tokenWith({}, { alg, kid: alg }, KEYS[alg]);
    await expect(verify(token)).resolves.toBeDefined();
    const other = verifying({ algorithms: [alg === 'RS256' ? 'ES256' : 'RS256'] });
    await expect(other(token)).rejects.toMatchObject(refused);
  });

  it('is good for any of several audiences', async () => {
    const several = verifying({ audience: ['https://old.example.com', AUDIENCE] });
    await expect(several(await tokenWith())).resolves.toBeDefined();
    await expect(several(await tokenWith({ aud: ['x', 'https://old.example.com'] }))).resolves.toBeDefined();
  });

  it.each([
    ['Keycloak', { realm_access: { roles: ['admin'] } }, 'realm_access.roles'],
    ['a namespace', { 'https://example.com/roles': ['admin'] }, 'https://example.com/roles'],
    ['one text', { group: 'admin' }, 'group'],
  ])('may have its roles where %s has them', async (_name, claims, rolesClaim) => {
    const { session } = await verifying({ rolesClaim })(await tokenWith(claims));
    expect(session.identity.roles).toEqual(['admin']);
  });

  it('takes no role from what every object has', async () => {
    const { session } = await verifying({ rolesClaim: 'constructor.name' })(await tokenWith());
    expect(session.identity.roles).toEqual([]);
  });

  it('of a person without the claim that names them is refused, never given another name', async () => {
    await expect(
      verifying({ userClaim: 'email' })(await tokenWith({ email: 'ada@example.com' })),
    ).rejects.toMatchObject(refused);
  });
});

describe('scopes', () => {
  it.each<[string, Claims, Claims?]>([
    ['in a text', { scope: 'other apps' }],
    ['in a list, as Okta sends them', { scope: undefined, scp: ['apps'] }, ORDINARY],
  ])('that are asked for are found %s', async (_name, claims, header = {}) => {
    await expect(verifying({ scopes: ['apps'] })(await tokenWith(claims, header))).resolves.toBeDefined();
  });

  it.each<[string, Claims]>([
    ['are others', { scope: 'openid' }],
    ['are not there', { scope: undefined }],
    ['only begin alike', { scope: 'apps.read' }],
    ['are one of two', { scope: 'apps' }],
  ])('that %s are 403, so that the client knows what would help', async (_name, claims) => {
    await expect(verifying({ scopes: ['apps', 'openid'] })(await tokenWith(claims))).rejects.toMatchObject({
      code: 'insufficient_scope',
      status: 403,
    });
  });
});

describe('security fact 12: a request is not let in by a token', () => {
  it.each<[string, Claims, Claims?]>([
    ['of another issuer', { iss: `${ISSUER}.evil.example` }],
    ['of the issuer with a slash more', { iss: `${ISSUER}/` }],
    ['of no issuer', { iss: undefined }],
    ['for another service (GHSA-wcvh)', { aud: 'https://other.example.com' }],
    ['for this service in capitals', { aud: AUDIENCE.toUpperCase() }],
    ['for nobody', { aud: undefined }],
    ['for an empty list', { aud: [] }],
    ['without an end', { exp: undefined }],
    ['at its end', { exp: NOW }],
    ['whose end is a text', { exp: String(NOW + 3600) }],
    ['whose end is no day', { exp: 1e300 }],
    ['from the future', { iat: NOW + 31 }],
    ['whose beginning is a text', { iat: 'now' }],
    ['before its time', { nbf: NOW + 31 }],
    ['of nobody', { sub: undefined }],
    ['of an empty subject', { sub: '' }],
    ['of a subject with a line break', { sub: 'ada\r\nX-Admin: 1' }],
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
    await expect(verify(await tokenWith({}, header, stranger.privateKey))).rejects.toMatchObject(refused);
  });

  it.each(['spki', 'jwk'])('signed with the public key as an HMAC secret (%s)', async (form) => {
    const secret =
      form === 'jwk'
        ? JSON.stringify(jwks.keys[0])
        : String(PUBLIC.RS256.export({ type: 'spki', format: 'pem' }));
    const input = `${encoded({ alg: 'HS256', kid: 'RS256', typ: 'at+jwt' })}.${encoded(CLAIMS)}`;
    const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    await expect(verify(token)).rejects.toMatchObject(refused);
  });

  it('without a signature, under every spelling of none', async () => {
    for (const alg of ['none', 'None', 'NONE', '', undefined]) {
      const token = `${encoded({ alg, typ: 'at+jwt' })}.${encoded(CLAIMS)}.`;
      await expect(verify(token)).rejects.toMatchObject(refused);
    }
  });

  it('with any one character changed, also when the true one is in memory', async () => {
    const token = await tokenWith();
    await verify(token);
    const change = fc.tuple(fc.nat(token.length - 2), fc.constantFrom(...'ABCabc019-_.='));
    await fc.assert(
      fc.asyncProperty(change, async ([place, character]) => {
        const changed = token.slice(0, place) + character + token.slice(place + 1);
        fc.pre(changed !== token);
        await expect(verify(changed)).rejects.toMatchObject(refused);
      }),
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
    const { verifier } = worldOf([PRODUCT], { fetch: () => expect.fail('it looked') });
    const token = await tokenWith({ padding: 'x'.repeat(16_384) });
    await expect(async () => verifier.verify('sales', token)).rejects.toMatchObject(refused);
  });

  it('at an app that takes none, or that there is not', async () => {
    const { verifier } = worldOf();
    const token = await tokenWith();
    await verifier.verify('sales', token);
    for (const app of ['closed', 'unknown', '__proto__'])
      await expect(async () => verifier.verify(app, token)).rejects.toMatchObject(refused);
  });
});

describe('an ordinary JWT', () => {
  it.each<[string, Claims]>([
    ['with a scope', {}],
    ['of Entra, for a person', { client_id: undefined, scope: undefined, scp: 'apps', azp: 'x' }],
    ['of Entra, for a program', { client_id: undefined, scope: undefined, azp: 'x', azpacr: '1' }],
    ['of Auth0, for a program', { client_id: undefined, scope: undefined, gty: 'client-credentials' }],
    ['of Okta', { client_id: undefined, scope: undefined, cid: 'x' }],
    ['of Keycloak', { client_id: undefined, scope: undefined, azp: 'x', typ: 'Bearer' }],
    ['of Keycloak before 24, with a nonce', { typ: 'Bearer', nonce: 'n' }],
    ['of Cognito', { token_use: 'access', client_id: 'x' }],
  ])('is an access token: %s', async (_name, claims) => {
    await expect(verify(await tokenWith(claims, ORDINARY))).resolves.toBeDefined();
  });

  const OF_ANOTHER_KIND: readonly [string, Claims][] = [
    ['with a nonce', { nonce: 'n' }],
    ['with the hash of an access token', { at_hash: 'h' }],
    ['with the hash of a code', { c_hash: 'h' }],
    ['that Keycloak calls ID', { typ: 'ID' }],
    ['that Keycloak calls Refresh', { typ: 'Refresh' }],
    ['that Cognito calls id', { token_use: 'id' }],
  ];

  it.each<[string, Claims]>([
    ['that shows nothing of its kind', { client_id: undefined, scope: undefined }],
    ['with only azp, which ID tokens have as well', { client_id: undefined, scope: undefined, azp: 'x' }],
    ...OF_ANOTHER_KIND,
  ])('is an ID token or worse, and opens nothing: one %s', async (_name, claims) => {
    await expect(verify(await tokenWith(claims, ORDINARY))).rejects.toMatchObject(refused);
  });

  it.each(OF_ANOTHER_KIND)(
    'opens nothing either where the key is the host’s own: one %s',
    async (_name, claims) => {
      const own = verifying({ source: { kind: 'keys', keys: jwks.keys } });
      await expect(own(await tokenWith(claims, ORDINARY))).rejects.toMatchObject(refused);
    },
  );
});
