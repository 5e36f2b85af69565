import { GatewayError } from '../core/errors.ts';

/** A token that is not accepted (RFC 6750 section 3.1). The message is for the log, and never holds the token. */
export function refused(message: string, cause?: unknown): GatewayError {
  return new GatewayError('invalid_token', 401, message, {
    cause,
    publicMessage: 'The token is expired, or not valid here.',
  });
}

/** Nothing can be judged now, so nobody is let in. */
export function unavailable(message: string, cause?: unknown): GatewayError {
  return new GatewayError('temporarily_unavailable', 503, message, {
    cause,
    publicMessage: 'Tokens cannot be checked at the moment.',
    retryAfter: 5_000,
  });
}
