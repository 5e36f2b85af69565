/**
 * The one error class of the gateway. Rich inside, quiet outside: `message` and `cause` go to the log,
 * a person sees only what `publicMessage` and `publicHint` say, the wire sees `code` and `status`.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  /** Stable, snake_case, documented in docs/errors.md; tests and log queries rely on it. */
  readonly code: string;
  /** HTTP status for the person or client that ran into it. */
  readonly status: number;
  /** One sentence that is safe and useful to show to whoever is in front of the browser. */
  readonly publicMessage: string | undefined;
  /** What that person can do next. */
  readonly publicHint: string | undefined;
  /** Milliseconds after which another try makes sense, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(
    code: string,
    status: number,
    message: string,
    options: { cause?: unknown; publicMessage?: string; publicHint?: string; retryAfter?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = status;
    this.publicMessage = options.publicMessage;
    this.publicHint = options.publicHint;
    this.retryAfter = options.retryAfter;
  }
}

/**
 * A failure that is not one of ours becomes one, so that nothing of it can reach a page.
 *
 * @param doing - for the log: what was being done
 * @returns `internal_error` (500) for what is no `GatewayError`
 */
export function asGatewayError(error: unknown, doing: string): GatewayError {
  return error instanceof GatewayError
    ? error
    : new GatewayError('internal_error', 500, `unexpected failure ${doing}`, { cause: error });
}
