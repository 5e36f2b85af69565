import { EmbedError } from './errors.ts';

/**
 * The promise's result, or an error when it takes too long: whatever an app, a host or a network does, nothing hangs.
 *
 * @param ms - milliseconds
 * @throws EmbedError
 */
export function within<T>(
  ms: number,
  promise: PromiseLike<T>,
  late = () => new EmbedError('timeout', `There was no answer within ${ms / 1000} seconds.`, 'wait'),
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    promise.then(resolve, reject).then(() => clearTimeout(timer));
  });
}
