import { describe, expect, test } from 'vitest';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type Claims,
  publicPart,
  rsa,
  SUBJECT,
  seconds,
  signed,
  type Trick,
} from './provider.ts';
import { world } from './world.ts';

/** A trick that changes claims. */
const claims = (change: Claims): Trick => ({ claims: (all) => void Object.assign(all, change) });
/** A trick that leaves a claim out. */
const without = (name: string): Trick => ({ claims: (all) => void delete all[name] });
const header = (change: Claims): Trick => ({ header: (all) => void Object.assign(all, change) });
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signed with the attacker's key, which the header offers for its own verification (RFC 8725 section 3.10). */
const bringing = (offer: (key: ReturnType<typeof publicPart>) => Claims): Trick => ({
  seal: (head, all, { foreign }) => signed({ ...head, ...offer(publicPart(foreign)) }, all, foreign),
});

/**
 * Names in the second column are modules of the OpenID Foundation's conformance suite (Relying Party plans: Basic, Config,
 * and the comprehensive one), without their common beginning `oidcc-client-test-`; else the text that says so.
 */
type Row = readonly [what: string, source: string, trick: Trick];

const REFUSED: readonly Row[] = [
  ['another issuer', 'invalid-iss', claims({ iss: 'https://evil.example.com' })],
  [
    'the issuer with a slash',
    'invalid-iss',
    { claims: (all) => void Object.assign(all, { iss: `${all['iss']}/` }) },
  ],
  ['no issuer', 'OIDC Core 2', without('iss')],
  [
    'an issuer that is a list',
    'OIDC Core 2',
    { claims: (all) => void Object.assign(all, { iss: [all['iss']] }) },
  ],
  ['another audience', 'invalid-aud', claims({ aud: 'another-client' })],
  ['no audience', 'missing-aud', without('aud')],
  ['an empty list of audiences', 'invalid-aud', claims({ aud: [] })],
  ['an audience that only begins like ours', 'invalid-aud', claims({ aud: `${CLIENT_ID}-2` })],
  ['several audiences and no azp', 'OIDC Core 3.1.3.7 (4)', claims({ aud: [CLIENT_ID, 'another'] })],
  ['several audiences and azp of another', '3.1.3.7 (5)', claims({ aud: [CLIENT_ID, 'b'], azp: 'b' })],
  ['no subject', 'missing-sub', without('sub')],
  ['an empty subject', 'OIDC Core 2', claims({ sub: '' })],
  ['a subject that is a number', 'OIDC Core 2', claims({ sub: 1 })],
  ['a subject of 256 characters', 'OIDC Core 2', claims({ sub: 'x'.repeat(256) })],
  ['a subject with a line break', 'claims with control characters', claims({ sub: 'a\r\nb' })],
  ['a subject that reads backwards', 'claims with control characters', claims({ sub: 'a\u202eb' })],
  ['no nonce', 'nonce-invalid', without('nonce')],
  ['another nonce', 'nonce-invalid', claims({ nonce: 'another' })],
  [
    'a nonce that is a list',
    'nonce-invalid',
    { claims: (all) => void Object.assign(all, { nonce: [all['nonce']] }) },
  ],
  ['no iat', 'missing-iat', without('iat')],
  ['an iat that is text', 'OIDC Core 2', claims({ iat: '1700000000' })],
  ['no exp', 'OIDC Core 2', without('exp')],
  ['an exp that is text', 'OIDC Core 2', claims({ exp: '9999999999' })],
  ['a signature that is wrong', 'invalid-sig-rs256', { seal: (h, c, keys) => signed(h, c, keys.foreign) }],
  [
    'a signature over something else',
    'invalid-sig-rs256',
    {
      async seal(head, all, { own }) {
        const [first, , signature] = (await signed(head, all, own)).split('.');
        return [first, encode({ ...all, roles: ['admin'] }), signature].join('.');
      },
    },
  ],
  ['an empty signature', 'invalid-sig-rs256', { seal: (h, c) => `${encode(h)}.${encode(c)}.` }],
  ['alg none', 'idtoken-sig-none', { seal: (_, c) => `${encode({ alg: 'none' })}.${encode(c)}.` }],
  ['alg nOnE', 'RFC 8725 2.1', { seal: (_, c) => `${encode({ alg: 'nOnE' })}.${encode(c)}.` }],
  ['no alg', 'RFC 7515 4.1.1', { seal: (_, c) => `${encode({})}.${encode(c)}.AAAA` }],
  [
    'alg none, which the metadata allows',
    'idtoken-sig-none',
    {
      metadata: (all) =>
        void Object.assign(all, { id_token_signing_alg_values_supported: ['RS256', 'none'] }),
      seal: (_, c) => `${encode({ alg: 'none' })}.${encode(c)}.`,
    },
  ],
  [
    'an HMAC with the public key',
    'RFC 8725 2.1 (algorithm confusion)',
    {
      seal: (h, c, { own }) =>
        signed({ ...h, alg: 'HS256' }, c, Buffer.from(JSON.stringify(publicPart(own)))),
    },
  ],
  [
    'an HMAC with the client’s secret',
    'invalid-sig-hs256',
    { seal: (h, c) => signed({ ...h, alg: 'HS256' }, c, Buffer.from(CLIENT_SECRET)) },
  ],
  [
    'an HMAC with the client’s secret, which the metadata allows',
    'invalid-sig-hs256',
    {
      metadata: (all) =>
        void Object.assign(all, { id_token_signing_alg_values_supported: ['RS256', 'HS256'] }),
      seal: (h, c) => signed({ ...h, alg: 'HS256' }, c, Buffer.from(CLIENT_SECRET)),
    },
  ],
  [
    'an algorithm that the metadata does not list',
    'RFC 8725 3.1',
    { seal: (h, c, { own }) => signed({ ...h, alg: 'PS256' }, c, { ...own, alg: 'PS256' }) },
  ],
  [
    'the algorithm of another key',
    'invalid-sig-es256',
    {
      metadata: (all) =>
        void Object.assign(all, { id_token_signing_alg_values_supported: ['RS256', 'ES256'] }),
      seal: async (h, c, { own }) => {
        const [, payload, signature] = (await signed(h, c, own)).split('.');
        return [encode({ ...h, alg: 'ES256' }), payload, signature].join('.');
      },
    },
  ],
  [
    'no kid, with several keys that fit',
    'kid-absent-multiple-jwks (may do either)',
    {
      header: (all) => void delete all['kid'],
      jwks: async (keys) => [publicPart(await rsa('another')), ...keys],
    },
  ],
  ['a kid that nobody knows', 'signing-key-rotation', header({ kid: 'unknown' })],
  ['a kid that is a path', 'RFC 8725 3.10', header({ kid: '../../../../dev/null' })],
  ['a key for encryption', 'RFC 7517 4.2', { jwks: (keys) => keys.map((key) => ({ ...key, use: 'enc' })) }],
  ['a key set that is empty', 'discovery-jwks-uri-keys', { jwks: () => [] }],
  ['its own key in the header', 'RFC 8725 3.10 (jwk)', bringing((jwk) => ({ jwk }))],
  [
    'the address of its own key',
    'RFC 8725 3.10 (jku)',
    bringing(() => ({ jku: 'https://evil.example.com/jwks', kid: 'evil' })),
  ],
  [
    'the address of its own certificate',
    'RFC 8725 3.10 (x5u)',
    bringing(() => ({ x5u: 'https://evil.example.com/cert' })),
  ],
  ['its own certificate', 'RFC 8725 3.10 (x5c)', bringing(() => ({ x5c: ['MIIB'] }))],
  ['an unknown crit', 'RFC 7515 4.1.11', header({ crit: ['x-unknown'], 'x-unknown': 1 })],
  ['b64: false', 'RFC 7797 6', header({ b64: false, crit: ['b64'] })],
  ['two parts', 'RFC 7515 3.1', { seal: (h, c) => `${encode(h)}.${encode(c)}` }],
  ['five parts', 'RFC 7516', { seal: () => 'a.b.c.d.e' }],
  ['claims that are a list', 'OIDC Core 2', { seal: (h, _, { own }) => signed(h, [] as never, own) }],
  ['three megabytes', 'beyond the bound of an answer', claims({ padding: 'x'.repeat(3_000_000) })],
];

