import { GatewayError } from '../../core/errors.ts';
import { lookUp } from './catalogue.ts';
import { chain, statusOf, summary, toldBy } from './failure.ts';
import { oidcError } from './provider-error.ts';
import type { WayOn } from './ways-on.ts';

const DOING = 'token request for an API';

/** What is not about this person or API. */
const TROUBLE = new Set(['temporarily_unavailable', 'server_error', 'slow_down']);
/** About what the client may do, not about its proof (RFC 6749 section 5.2). */
const NOT_ALLOWED = new Set(['unauthorized_client', 'unsupported_grant_type']);

/** What an app and the person in front of it may be told. */
const WORDS: Partial<Record<WayOn, string>> = {
  consent_required: 'Nobody has agreed yet that this site may use this API for you.',
  interaction_required:
    'The sign-in service wants you to sign in again before it gives a token for this API.',
  sign_in_conditions: 'Your organization does not allow this API from this device, place or network.',
};

/** The provider gives no such token. */
export function noTokenFor(provider: string, why: string, wayOn?: WayOn): GatewayError {
  return new GatewayError('token_refused', 403, `provider "${provider}" gives no token for the API: ${why}`, {
    publicMessage: (wayOn && WORDS[wayOn]) ?? 'The sign-in service gives no token for this API.',
    publicHint: 'Ask whoever runs this site to look at its log.',
  });
}

/** A failed request for an API's token: the provider's no, or its trouble. */
export function apiTokenError(provider: string, error: unknown): GatewayError {
  const said = chain(error)[0]?.error;
  const { happened, fix, link, id = '', wayOn } = lookUp(toldBy(error, DOING)) ?? {};
  const badClient = wayOn === 'invalid_client' && !NOT_ALLOWED.has(id);
  const status = statusOf(error);
  const answered = status !== undefined && status < 500 && status !== 429;
  if (typeof said !== 'string' || TROUBLE.has(said) || badClient || !answered)
    return oidcError(provider, DOING, error);
  const more = happened === undefined ? '' : `. ${happened} To put it right: ${fix} See ${link}`;
  return noTokenFor(provider, summary(error) + more, wayOn);
}
