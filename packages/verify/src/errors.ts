/** What is wrong, in words that a program can rely on. */
export type VerifyCode =
  /** Nothing was presented. */
  | 'missing_token'
  /** More than one token, or one in more than one way (RFC 6750, section 2). */
  | 'invalid_request'
  /** The token is not one that this service accepts. */
  | 'invalid_token'
  /** The token is good, and does not allow this (RFC 6750, section 3.1). */
  | 'insufficient_scope'
  /** The keys cannot be had now, so nothing can be judged. */
  | 'temporarily_unavailable';

const STATUS: Readonly<Record<VerifyCode, number>> = {
  missing_token: 401,
  invalid_request: 400,
  invalid_token: 401,
  insufficient_scope: 403,
  temporarily_unavailable: 503,
};

/** The only error that checking a token throws. Its message is for the log and never holds the token. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError';
  readonly code: VerifyCode;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Scopes that were asked for, when one of them is lacking. */
  readonly scopes: readonly string[];

  constructor(
    code: VerifyCode,
    message: string,
    more: { readonly cause?: unknown; readonly scopes?: readonly string[] } = {},
  ) {
    super(message, 'cause' in more ? { cause: more.cause } : undefined);
    this.code = code;
    this.status = STATUS[code];
    this.scopes = more.scopes ?? [];
  }
}