describe('nobody is signed in by an ID token with', () => {
  test.each(REFUSED)('%s (%s)', async (_what, _source, trick) => {
    const { provider, signIn } = await world(trick);
    const { answer, who, code } = await signIn();
    expect(who).toBeUndefined();
    expect([400, 403, 502]).toContain(answer.status);
    expect(code).toMatch(/^(sign_in_refused|provider_unreachable|id_token_\w+)$/);
    expect(answer.text).toContain('Start again');
    expect(provider.asked).not.toContain('elsewhere');
  });
});

describe('a clock', () => {
  test.each<Row>([
    ['exp an hour ago', 'OIDC Core 3.1.3.7 (9)', claims({ exp: seconds() - 3600 })],
    ['exp two minutes ago', 'beyond the tolerance', claims({ exp: seconds() - 120 })],
    ['nbf in an hour', 'RFC 7519 4.1.5', claims({ nbf: seconds() + 3600 })],
  ])('that disagrees is named: %s (%s)', async (_what, _source, trick) => {
    const { answer, code, who } = await (await world(trick)).signIn();
    expect([answer.status, code, who]).toEqual([502, 'clock_skew', undefined]);
  });

  test.each<Row>([
    ['exp ten seconds ago', 'within the tolerance', claims({ exp: seconds() - 10 })],
    ['iat ten seconds ahead', 'within the tolerance', claims({ iat: seconds() + 10 })],
    [
      'iat an hour ahead',
      'OIDC Core 3.1.3.7 (10): may be used, exp decides',
      claims({ iat: seconds() + 3600 }),
    ],
  ])('that disagrees a little is forgiven: %s (%s)', async (_what, _source, trick) => {
    expect((await (await world(trick)).signIn()).who).toMatchObject({ user: SUBJECT });
  });
});

