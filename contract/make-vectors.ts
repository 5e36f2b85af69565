/**
 * Writes assertion-vectors.json: what every implementation that verifies assertions must accept and refuse.
 * Run it with Node 24: `node contract/make-vectors.ts && npx biome format --write contract`.
 *
 * The keys are for tests only and no secret. ECDSA signatures differ each time they are made, so a signature that is in the
 * file already and still fits is kept: running this twice changes nothing.
 */
import { createHmac, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mintAssertion } from '../packages/gateway/src/assertion/mint.ts';
import type { Identity } from '../packages/gateway/src/core/types.ts';

interface Vector {
  readonly name: string;
  readonly token: string;
  readonly valid: boolean;
  readonly claims?: unknown;
}

const FILE = new URL('assertion-vectors.json', import.meta.url);
const ISSUER = 'https://apps.example.com';
const AUDIENCE = 'sales';
/** Seconds since the epoch. */
const NOW = 1_800_000_000;

const KEY_JWK = {
  kty: 'EC',
  crv: 'P-256',
  x: 'tGI6LVIAp_Ru-wNH3xDrwWYoMo3-LEqSGm8lahIA5Tc',
  y: 'bdq5DASN90GIUQzkatKSUm8smhYxduxBjLM8IiLXfyk',
  d: 'Dh5KC5u9hEmrAGmI8QaOdbXE3QD3T3BgqOIoI3Du2gM',
};
const KID = '_4TVXhpES0pb7Ae7wiGRoQXLITMJcFiG41AyBct5NGE';
const STRANGER_JWK = {
  kty: 'EC',
  crv: 'P-256',
  x: 't8ZcoVILoPZgJHqvp7PYBNwfIUYKP_ZbUJdb8d7xSxI',
  y: 'hq1JN7Mg4x05beJdjt1wPHCgHc8ZqtcD42fBmlsiI9E',
  d: 'jUMuvH60G69Mp1RFdlYvmCFjHDbUIhDWGzbXAJokX8g',
};

const privateKey = createPrivateKey({ key: KEY_JWK, format: 'jwk' });
const stranger = createPrivateKey({ key: STRANGER_JWK, format: 'jwk' });
const publicJwk = { kty: 'EC', crv: 'P-256', x: KEY_JWK.x, y: KEY_JWK.y, kid: KID, use: 'sig', alg: 'ES256' };

const known: readonly Vector[] = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')).vectors : [];
const header = { alg: 'ES256', kid: KID, typ: 'portico+jwt' };
const claims = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'ada-1',
  sid: '0123456789abcdef0123456789abcdef',
  iat: NOW,
  exp: NOW + 300,
  provider: 'main',
  email: 'ada@example.com',
  name: 'Ada Lovelace',
  roles: ['analyst'],
  groups: ['finance', 'everyone'],
};

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(name: string, head: object, payload: object, key = privateKey): string {
  return signed(name, `${encode(head)}.${encode(payload)}`, key);
}

function signed(name: string, input: string, key = privateKey): string {
  const before = known.find((vector) => vector.name === name)?.token ?? '';
  const publicKey = { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' } as const;
  const signature = Buffer.from(before.slice(input.length + 1), 'base64url');
  if (before.startsWith(`${input}.`) && verify('sha256', Buffer.from(input), publicKey, signature))
    return before;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

function good(name: string, payload: object): Vector {
  return { name, token: token(name, header, payload), valid: true, claims: payload };
}

function bad(name: string, head: object, payload: object, key = privateKey): Vector {
  return { name, token: token(name, head, payload, key), valid: false };
}

function without(claim: keyof typeof claims): object {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => name !== claim));
}

/** Signed by the gateway's own code, so that the vectors cannot drift from it. */
async function minted(
  name: string,
  groups: readonly string[],
  roles: readonly string[],
  further?: Identity['claims'],
): Promise<Vector> {
  const made = await mintAssertion({
    identity: {
      issuer: 'https://id.example.com',
      subject: claims.sub,
      provider: claims.provider,
      email: claims.email,
      name: 'Zoë 张伟 👩‍🔬',
      roles,
      groups,
      ...(further === undefined ? {} : { claims: further }),
    },
    sid: claims.sid,
    audience: AUDIENCE,
    issuer: ISSUER,
    now: NOW * 1000,
    key: { kid: KID, privateKey: await webKey() },
  });
  const input = made.slice(0, made.lastIndexOf('.'));
  const payload = JSON.parse(Buffer.from(input.split('.')[1] ?? '', 'base64url').toString());
  return { name, token: signed(name, input), valid: true, claims: payload };
}

