/** What can go wrong, in words that code can rely on. A gateway's own error code may stand in the same place. */
export type Reason =
  | 'bad_answer'
  | 'bad_data'
  | 'bad_src'
  | 'failed'
  | 'forbidden'
  | 'no_handler'
  | 'no_token'
  | 'not_embedded'
  | 'queue_full'
  | 'refused'
  | 'session_ended'
  | 'session_missing'
  | 'timeout'
  | 'token_expired'
  | 'token_failed'
  | 'token_refused'
  | 'unavailable'
  | 'unreachable'
  | (string & {});

/** What would help: a newer token of the person, some patience, or neither. */
export type Remedy = 'sign_in' | 'wait' | 'none';

/** The one error of this package. */
export class EmbedError extends Error {
  /** Stable, in snake case. */
  readonly reason: Reason;
  readonly remedy: Remedy;

  constructor(reason: Reason, message: string, remedy: Remedy = 'none') {
    super(message);
    this.name = 'EmbedError';
    this.reason = reason;
    this.remedy = remedy;
  }
}

/** Anything thrown, as an error of ours. */
export function toEmbedError(error: unknown): EmbedError {
  return error instanceof EmbedError
    ? error
    : new EmbedError('failed', error instanceof Error ? error.message : String(error));
}
