import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { folder, load, problemsOf, SECRET, SOUND } from './loading.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = String(rsa.publicKey.export({ type: 'spki', format: 'pem' }));
const privatePem = String(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const jwk = rsa.publicKey.export({ format: 'jwk' });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
const HOST_SECRET = 'Tq7wZ2mXc5Vb8Nl1Kj4Hg6Fd3Sa9Po0u';

const ISSUER = 'https://shop.eu.auth0.com/';
const AUDIENCE = 'https://apps.example.com';

/** A configuration with one issuer of these keys; `files` beside it. */
const asked = (keys: object, files: Record<string, string> = {}) => ({
  cwd: folder(files),
  yaml: `${SOUND.replace('allow:', 'bearer: [shop], allow:')}
bearer:
  shop: ${JSON.stringify(keys)}
`,
});
const shop = async (keys: object, files?: Record<string, string>) =>
  (await load(asked(keys, files))).settings.bearer?.[0];
const wrong = async (keys: object, files?: Record<string, string>) =>
  (await problemsOf(asked(keys, files))).map(({ path, message, fix }) => `${path} ${message}. ${fix}`);

describe('bearer', () => {
  it('is an issuer and an audience; the keys are where the issuer’s metadata say', async () => {
    expect(await shop({ issuer: ISSUER, audience: AUDIENCE })).toEqual({
      name: 'shop',
      issuer: ISSUER,
      source: { kind: 'discovery' },
      audience: [AUDIENCE],
      algorithms: expect.not.arrayContaining(['HS256']),
      scopes: [],
      rolesClaim: 'roles',
      groupsClaim: 'groups',
    });
  });

  it('says where roles and other claims are, as a provider does', async () => {
    const claims = { roles_claim: 'a.b', groups_claim: 'g', user_claim: 'email', claims: ['department'] };
    expect(
      await shop({ issuer: ISSUER, audience: [AUDIENCE, 'apps'], scopes: ['apps'], ...claims }),
    ).toMatchObject({
      audience: [AUDIENCE, 'apps'],
      scopes: ['apps'],
      rolesClaim: 'a.b',
      groupsClaim: 'g',
      userClaim: 'email',
      claims: ['department'],
    });
  });

  it('may be asked about the claims that rules name', async () => {
    const { settings } = await load({
      yaml: `
secret: ${SECRET}
bearer: { shop: { issuer: "${ISSUER}", audience: "${AUDIENCE}", claims: [department] } }
apps: { sales: { upstream: "http://127.0.0.1:8501", allow: ["claim:department=R&D"], bearer: [shop] } }
`,
    });
    expect(settings.providers, 'nobody signs in here').toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['no issuer', { audience: AUDIENCE }, /^bearer\.shop\.issuer is missing/],
    ['no audience', { issuer: ISSUER }, /^bearer\.shop\.audience is missing/],
    ['an empty list of audiences', { issuer: ISSUER, audience: [] }, /^bearer\.shop\.audience is empty/],
    [
      'an issuer over plain http',
      { issuer: 'http://login.example.com', audience: 'x' },
      /issuer is plain http/,
    ],
    ['its metadata as the issuer', { issuer: `${ISSUER}.well-known/x`, audience: 'x' }, /not the issuer/],
    [
      'a name for its issuer that has no metadata',
      { issuer: 'shop', audience: 'x' },
      /issuer is not a URL.*key_file/,
    ],
    [
      'keys over plain http',
      { issuer: ISSUER, audience: 'x', jwks: 'http://shop.example.com/k' },
      /jwks is plain/,
    ],
    [
      'two ways to judge',
      { issuer: ISSUER, audience: 'x', jwks: `${ISSUER}k`, key_file: 'k' },
      /has jwks and key_file/,
    ],
    [
      'no signature',
      { issuer: ISSUER, audience: 'x', algorithms: ['none'] },
      /algorithms\[0\] should be one of/,
    ],
    ['no algorithm', { issuer: ISSUER, audience: 'x', algorithms: [] }, /algorithms is empty/],
    [
      'a shared secret with public keys',
      { issuer: ISSUER, audience: 'x', algorithms: ['HS256'] },
      /HS256 signs with/,
    ],
    [
      'a claim of our own',
      { issuer: ISSUER, audience: 'x', claims: ['sub'] },
      /claims\[0\] sub is the gateway/,
    ],
    [
      'another key',
      { issuer: ISSUER, audience: 'x', scope: ['a'] },
      /scope is not a known key.*Did you mean scopes/,
    ],
  ])('is refused with %s', async (_name, keys, message) => {
    expect(await wrong(keys)).toEqual([expect.stringMatching(message)]);
  });

  it('cannot have the name of a provider, of which logs and apps would not know it apart', async () => {
    const yaml = `
secret: ${SECRET}
providers: { shop: { issuer: "https://login.example.com", client_id: portico } }
bearer: { shop: { issuer: "${ISSUER}", audience: x }, dev: { issuer: "${ISSUER}", audience: x }, "A b": { issuer: "${ISSUER}", audience: x } }
apps: { sales: { upstream: "http://127.0.0.1:8501", allow: [everyone], bearer: [shop, dev, "A b"] } }
`;
    expect((await problemsOf({ yaml })).map(({ path }) => path)).toEqual([
      'bearer.shop',
      'bearer.dev',
      'bearer.A b',
    ]);
  });
});

describe('a key file', () => {
  const keys = { issuer: 'shop', audience: AUDIENCE, key_file: './key' };
  const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

  it.each<[string, string, readonly string[]]>([
    ['PEM', pem, RSA],
    ['a JWK', JSON.stringify({ ...jwk, kid: 'one' }), RSA],
    ['a key set', JSON.stringify({ keys: [jwk, ec] }), [...RSA, 'ES256']],
  ])('may be %s, which says by its kind what algorithms it is for', async (_name, key, algorithms) => {
    const settings = await shop(keys, { key });
    expect(settings?.source.kind).toBe('keys');
    expect(settings?.algorithms).toEqual(algorithms);
  });

  it.each<[string, string]>([
    ['plain text', `${HOST_SECRET}\n`],
    ['a JWK', JSON.stringify({ kty: 'oct', k: Buffer.from(HOST_SECRET).toString('base64url') })],
  ])('is a shared secret only where HS256 is asked for: %s', async (_name, key) => {
    const settings = await shop({ ...keys, algorithms: ['HS256'] }, { key });
    expect(settings?.source).toEqual({ kind: 'secret', secret: Buffer.from(HOST_SECRET) });
    expect(await wrong(keys, { key })).toEqual([
      expect.stringMatching(/key_file holds .*algorithms: \[HS256\]/),
    ]);
  });

  it.each<[string, string]>([
    ['PEM', pem],
    ['its lines without the first and last', pem.replace(/-----.*-----/g, '')],
    ['a JWK', JSON.stringify(jwk)],
  ])(
    'with a public key is never taken for a secret, with which everybody could sign: %s',
    async (_name, key) => {
      expect(await wrong({ ...keys, algorithms: ['HS256'] }, { key })).toEqual([
        expect.stringMatching(/key_file holds a key, and HS256 signs with a secret/),
      ]);
    },
  );

  it.each<[string, string, RegExp, object?]>([
    ['a private key', privatePem, /holds a private key/],
    ['a private JWK', JSON.stringify({ ...jwk, d: 'x' }), /holds a private key/],
    ['a short RSA key', String(weak.export({ type: 'spki', format: 'pem' })), /RSA key of 1024 bits/],
    ['a damaged PEM', pem.slice(0, 200), /no public key that could be read/],
    ['no JSON', '{', /is no JSON/],
    ['an empty key set', '{"keys": []}', /holds no key/],
    ['nothing', '', /holds no key/],
    ['a short secret', 'short', /shorter than 32/, { algorithms: ['HS256'] }],
    ['a placeholder', 'change-me-change-me-change-me-change-me', /placeholder/, { algorithms: ['HS256'] }],
    [
      'a short secret in a JWK',
      '{"kty":"oct","k":"c2hvcnQ"}',
      /no secret of 32 bytes/,
      { algorithms: ['HS256'] },
    ],
  ])('is refused with %s', async (_name, key, message, more = {}) => {
    expect(await wrong({ ...keys, ...more }, { key })).toEqual([expect.stringMatching(message)]);
  });

  it('is for the algorithms of its kind alone', async () => {
    expect(await wrong({ ...keys, algorithms: ['ES256'] }, { key: pem })).toEqual([
      expect.stringMatching(/algorithms\[0\] ES256 is not for such a key/),
    ]);
  });

  it('that is not there is a problem', async () => {
    expect(await wrong(keys)).toEqual([expect.stringMatching(/key_file the file .* does not exist/)]);
  });
});

describe('introspection', () => {
  const url = 'https://login.example.com/introspect';
  const keys = (introspection: object) => ({ issuer: ISSUER, audience: AUDIENCE, introspection });
  const client = { url, client_id: 'portico' };

  it('asks as a client, whose secret may be in a file', async () => {
    const source = { kind: 'introspection', url, clientId: 'portico', clientSecret: 'pencil' };
    expect(await shop(keys({ ...client, client_secret: 'pencil' }))).toMatchObject({
      source,
      algorithms: [],
    });
    const file = { ...client, client_secret_file: './secret' };
    expect(await shop(keys(file), { secret: 'pencil\n' })).toMatchObject({ source });
  });

  it.each<[string, object, RegExp]>([
    ['without a secret', keys(client), /introspection has no client_secret/],
    ['with two', keys({ ...client, client_secret: 'a', client_secret_file: './empty' }), /has both/],
    [
      'over plain http',
      keys({ ...client, url: 'http://x.example.com', client_secret: 'a' }),
      /url is plain http/,
    ],
    [
      'with algorithms',
      { ...keys({ ...client, client_secret: 'a' }), algorithms: ['RS256'] },
      /means nothing/,
    ],
  ])('is refused %s', async (_name, given, message) => {
    expect(await wrong(given, { empty: 'b' })).toEqual([expect.stringMatching(message)]);
  });

  it('of two issuers is not for one app: each would learn the tokens of the other', async () => {
    const one = JSON.stringify(keys({ ...client, client_secret: 'pencil' }));
    const yaml = `${SOUND.replace('allow:', 'bearer: [a, b], allow:')}\nbearer: { a: ${one}, b: ${one} }\n`;
    expect(await problemsOf({ yaml })).toEqual([expect.objectContaining({ path: 'apps.sales.bearer' })]);
  });

  it('shows its secret in no problem', async () => {
    const given = { ...keys({ ...client, client_secret: 'canary-secret' }), algorithms: ['canary-secret'] };
    expect((await wrong(given)).join()).not.toContain('canary-secret');
  });
});

describe('embed', () => {
  const embedded = (embed: object | string, more = 'bearer: [shop], ') => ({
    yaml: `${SOUND.replace('allow:', `${more}embed: ${JSON.stringify(embed)}, allow:`)}
bearer: { shop: { issuer: "${ISSUER}", audience: "${AUDIENCE}" } }
`,
  });

  it('lists origins as browsers write them, and has nothing else switched on', async () => {
    const origins = ['https://Shop.example.com:443/', 'http://localhost:4200', 'https://shop.example.com'];
    const { settings } = await load(embedded({ origins }));
    expect(settings.apps[0]?.embed).toEqual({
      origins: ['https://shop.example.com', 'http://localhost:4200'],
      inline: false,
      script: false,
    });
    expect(settings.apps[0]?.bearer).toEqual(['shop']);
  });

  it.each<[string, object, RegExp]>([
    ['no origin', {}, /origins is missing/],
    ['an empty list', { origins: [] }, /origins is empty/],
    ['a wildcard', { origins: ['https://*.example.com'] }, /is not an origin/],
    ['everybody', { origins: ['*'] }, /is not an origin/],
    ['null', { origins: ['null'] }, /is not an origin/],
    ['a path', { origins: ['https://shop.example.com/page'] }, /has more than scheme, host and port/],
    ['plain http', { origins: ['http://shop.example.com'] }, /is plain http/],
    ['a file', { origins: ['file:///'] }, /is not an origin/],
  ])('is refused with %s', async (_name, embed, message) => {
    const problems = await problemsOf(embedded(embed));
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      expect.stringMatching(message),
    ]);
  });

  it('inline needs tokens, and the start says what it means', async () => {
    const inline = { origins: ['https://shop.example.com'], inline: true };
    expect(await problemsOf(embedded(inline, ''))).toEqual([
      expect.objectContaining({ path: 'apps.sales.embed.inline' }),
    ]);
    const { notes } = await load(embedded(inline));
    expect(notes).toContainEqual(expect.stringMatching(/^sales: in its inline mode .* can read everything/));
  });

  it('without tokens, and an issuer without apps, are mentioned at the start', async () => {
    const { notes } = await load(embedded({ origins: ['https://shop.example.com'] }, ''));
    expect(notes).toContainEqual(expect.stringMatching(/^sales: takes no bearer tokens/));
    expect(notes).toContainEqual(expect.stringMatching(/^bearer\.shop: no app takes its tokens/));
  });

  it('and bearer of an app name issuers that there are', async () => {
    const problems = await problemsOf(embedded({ origins: ['https://shop.example.com'] }, 'bearer: [shp], '));
    expect(problems).toEqual([
      { path: 'apps.sales.bearer[0]', message: 'shp is not an issuer in bearer', fix: 'Did you mean shop?' },
    ]);
  });
});