function webKey() {
  return crypto.subtle.importKey('jwk', KEY_JWK, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
}

const FURTHER = { department: 'R&D', 'employee.level': 3, staff: true, sites: ['Köln', 'Bonn'] };
const groups = Array.from({ length: 300 }, (_, n) => `group-${n}`);
const ordinary = good('an ordinary one', claims);
const [head = '', payload = '', signature = ''] = ordinary.token.split('.');
const { kid: _, ...headWithoutKid } = header;
const hmacInput = `${encode({ ...header, alg: 'HS256' })}.${payload}`;
const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });

const vectors: Vector[] = [
  ordinary,
  await minted('names in any script', ['财务'], ['analyst']),
  await minted('too many groups', groups, ['analyst']),
  await minted('too many groups and roles', groups, groups),
  await minted('further claims of every kind', ['财务'], ['analyst'], FURTHER),
  await minted('too many groups beside further claims', groups, ['analyst'], FURTHER),
  await minted('too many further claims', ['财务'], ['analyst'], { about: groups }),
  good(
    'neither name nor e-mail',
    Object.fromEntries(Object.entries(claims).filter(([name]) => !['name', 'email'].includes(name))),
  ),
  good('a claim that is not known yet', { ...claims, later: true }),
  good('issued a few seconds ahead of this clock', { ...claims, iat: NOW + 5, exp: NOW + 305 }),
  bad('for another app', header, { ...claims, aud: 'payroll' }),
  bad('for this app among others', header, { ...claims, aud: [AUDIENCE, 'payroll'] }),
  bad('from another issuer', header, { ...claims, iss: 'https://apps.example.com.evil.example' }),
  bad('expired', header, { ...claims, iat: NOW - 1000, exp: NOW - 700 }),
  bad('issued in the future', header, { ...claims, iat: NOW + 3600, exp: NOW + 3900 }),
  bad('longer-lived than five minutes', header, { ...claims, exp: NOW + 3600 }),
  ...(['iss', 'aud', 'sub', 'sid', 'iat', 'exp'] as const).map((claim) =>
    bad(`without ${claim}`, header, without(claim)),
  ),
  bad('exp as text', header, { ...claims, exp: String(NOW + 300) }),
  bad('sub as a number', header, { ...claims, sub: 1 }),
  bad('roles as text', header, { ...claims, roles: 'admin' }),
  bad('further claims as a list', header, { ...claims, claims: ['department'] }),
  bad('a further claim that is an object', header, { ...claims, claims: { manager: { id: 1 } } }),
  bad('another type of token', { ...header, typ: 'JWT' }, claims),
  bad('no type', { alg: 'ES256', kid: KID }, claims),
  bad('a key that is not published', { ...header, kid: 'unknown' }, claims, stranger),
  bad('no key named', headWithoutKid, claims),
  bad('signed by a stranger under our key’s id', header, claims, stranger),
  bad(
    'a stranger’s key in its own header',
    { ...header, kid: undefined, jwk: { ...STRANGER_JWK, d: undefined } },
    claims,
    stranger,
  ),
  bad('a critical extension', { ...header, crit: ['b64'], b64: true }, claims),
  { name: 'not signed', token: `${encode({ ...header, alg: 'none' })}.${payload}.`, valid: false },
  { name: 'the signature cut off', token: `${head}.${payload}.`, valid: false },
  {
    name: 'the public key used as an HMAC secret',
    token: `${hmacInput}.${createHmac('sha256', publicPem).update(hmacInput).digest('base64url')}`,
    valid: false,
  },
  {
    name: 'claims changed after signing',
    token: `${head}.${encode({ ...claims, roles: ['admin'] })}.${signature}`,
    valid: false,
  },
  { name: 'no token at all', token: 'x', valid: false },
  { name: 'empty', token: '', valid: false },
];

const document = { issuer: ISSUER, audience: AUDIENCE, now: NOW, jwks: { keys: [publicJwk] }, vectors };
writeFileSync(FILE, `${JSON.stringify(document, null, 2)}\n`);
