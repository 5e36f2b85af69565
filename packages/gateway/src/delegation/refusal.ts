import { GatewayError } from '../core/errors.ts';
import { json, type Reply } from '../http/reply.ts';

interface Because {
  /** What the app is told: one sentence that is safe to show. */
  readonly say: string;
  readonly cause?: unknown;
  /** Milliseconds. */
  readonly retryAfter?: number;
}

/**
 * A request of an app that is turned down, in the words of RFC 6749 section 5.2 and RFC 8693 section 2.2.2.
 *
 * @param message - for the log
 */
export function refused(
  code: string,
  status: number,
  message: string,
  { say, ...more }: Because,
): GatewayError {
  return new GatewayError(code, status, message, { ...more, publicMessage: say });
}

/** Errors of lower rooms, in the words of the token endpoint. */
const IN_OAUTH: Readonly<Record<string, readonly [code: string, status: number]>> = {
  store_unavailable: ['temporarily_unavailable', 503],
  unsupported_media_type: ['invalid_request', 400],
  form_too_large: ['invalid_request', 400],
};
/** Seconds, where the error does not say when another try makes sense. */
const RETRY_AFTER = 5;

/**
 * The answer for a failure before an API was called: JSON, never kept by a cache. `Portico-Error` tells it from an
 * answer of the API itself.
 */
export function refusalReply(error: GatewayError): Reply {
  const [code, status] = IN_OAUTH[error.code] ?? [error.code, error.status];
  const description = error.publicMessage ?? 'The gateway could not do this; its log has the reason.';
  const seconds = error.retryAfter === undefined ? RETRY_AFTER : Math.ceil(error.retryAfter / 1000);
  return json(status, { error: code, error_description: description }, [
    ['portico-error', code],
    ...(status === 401 ? ([['www-authenticate', 'Basic realm="portico"']] as const) : []),
    ...(status === 503 ? ([['retry-after', String(Math.max(1, seconds))]] as const) : []),
  ]);
}