describe('somebody is signed in by an ID token with', () => {
  test.each<Row>([
    ['nothing wrong', 'the suite’s oidcc-client-test', {}],
    ['RS256', 'idtoken-sig-rs256', header({ alg: 'RS256' })],
    ['no kid and one key', 'kid-absent-single-jwks', { header: (all) => void delete all['kid'] }],
    [
      'no kid and one key that fits',
      'kid-absent-multiple-jwks',
      {
        header: (all) => void delete all['kid'],
        jwks: async (keys) => [{ ...publicPart(await rsa('other')), use: 'enc' }, ...keys],
      },
    ],
    [
      'a key beside keys of kinds that nobody knows',
      'RFC 7517 5',
      { jwks: (keys) => [{ kty: 'FUTURE', kid: 'f' }, ...keys] },
    ],
    ['our audience in a list of one', 'OIDC Core 2', claims({ aud: [CLIENT_ID] })],
    ['several audiences, and us as azp', '3.1.3.7 (5)', claims({ aud: [CLIENT_ID, 'b'], azp: CLIENT_ID })],
    [
      'an unknown claim and an unknown header',
      'OIDC Core 2',
      { ...claims({ x: { y: 1 } }), ...header({ x: 1 }) },
    ],
    [
      'a wrong at_hash',
      'which the code flow need not check: OIDC Core 3.1.3.8',
      claims({ at_hash: 'wrong' }),
    ],
    ['a c_hash', 'which belongs to the hybrid flow: OIDC Core 3.3.2.11', claims({ c_hash: 'wrong' })],
    ['half a megabyte of claims', 'below the bound of an answer', claims({ padding: 'x'.repeat(500_000) })],
    ['no at_hash', 'optional in the code flow: OIDC Core 3.1.3.6', without('at_hash')],
    ['zip, which means nothing for a signature', 'RFC 7516 4.1.3', header({ zip: 'DEF' })],
    [
      'a subject of 255 characters',
      'OIDC Core 2',
      {
        ...claims({ sub: 'x'.repeat(255) }),
        answer: { userinfo: () => ({ body: { sub: 'x'.repeat(255) } }) },
      },
    ],
  ])('%s (%s)', async (_what, _source, trick) => {
    const { signIn, provider } = await world(trick);
    const { who, answer } = await signIn();
    expect(answer.status).toBe(303);
    expect(who).toMatchObject({ provider: 'hostile' });
    expect(provider.asked.filter((one) => one === 'token')).toHaveLength(1);
  });

  test.each(['PS256', 'ES256', 'EdDSA'])('%s, where the metadata allows it (FAPI 2.0, 5.4)', async (alg) => {
    const { generateKeyPair, exportJWK } = await import('jose');
    const pair = await generateKeyPair(alg, { extractable: true });
    const key = { ...(await exportJWK(pair.privateKey)), kid: 'k', alg };
    const { kty, crv, x, y, n, e } = key;
    const published = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, kid: 'k', alg })) as typeof key;
    const it = await world({
      metadata: (all) => void Object.assign(all, { id_token_signing_alg_values_supported: [alg] }),
      jwks: () => [published],
      seal: (_, all) => signed({ alg, kid: 'k' }, all, key),
    });
    expect((await it.signIn()).who).toMatchObject({ user: SUBJECT });
  });
});

describe('max_age', () => {
  test.each<Row>([
    ['no auth_time', 'OIDC Core 2', without('auth_time')],
    ['an auth_time that is too old', 'OIDC Core 3.1.3.7 (11)', claims({ auth_time: seconds() - 3600 })],
    ['an auth_time that is text', 'OIDC Core 2', claims({ auth_time: 'now' })],
  ])('is not met by %s (%s)', async (_what, _source, trick) => {
    const it = await world(trick, { maxAge: 300 });
    const { who, answer } = await it.signIn();
    expect(it.provider.request.get('max_age')).toBe('300');
    expect(who).toBeUndefined();
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  test('is met by a fresh auth_time', async () => {
    expect((await (await world({}, { maxAge: 300 })).signIn()).who).toBeDefined();
  });
});
