import type { ApiSettings } from '../config/settings.ts';
import type { GatewayError } from '../core/errors.ts';
import { refused } from './refusal.ts';
import { sessionOver } from './subject.ts';

/** What a provider's failure means to the app that asked. */
export function toRefusal(api: ApiSettings, error: GatewayError): GatewayError {
  switch (error.code) {
    case 'invalid_grant':
    case 'access_denied':
    case 'temporarily_unavailable':
    case 'store_unavailable':
      return error;
    case 'refresh_refused':
    case 'identity_changed':
    case 'session_ended':
      return sessionOver(error.message, error);
    case 'token_refused':
      return noToken(error.message, error.publicMessage, error);
    default:
      return unavailable(api, error, error.retryAfter);
  }
}

/**
 * @param message - for the log
 * @param say - for the app
 */
export function noToken(message: string, say?: string, cause?: unknown): GatewayError {
  return refused('access_denied', 403, message, {
    say: say ?? 'The provider gives no token for this API; the log of the gateway has the reason.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** @param retryAfter - milliseconds */
export function unavailable(
  api: Pick<ApiSettings, 'name'>,
  cause: unknown,
  retryAfter: number | undefined,
): GatewayError {
  return refused('temporarily_unavailable', 503, `no token for ${api.name} can be had at the moment`, {
    say: 'The provider gives no token at the moment; try again later.',
    ...(cause === undefined ? {} : { cause }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}
