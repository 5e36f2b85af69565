import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { isObject } from '../core/object.ts';
import type { Malformed } from '../policy/allow.ts';
import { ASYMMETRIC, type BearerAlgorithm, type BearerSource, SYMMETRIC } from './bearer-settings.ts';
import { weaknessOf } from './secret.ts';

type StaticSource = Extract<BearerSource, { kind: 'keys' | 'secret' }>;

/** Bits; RFC 7518 section 3.3. */
const SHORTEST_RSA = 2048;
/** Bytes; RFC 7518 section 3.2 wants as many as the hash has. */
const SHORTEST_SECRET = 32;
const PUBLIC_FORMS = 'Write the public key as PEM (-----BEGIN PUBLIC KEY-----), as a JWK or as a key set.';

export const isSymmetric = (algorithm: BearerAlgorithm): boolean =>
  (SYMMETRIC as readonly string[]).includes(algorithm);

/**
 * What a key file holds. Whether it is a secret is not guessed from what cannot be read as a key: a public key that is
 * taken for a secret would let everybody sign.
 *
 * @param wantsSecret - the configured algorithms are those of a shared secret
 */
export function readKeyFile(contents: string, wantsSecret: boolean): StaticSource | Malformed {
  const text = contents.trim();
  if (text.startsWith('{')) return readJson(text, wantsSecret);
  if (/^-----BEGIN /m.test(text)) return wantsSecret ? NO_SECRET : publicKeys([text]);
  if (!wantsSecret)
    return { message: 'holds no key', fix: `${PUBLIC_FORMS} For a shared secret write algorithms: [HS256].` };
  if (isPublicDer(text)) return NO_SECRET;
  const weakness = weaknessOf(text);
  if (weakness !== undefined) return { message: weakness, fix: 'Print a good one with: portico secret' };
  return { kind: 'secret', secret: Buffer.from(text, 'utf8') };
}

/** The algorithms that a key of this kind can have. */
export function algorithmsOf(keys: readonly JsonWebKey[]): readonly BearerAlgorithm[] {
  const fitting = keys.flatMap(({ kty, crv }): readonly BearerAlgorithm[] => {
    if (kty === 'RSA') return ASYMMETRIC.filter((name) => /^[RP]S/.test(name));
    if (kty === 'OKP') return ['EdDSA', 'Ed25519'];
    return crv === 'P-256' ? ['ES256'] : crv === 'P-384' ? ['ES384'] : ['ES512'];
  });
  return [...new Set(fitting)];
}

const NO_SECRET: Malformed = {
  message: 'holds a key, and HS256 signs with a secret: with a public key as the secret everybody could sign',
  fix: 'Leave algorithms out, or put a secret into the file.',
};

function readJson(text: string, wantsSecret: boolean): StaticSource | Malformed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { message: 'is no JSON', fix: PUBLIC_FORMS };
  }
  const held = isObject(value) && Array.isArray(value['keys']) ? value['keys'] : [value];
  if (!held.every(isObject) || held.length === 0) return { message: 'holds no key', fix: PUBLIC_FORMS };
  const [only] = held;
  const isSecret = held.some(({ kty }) => kty === 'oct');
  if (isSecret !== wantsSecret)
    return isSecret
      ? { message: 'holds a secret', fix: 'Write algorithms: [HS256], or put a public key into the file.' }
      : NO_SECRET;
  if (!isSecret) return publicKeys(held as JsonWebKey[]);
  const k = only?.['k'];
  const secret = Buffer.from(typeof k === 'string' ? k : '', 'base64url');
  if (held.length === 1 && secret.byteLength >= SHORTEST_SECRET) return { kind: 'secret', secret };
  return { message: 'holds no secret of 32 bytes', fix: 'Print a good one with: portico secret' };
}

function publicKeys(forms: readonly (string | JsonWebKey)[]): StaticSource | Malformed {
  const keys: JsonWebKey[] = [];
  for (const form of forms) {
    if (isPrivate(form))
      return {
        message: 'holds a private key, which belongs to the issuer alone',
        fix: 'Put the public key here: openssl pkey -in private.pem -pubout',
      };
    const key = publicKeyOf(form);
    if (key === undefined) return { message: 'holds no public key that could be read', fix: PUBLIC_FORMS };
    const { modulusLength = SHORTEST_RSA } = key.asymmetricKeyDetails ?? {};
    if (modulusLength < SHORTEST_RSA)
      return { message: `holds an RSA key of ${modulusLength} bits`, fix: 'Use one of 2048 bits or more.' };
    const given = typeof form === 'string' ? {} : named(form);
    keys.push({ ...key.export({ format: 'jwk' }), ...given });
  }
  return { kind: 'keys', keys };
}

/** What a JWK says of itself beside its numbers, and what a token's header is held against. */
function named({ kid, alg, use }: JsonWebKey): JsonWebKey {
  const texts = Object.entries({ kid, alg, use }).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(texts);
}

function publicKeyOf(form: string | JsonWebKey): KeyObject | undefined {
  try {
    const key = createPublicKey(typeof form === 'string' ? form : { key: form, format: 'jwk' });
    return ['rsa', 'ec', 'ed25519'].includes(key.asymmetricKeyType ?? '') && !isOddCurve(key)
      ? key
      : undefined;
  } catch {
    return undefined;
  }
}

function isOddCurve(key: KeyObject): boolean {
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  return namedCurve !== undefined && !['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve);
}

function isPrivate(form: string | JsonWebKey): boolean {
  return typeof form === 'string' ? /^-----BEGIN [A-Z ]*PRIVATE KEY-----/m.test(form) : form.d !== undefined;
}

/** A PEM whose first and last line got lost. */
function isPublicDer(text: string): boolean {
  try {
    createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    return true;
  } catch {
    return false;
  }
}
