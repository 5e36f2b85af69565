import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { derive } from '../core/derive.ts';
import { GatewayError } from '../core/errors.ts';
import type { RandomBytes } from '../core/types.ts';

const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Characters of base64url with 132 bits. */
const TAG_TEXT = 22;
const NONCE_AT = 1 + KEY_ID_BYTES;
const TEXT_AT = NONCE_AT + NONCE_BYTES;

interface Secret {
  readonly text: string;
  readonly keyId: Buffer;
  /** Derived on first use, one per purpose. */
  readonly keys: Map<string, KeyObject>;
}

/**
 * Seals bytes with AES-256-GCM (NIST SP 800-38D) under a key of their own per purpose (HKDF-SHA256, RFC 5869), so what
 * was sealed for one purpose never opens as another (CVE-2023-48309). The first secret seals and all of them open,
 * which is how a secret rotates.
 *
 * Envelope: version (1 byte), id of the secret (4), nonce (12), ciphertext, tag (16).
 */
export class Sealer {
  readonly #secrets: readonly Secret[];
  readonly #first: Secret;
  readonly #random: RandomBytes;

  /** @throws GatewayError `no_secret` (500) when there is none. */
  constructor(secrets: readonly string[], random: RandomBytes = randomBytes) {
    this.#secrets = secrets.map((text) => ({
      text,
      keyId: derive(text, 'key id', KEY_ID_BYTES),
      keys: new Map(),
    }));
    const first = this.#secrets[0];
    if (first === undefined || secrets.includes('')) {
      throw new GatewayError('no_secret', 500, 'Sealing needs at least one secret, and none may be empty');
    }
    this.#first = first;
    this.#random = random;
  }

  /** @param aad - what the bytes belong to, such as the key of their row: they open nowhere else. */
  seal(purpose: string, plaintext: Uint8Array, aad = ''): Uint8Array {
    const nonce = this.#random(NONCE_BYTES);
    const head = Buffer.concat([Uint8Array.of(VERSION), this.#first.keyId, nonce]);
    const cipher = createCipheriv('aes-256-gcm', keyFor(this.#first, purpose), nonce, {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(associated(head, aad));
    return Buffer.concat([head, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  /** `undefined` for whatever was not sealed with one of the secrets, for this purpose and `aad`; never throws. */
  open(purpose: string, sealed: Uint8Array, aad = ''): Uint8Array | undefined {
    if (sealed.length < TEXT_AT + TAG_BYTES || sealed[0] !== VERSION) return undefined;
    const keyId = sealed.subarray(1, NONCE_AT);
    for (const secret of this.#secrets) {
      if (!secret.keyId.equals(keyId)) continue;
      const plaintext = decrypt(keyFor(secret, purpose), sealed, aad);
      if (plaintext !== undefined) return plaintext;
    }
    return undefined;
  }

  /** `seal` for text, as base64url that fits into a cookie. */
  sealText(purpose: string, plaintext: string, aad = ''): string {
    return Buffer.from(this.seal(purpose, Buffer.from(plaintext), aad)).toString('base64url');
  }

  /**
   * Names a text in a store without telling it (HMAC-SHA256): under the first secret, to write, and then under all
   * others, to look up what was written before the secret changed.
   */
  tags(purpose: string, text: string): [string, ...string[]] {
    const tag = (secret: Secret): string =>
      createHmac('sha256', keyFor(secret, `tag ${purpose}`))
        .update(text)
        .digest('base64url')
        .slice(0, TAG_TEXT);
    const [, ...others] = this.#secrets;
    return [tag(this.#first), ...others.map(tag)];
  }

  /** `open` for what `sealText` made. Only the canonical spelling opens: one value, one cookie. */
  openText(purpose: string, sealed: string, aad = ''): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.toString('base64url') !== sealed) return undefined;
    const plaintext = this.open(purpose, bytes, aad);
    return plaintext === undefined ? undefined : Buffer.from(plaintext).toString();
  }
}

/** Differs between any two sealings, even of the same bytes: tells cheaply whether a stored value is still the same. */
export function sealVersion(sealed: Uint8Array): string {
  return Buffer.from(sealed.subarray(-TAG_BYTES)).toString('latin1');
}

function decrypt(key: KeyObject, sealed: Uint8Array, aad: string): Uint8Array | undefined {
  const textEnd = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(NONCE_AT, TEXT_AT), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associated(sealed.subarray(0, TEXT_AT), aad));
  decipher.setAuthTag(sealed.subarray(textEnd));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(TEXT_AT, textEnd)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** The envelope's head has a fixed length, so head and `aad` cannot be shifted into one another. */
function associated(head: Uint8Array, aad: string): Buffer {
  return Buffer.concat([head, Buffer.from(aad)]);
}

function keyFor(secret: Secret, purpose: string): KeyObject {
  let key = secret.keys.get(purpose);
  if (key === undefined) {
    key = createSecretKey(derive(secret.text, `seal ${purpose}`));
    secret.keys.set(purpose, key);
  }
  return key;
}
