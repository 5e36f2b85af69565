import type { VerifyError } from './errors.ts';

/** An answer to somebody who is not let in. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** Seconds after which to ask again while the issuer is out of reach. */
const LATER = '5';

const DESCRIPTIONS: Readonly<Record<VerifyError['code'], string>> = {
  missing_token: 'Sign-in is needed.',
  invalid_request: 'The request must carry one token, in one header.',
  invalid_token: 'The token is expired, or not valid here.',
  insufficient_scope: 'The token does not allow this.',
  temporarily_unavailable: 'Tokens cannot be checked now; try again soon.',
};

/** RFC 6750, section 3: a challenge says what would help, and nothing of how the token was judged. */
export function refusalOf(error: VerifyError, scheme: string): Refusal {
  const { code, status, scopes } = error;
  const description = DESCRIPTIONS[code];
  // Who brought nothing is told no error (RFC 6750, section 3.1).
  const told = code === 'missing_token' ? {} : { error: code, error_description: description };
  const challenge = Object.entries({ ...told, ...(scopes.length > 0 && { scope: scopes.join(' ') }) })
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, '')}"`)
    .join(', ');
  const extra: Readonly<Record<string, string>> =
    status === 503 ? { 'retry-after': LATER } : { 'www-authenticate': `${scheme} ${challenge}`.trim() };
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...extra },
    body: JSON.stringify({ error: code, error_description: description }),
  };
}
