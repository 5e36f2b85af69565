import { compactVerify } from 'jose';
import { isObject } from '../core/object.ts';
import type { AssertionKeys } from './keys.ts';
import { ASSERTION_LIMIT, ASSERTION_TYPE } from './mint.ts';

/** For whom an assertion was made. */
interface AssertionSubject {
  readonly sid: string;
  readonly subject: string;
  readonly provider: string;
}

/**
 * Reads an assertion of our own, whenever it was made: that it has expired does not matter here, because whoever reads it
 * looks at the session. Algorithm and type are fixed, and whatever else the header says is ignored (security fact 12).
 *
 * @param audience - the app that has to be meant
 * @returns `undefined` for what is not ours, or for another app
 * @throws GatewayError `store_unavailable` (503)
 */
export async function readAssertion(
  token: string,
  {
    keys,
    issuer,
    audience,
  }: {
    readonly keys: Pick<AssertionKeys, 'verifyingKey'>;
    readonly issuer: string;
    readonly audience: string;
  },
): Promise<AssertionSubject | undefined> {
  const kid = kidOf(token);
  const key = kid === undefined ? undefined : await keys.verifyingKey(kid);
  if (key === undefined) return undefined;
  const verified = await compactVerify(token, key, { algorithms: ['ES256'] }).catch(() => undefined);
  if (verified?.protectedHeader.typ !== ASSERTION_TYPE) return undefined;
  const claims = parsed(verified.payload);
  const { iss, aud, sid, sub, provider } = claims ?? {};
  if (iss !== issuer || aud !== audience) return undefined;
  if (typeof sid !== 'string' || typeof sub !== 'string' || typeof provider !== 'string') return undefined;
  return { sid, subject: sub, provider };
}

/** Looked at before anything is verified, so it only chooses among our own keys. */
function kidOf(token: string): string | undefined {
  if (token.length > ASSERTION_LIMIT) return undefined;
  const [header = '', ...more] = token.split('.');
  const kid = more.length === 2 ? parsed(Buffer.from(header, 'base64url'))?.['kid'] : undefined;
  return typeof kid === 'string' ? kid : undefined;
}

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
