import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import { VerifyError } from './errors.ts';
import type { Clock } from './keys.ts';

/** Seconds by which two clocks may differ. */
const TOLERANCE = 30;

/** What a token's own header may say about how it is to be checked, and is refused for. */
const REFUSED_MEMBERS = ['crit', 'b64', 'zip'] as const;

export interface Checked {
  readonly claims: JWTPayload & { readonly exp: number };
  readonly type: string | undefined;
  readonly keyId: string | undefined;
}

export interface CheckOptions {
  /** Characters. */
  readonly limit: number;
  readonly keys: JWTVerifyGetKey;
  readonly clock: Clock;
  readonly rules: Pick<JWTVerifyOptions, 'algorithms' | 'issuer' | 'audience'>;
}

/** Shorthand for the refusal that the client hears least about. */
export const refuse = (message: string, cause?: unknown) =>
  new VerifyError('invalid_token', message, { cause });

/**
 * Signature, algorithm, issuer, audience and times of a JWT (RFC 7519, RFC 8725). The algorithm comes from the rules, the key from
 * the key set: `jwk`, `jku`, `x5u` and `x5c` of the header are not looked at.
 * @throws VerifyError `invalid_token`, `temporarily_unavailable`
 */
export async function checkToken(token: string, options: CheckOptions): Promise<Checked> {
  if (token.length > options.limit) throw refuse('The token is too long');
  const now = options.clock();
  const { payload, protectedHeader } = await jwtVerify(token, options.keys, {
    ...options.rules,
    requiredClaims: ['iss', 'aud', 'exp'],
    clockTolerance: TOLERANCE,
    currentDate: new Date(now),
  }).catch((error: unknown) => {
    if (error instanceof VerifyError) throw error;
    throw refuse(error instanceof errors.JOSEError ? error.message : 'The token cannot be read', error);
  });
  const member = REFUSED_MEMBERS.find((name) => name in protectedHeader);
  if (member !== undefined) throw refuse(`The token's header has "${member}"`);
  const { exp, iat } = payload;
  if (exp === undefined || (iat !== undefined && !(iat <= now / 1000 + TOLERANCE)))
    throw refuse('The token is from the future');
  return { claims: { ...payload, exp }, type: protectedHeader.typ, keyId: protectedHeader.kid };
}

export const isText = (value: unknown): value is string => typeof value === 'string';

export const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
