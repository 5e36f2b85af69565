import { Worker } from 'node:worker_threads';
import { GatewayError } from '../../core/errors.ts';
import type { StoredPassword } from './hash.ts';
import type { HashAnswer, HashQuestion } from './hash-worker.ts';

/** Comparisons that wait in line; one takes up to half a second of a processor. */
const MOST_WAITING = 40;

interface Waiting {
  readonly resolve: (same: boolean) => void;
  readonly reject: (error: GatewayError) => void;
}

/**
 * Compares passwords with hashes on a thread of its own: a hash is slow on purpose, and every app's traffic would stand
 * still meanwhile. The thread starts with the first comparison and keeps no process alive.
 */
export class Hasher {
  #worker: Worker | undefined;
  #lastId = 0;
  readonly #waiting = new Map<number, Waiting>();

  /** @throws GatewayError `sign_in_busy` (503) */
  verify(stored: Exclude<StoredPassword, { kind: 'plain' }>, password: string): Promise<boolean> {
    if (this.#waiting.size >= MOST_WAITING) return Promise.reject(busy('too many sign-ins at once'));
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, kind: stored.kind, encoded: stored.encoded, password } satisfies HashQuestion);
    });
  }

  #start(): Worker {
    // The same file beside this one, in `src` as in `dist`.
    const worker = new Worker(new URL(import.meta.url.replace(/hasher(\.[jt]s)$/, 'hash-worker$1')));
    worker.unref();
    worker.on('message', ({ id, same }: HashAnswer) => {
      this.#waiting.get(id)?.resolve(same);
      this.#waiting.delete(id);
    });
    worker.on('error', (cause) => this.#failed(worker, cause));
    worker.on('exit', () => this.#failed(worker, undefined));
    return worker;
  }

  /** The next comparison gets a fresh thread. */
  #failed(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(busy('the hashing thread ended', cause));
    this.#waiting.clear();
  }
}

function busy(message: string, cause?: unknown): GatewayError {
  return new GatewayError('sign_in_busy', 503, message, {
    cause,
    publicMessage: 'Many people are signing in just now.',
    publicHint: 'Wait a few seconds, then try again.',
  });
}
