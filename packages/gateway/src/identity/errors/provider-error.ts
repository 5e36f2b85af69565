import { GatewayError } from '../../core/errors.ts';
import { retryAfter } from '../retry-after.ts';
import { lookUp } from './catalogue.ts';
import type { Entry } from './entry.ts';
import { chain, statusOf, summary, toldBy } from './failure.ts';
import { WAYS_ON, type WayOn } from './ways-on.ts';

/** A provider said no, or could not be asked. The message is for the log; people are told what `WAYS_ON` says. */
export class ProviderError extends GatewayError {
  /** What is known of it, for whoever runs the gateway. */
  readonly entry: Entry | undefined;

  constructor(code: WayOn, message: string, entry: Entry | undefined, wait: number | undefined) {
    const { status, message: publicMessage, hint: publicHint } = WAYS_ON[code];
    super(code, status, message, {
      publicMessage,
      publicHint,
      ...(wait === undefined ? {} : { retryAfter: wait }),
    });
    this.entry = entry;
  }
}

/**
 * Turns what the OIDC client throws into one of our errors, with what the catalogue knows of it.
 *
 * @param provider - name in the configuration
 * @param doing - what failed, for the log: `discovery`, `token request`
 */
export function oidcError(provider: string, doing: string, error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const entry = lookUp(toldBy(error, doing));
  const said = `${doing} with provider "${provider}" failed: ${summary(error)}`;
  const message =
    entry === undefined ? said : `${said}. ${entry.happened} To put it right: ${entry.fix} See ${entry.link}`;
  return new ProviderError(
    entry?.wayOn ?? wayOnWithoutWords(doing, error),
    message,
    entry,
    retryAfter(error, Date.now()),
  );
}

/** For a failure that no entry knows. */
function wayOnWithoutWords(doing: string, error: unknown): WayOn {
  const status = statusOf(error);
  if (doing === 'token request' && status === 401) return 'invalid_client';
  const malformed = chain(error).some(({ code }) => code === 'OAUTH_RESPONSE_IS_NOT_CONFORM');
  const { name } = chain(error)[0] ?? {};
  return malformed || name === 'TypeError' || (status !== undefined && status >= 500)
    ? 'provider_unreachable'
    : 'sign_in_refused';
}

/** RFC 6749 section 5.2: the refresh token is expired, revoked or not ours; no later try can succeed. */
export function isInvalidGrant(error: unknown): boolean {
  return chain(error)[0]?.error === 'invalid_grant';
}

/** https://learn.microsoft.com/entra/identity-platform/msal-error-handling-dotnet: the person can do something about it. */
const ASKS_SOMETHING = new Set([
  'basic_action',
  'additional_action',
  'message_only',
  'consent_required',
  'user_password_expired',
]);

/**
 * The same of a request for one API's token, where Entra's word also stands for a consent or condition that this API
 * lacks: that is no reason to sign anybody out.
 */
export function isGrantOver(error: unknown): boolean {
  const { wayOn = 'sign_in_refused' } = lookUp(toldBy(error, 'token refresh')) ?? {};
  const asks = chain(error).some(({ suberror }) => ASKS_SOMETHING.has(String(suberror)));
  return isInvalidGrant(error) && wayOn === 'sign_in_refused' && !asks;
}

export function refreshRefused(provider: string, why: string): GatewayError {
  return new GatewayError(
    'refresh_refused',
    401,
    `provider "${provider}" does not renew the session: ${why}`,
  );
}
