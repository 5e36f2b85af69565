import { GatewayError } from '../core/errors.ts';
import { retryAfter } from './retry-after.ts';

const AGAIN = 'Please start again.';
const ASK_OPERATOR = 'Ask whoever runs this site to look at its log.';

/** What a failure of the OIDC client carries; read by shape, so that this file needs not load the client. */
interface Failure {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  /** OAuth error code, in an authorization response or a response body (RFC 6749 sections 4.1.2.1 and 5.2). */
  readonly error?: unknown;
  readonly error_description?: unknown;
  readonly status?: unknown;
  readonly cause?: unknown;
}

/**
 * Text for the log: one line, short, and nothing in it that opens anything. Providers echo codes and tokens in their
 * descriptions, therefore every long run of token characters goes, whatever it is.
 */
export function redact(text: unknown): string {
  return String(text)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\w\-.~+/=]{20,}/g, (run) =>
      /^https?:\/\//.test(run) || /^[a-z_.]+$/.test(run) ? run : '[redacted]',
    )
    .slice(0, 300);
}

function asFailure(error: unknown): Failure {
  return typeof error === 'object' && error !== null ? error : { message: error };
}

/** The failure and its causes as one line. Causes of the client hold whole responses, so only chosen words are kept. */
function summary(error: unknown): string {
  const words: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 4 && current !== undefined && current !== null; depth++) {
    const {
      name,
      code,
      message,
      error: oauth,
      error_description: description,
      status,
      cause,
    } = asFailure(current);
    if (current instanceof Error)
      words.push(`${String(name)}${code === undefined ? '' : ` ${String(code)}`}: ${redact(message)}`);
    if (typeof oauth === 'string') words.push(`error=${redact(oauth)}`);
    if (typeof description === 'string') words.push(`description=${redact(description)}`);
    if (typeof status === 'number') words.push(`status=${status}`);
    const claim = asFailure(current) as { claim?: unknown };
    if (typeof claim.claim === 'string') words.push(`claim=${redact(claim.claim)}`);
    current = cause instanceof URLSearchParams ? undefined : cause;
  }
  return words.join('; ');
}

function innermostStatus(error: unknown): number | undefined {
  let current: unknown = error;
  let found: number | undefined;
  for (let depth = 0; depth < 4 && typeof current === 'object' && current !== null; depth++) {
    const { status, cause } = asFailure(current);
    if (typeof status === 'number') found = status;
    current = cause;
  }
  return found;
}

/**
 * Turns what the OIDC client throws into one of our errors.
 *
 * @param provider - name in the configuration
 * @param doing - what failed, for the log: `discovery`, `token request`
 */
export function oidcError(provider: string, doing: string, error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const { code, error: oauth, error_description: description, name } = asFailure(error);
  const message = `${doing} with provider "${provider}" failed: ${summary(error)}`;
  const wait = retryAfter(error, Date.now());
  const make = (ours: string, status: number, publicMessage: string, publicHint: string): GatewayError =>
    new GatewayError(ours, status, message, {
      publicMessage,
      publicHint,
      ...(wait === undefined ? {} : { retryAfter: wait }),
    });
  const unreachable = (): GatewayError =>
    make(
      'provider_unreachable',
      502,
      'The sign-in service does not answer as it should.',
      'Try again in a minute. People who are already signed in are not affected.',
    );

  if (oauth === 'access_denied') {
    return make(
      'access_denied',
      403,
      'The sign-in service did not let you in, or you cancelled.',
      'Start again, or use another account.',
    );
  }
  if (oauth === 'temporarily_unavailable' || oauth === 'server_error') return unreachable();
  if (
    oauth === 'invalid_client' ||
    oauth === 'unauthorized_client' ||
    (doing === 'token request' && innermostStatus(error) === 401)
  ) {
    return make(
      'invalid_client',
      502,
      'The sign-in service does not accept this site’s credentials.',
      ASK_OPERATOR,
    );
  }
  if (typeof oauth === 'string' && /redirect_uri/.test(`${oauth} ${String(description)}`)) {
    return make(
      'redirect_uri_mismatch',
      502,
      'The sign-in service does not know this site’s return address.',
      ASK_OPERATOR,
    );
  }
  if (oauth === 'invalid_scope') {
    return make(
      'invalid_scope',
      502,
      'The sign-in service does not offer what this site asks for.',
      ASK_OPERATOR,
    );
  }
  if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') {
    return make(
      'clock_skew',
      502,
      'The clocks of this site and of the sign-in service do not agree.',
      'Ask whoever runs this site to check its clock, then start again.',
    );
  }
  const status = innermostStatus(error);
  const badAnswer =
    code === 'OAUTH_RESPONSE_IS_NOT_CONFORM' ||
    code === 'OAUTH_RESPONSE_IS_NOT_JSON' ||
    code === 'OAUTH_PARSE_ERROR';
  if (
    badAnswer ||
    code === 'OAUTH_TIMEOUT' ||
    name === 'TypeError' ||
    name === 'TimeoutError' ||
    (status !== undefined && status >= 500)
  ) {
    return unreachable();
  }
  return make('sign_in_refused', 400, 'This sign-in could not be completed.', AGAIN);
}

/** RFC 6749 section 5.2: the refresh token is expired, revoked or not ours; no later try can succeed. */
export function isInvalidGrant(error: unknown): boolean {
  return asFailure(error).error === 'invalid_grant';
}

export function refreshRefused(provider: string, why: string): GatewayError {
  return new GatewayError(
    'refresh_refused',
    401,
    `provider "${provider}" does not renew the session: ${why}`,
  );
}
