import { GatewayError } from '../core/errors.ts';
import type { RandomBytes } from '../core/types.ts';
import { backoff } from '../identity/backoff.ts';
import type { LiveSession } from '../session/live.ts';

interface Failure {
  readonly count: number;
  /** Milliseconds since the epoch; until then the provider is not asked again. */
  readonly until: number;
  readonly error: GatewayError;
}

/** What could not be had lately, by session and token: whoever asks again soon gets the same answer from here. */
export class Failures {
  readonly #bySession = new WeakMap<LiveSession, Map<string, Failure>>();
  readonly #random: RandomBytes;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  /** The error to answer with, its `retryAfter` as of now; `undefined` when it is time to ask again. */
  recent(live: LiveSession, key: string, now: number): GatewayError | undefined {
    const failure = this.#bySession.get(live)?.get(key);
    if (failure === undefined || now >= failure.until) return undefined;
    return later(failure.error, failure.until - now);
  }

  /** @returns the error with the time after which another try makes sense */
  add(live: LiveSession, key: string, now: number, error: GatewayError): GatewayError {
    const ofSession = this.#bySession.get(live) ?? new Map<string, Failure>();
    this.#bySession.set(live, ofSession);
    const count = (ofSession.get(key)?.count ?? 0) + 1;
    const wait = Math.max(error.retryAfter ?? 0, backoff(count, this.#random));
    ofSession.set(key, { count, until: now + wait, error });
    return later(error, wait);
  }

  clear(live: LiveSession, key: string): void {
    this.#bySession.get(live)?.delete(key);
  }
}

function later(error: GatewayError, retryAfter: number): GatewayError {
  const { code, status, message, cause, publicMessage } = error;
  return new GatewayError(code, status, message, {
    retryAfter,
    ...(cause === undefined ? {} : { cause }),
    ...(publicMessage === undefined ? {} : { publicMessage }),
  });
}
