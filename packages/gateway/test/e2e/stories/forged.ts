import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import type { HeaderLines } from './impostor.ts';

const EVE = 'eve@example.com';
const PRINCIPAL = {
  auth_typ: 'aad',
  name_typ: 'name',
  role_typ: 'roles',
  claims: [
    { typ: 'name', val: EVE },
    { typ: 'roles', val: 'admin' },
  ],
};

/** What Eve writes under the names of each profile; in the manner of each, so that it would be understood. */
const PROFILES: Readonly<Record<string, string>> = {
  'X-Forwarded-User': EVE,
  'X-Forwarded-Email': EVE,
  'X-Forwarded-Preferred-Username': EVE,
  'X-Forwarded-Groups': 'admin',
  'X-Forwarded-Access-Token': 'eve',
  'X-Auth-Request-User': EVE,
  'X-Auth-Request-Email': EVE,
  'X-Auth-Request-Preferred-Username': EVE,
  'X-Auth-Request-Groups': 'admin',
  'X-MS-CLIENT-PRINCIPAL': Buffer.from(JSON.stringify(PRINCIPAL)).toString('base64'),
  'X-MS-CLIENT-PRINCIPAL-ID': EVE,
  'X-MS-CLIENT-PRINCIPAL-NAME': EVE,
  'X-MS-CLIENT-PRINCIPAL-IDP': 'aad',
  'X-MS-TOKEN-AAD-ID-TOKEN': 'eve',
  'Cf-Access-Authenticated-User-Email': EVE,
  'X-Goog-Authenticated-User-Email': `accounts.google.com:${EVE}`,
  'X-Goog-Authenticated-User-Id': 'accounts.google.com:1',
  'Shiny-Server-Credentials': JSON.stringify({ user: EVE, groups: ['admin'] }),
  'Rstudio-Connect-Credentials': JSON.stringify({ user: EVE, groups: ['admin'] }),
  'Plotly-User-Data': JSON.stringify({ username: EVE, groups: ['admin'] }),
  'Remote-User': EVE,
  'X-Remote-User': EVE,
};
/** What would be an assertion. */
const SIGNED = ['Portico-Assertion', 'Cf-Access-Jwt-Assertion', 'X-Goog-IAP-JWT-Assertion'];

const ALIASES: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toLowerCase(),
  (name) => name.toUpperCase(),
  (name) => name.replaceAll('-', '_'),
  (name) => name.replaceAll('-', '.'),
  (name) => name.replaceAll('-', '~'),
  (name) => name.replace('-', '_').toLowerCase(),
];

interface Aim {
  readonly issuer: string;
  readonly audience: string;
  /** Of the gateway's own key. */
  readonly kid: string;
  /** An assertion that the gateway signed for another app. */
  readonly ofAnotherApp: string;
}

/** Assertions that Eve can write, by what is wrong with them. */
export async function forgedAssertions(aim: Aim): Promise<Readonly<Record<string, string>>> {
  const { kid } = aim;
  const now = Math.floor(Date.now() / 1000);
  const claims: JWTPayload & { roles: string[] } = {
    ...{ iss: aim.issuer, aud: aim.audience, sub: 'ada', sid: 'eve', provider: 'dev' },
    ...{ iat: now, exp: now + 300, name: 'Eve', email: EVE, roles: ['admin'], groups: [] },
  };
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const header = { alg: 'ES256', typ: 'portico+jwt', kid };
  const signed = (more: object) =>
    new SignJWT(claims).setProtectedHeader({ ...header, ...more }).sign(privateKey);
  const none = `${encode({ ...header, alg: 'none' })}.${new UnsecuredJWT(claims).encode().split('.')[1]}.`;
  const shared = new SignJWT(claims).setProtectedHeader({ ...header, alg: 'HS256' });
  return {
    'a word': 'ada',
    'signed with a key of her own': await signed({}),
    'signed with a key that comes along': await signed({ jwk: await exportJWK(publicKey) }),
    'signed with a key that nobody knows': await signed({ kid: 'eve' }),
    'not signed (alg none)': none,
    'signed with a shared secret': await shared.sign(Buffer.from(kid.padEnd(32, '='))),
    'made for another app': aim.ofAnotherApp,
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/**
 * Header lines with an assertion under every name that it could have, in every alias, and with every profile's names in
 * one alias: servers take no more than a hundred lines.
 */
export function eveLines(assertion: string | undefined, alias: number): HeaderLines {
  const spell = ALIASES[alias % ALIASES.length] as (name: string) => string;
  const plain = Object.entries(PROFILES).map(([name, value]) => [spell(name), value] as const);
  if (assertion === undefined) return plain;
  return [...plain, ...SIGNED.flatMap((name) => ALIASES.map((other) => [other(name), assertion] as const))];
}
