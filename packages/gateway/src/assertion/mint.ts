import { SignJWT } from 'jose';
import { GatewayError } from '../core/errors.ts';
import type { ClaimValue, Identity } from '../core/types.ts';
import type { SigningKey } from './keys.ts';

/** `typ` of the header: no other kind of token of anybody can be taken for an assertion (RFC 8725, section 3.11). */
export const ASSERTION_TYPE = 'portico+jwt';
/** Seconds. */
export const ASSERTION_LIFE = 300;
/** Bytes of the whole token. */
export const ASSERTION_LIMIT = 2048;

/** Bytes; OpenID Connect Core, section 2, allows 255 ASCII characters. */
const SUBJECT_LIMIT = 255;
/** Bytes; RFC 5321 leaves 254 for an address. */
const EMAIL_LIMIT = 254;
/** Bytes. */
const NAME_LIMIT = 128;
/** base64url of the 64 bytes of an ES256 signature. */
const SIGNATURE_LENGTH = 86;

/** Claims of an assertion; contract/assertion.md says what each means. */
export interface AssertionClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly sid: string;
  readonly iat: number;
  readonly exp: number;
  readonly provider: string;
  readonly email?: string;
  readonly name?: string;
  readonly roles?: readonly string[];
  readonly roles_overflow?: true;
  readonly groups?: readonly string[];
  readonly groups_overflow?: true;
  readonly claims?: Readonly<Record<string, ClaimValue>>;
  readonly claims_overflow?: true;
}

interface AssertionInput {
  readonly identity: Identity;
  readonly sid: string;
  /** Name of the app. */
  readonly audience: string;
  /** Public URL of the gateway. */
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly key: SigningKey;
}

/**
 * Signs who is there, for one app and five minutes (RFC 7515, RFC 7519).
 * @throws GatewayError `assertion_too_large` (500) when a subject is longer than 255 bytes, which cannot be shortened without
 * becoming somebody else, or when issuer and audience leave no room.
 */
export async function mintAssertion({ key, ...input }: AssertionInput): Promise<string> {
  const header = { alg: 'ES256', kid: key.kid, typ: ASSERTION_TYPE };
  const room = ASSERTION_LIMIT - SIGNATURE_LENGTH - 2 - base64Length(header);
  const claims = candidates(input).find((candidate) => base64Length(candidate) <= room);
  if (claims === undefined || Buffer.byteLength(input.identity.subject) > SUBJECT_LIMIT) {
    throw new GatewayError(
      'assertion_too_large',
      500,
      'Subject, issuer or audience is too long for an assertion',
    );
  }
  return new SignJWT({ ...claims }).setProtectedHeader(header).sign(key.privateKey);
}

/** From everything to the least: groups go first, then further claims, then roles, then the name, then the address. */
function candidates(input: Omit<AssertionInput, 'key'>): AssertionClaims[] {
  const { identity } = input;
  const iat = Math.floor(input.now / 1000);
  const base = {
    iss: input.issuer,
    aud: input.audience,
    sub: identity.subject,
    sid: input.sid,
    iat,
    exp: iat + ASSERTION_LIFE,
    provider: identity.provider,
  };
  // A shortened address would be another person's.
  const fits = identity.email !== undefined && Buffer.byteLength(identity.email) <= EMAIL_LIMIT;
  const email = fits ? { email: identity.email as string } : {};
  const name = identity.name === undefined ? {} : { name: shorten(identity.name, NAME_LIMIT) };
  const { roles, groups, claims } = identity;
  const noGroups = { groups_overflow: true } as const;
  const all = claims === undefined ? {} : { claims };
  const noClaims = claims === undefined ? {} : ({ claims_overflow: true } as const);
  const least = { roles_overflow: true, ...noGroups, ...noClaims } as const;
  return [
    { ...base, ...email, ...name, roles, groups, ...all },
    { ...base, ...email, ...name, roles, ...noGroups, ...all },
    { ...base, ...email, ...name, roles, ...noGroups, ...noClaims },
    { ...base, ...email, ...name, ...least },
    { ...base, ...email, ...least },
    { ...base, ...least },
  ];
}

/** Cuts at a character's boundary, never within one. */
function shorten(text: string, bytes: number): string {
  let size = 0;
  let end = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

function base64Length(value: object): number {
  return Math.ceil((Buffer.byteLength(JSON.stringify(value)) * 4) / 3);
}
