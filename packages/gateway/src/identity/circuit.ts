import { jittered } from '../core/backoff.ts';
import type { RandomBytes } from '../core/types.ts';
import { backoff } from './backoff.ts';

/** Requests to one provider at the same time. */
const MOST_AT_ONCE = 16;
/** Failures in a row after which a provider counts as down. */
const THRESHOLD = 3;
const LONGEST_RETRY_AFTER = 15 * 60_000;
/** How soon a session that found no place comes back. */
const COME_BACK = 2_000;

/**
 * How one provider has answered lately. While it is down nobody asks; then one asks for all, and only when that works do
 * the others: ten thousand sessions do not hammer a provider that is in trouble.
 */
export class Circuit {
  readonly #random: RandomBytes;
  #running = 0;
  #failures = 0;
  #closings = 0;
  #closedUntil = 0;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  /** Whether a request may go out now; after `true` exactly one of `left`, `succeeded` and `failed` must follow. */
  enter(now: number, mostAtOnce = MOST_AT_ONCE): boolean {
    const most = this.#failures < THRESHOLD ? mostAtOnce : 1;
    if (now < this.#closedUntil || this.#running >= most) return false;
    this.#running++;
    return true;
  }

  /** When somebody whom `enter` turned away should come back, milliseconds since the epoch. */
  comeBackAt(now: number): number {
    return Math.max(now, this.#closedUntil) + jittered(COME_BACK, this.#random);
  }

  /** The provider was not asked after all. */
  left(): void {
    this.#running--;
  }

  succeeded(): void {
    this.#running--;
    this.#failures = 0;
    this.#closings = 0;
  }

  /** @param retryAfter - milliseconds, when the provider said so (RFC 9110 section 10.2.3) */
  failed(now: number, retryAfter: number | undefined): void {
    this.#running--;
    // Requests that were already under way tell nothing new.
    if (now < this.#closedUntil) return;
    this.#failures++;
    if (retryAfter !== undefined) this.#closedUntil = now + Math.min(retryAfter, LONGEST_RETRY_AFTER);
    else if (this.#failures >= THRESHOLD) this.#closedUntil = now + backoff(++this.#closings, this.#random);
  }
}
