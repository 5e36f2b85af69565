import { createHash } from 'node:crypto';
import type { SessionStore } from '../session/store.ts';

const USED = Uint8Array.of(1);

/**
 * Does something at most once, in this process and in any other on the same store. It counts as done when it has worked,
 * so that a failure can be repeated.
 *
 * @param name - what must not be used again; in the store there is only its hash
 * @param memory - milliseconds for which it is remembered afterwards
 * @param again - what to throw when it was done before
 * @throws GatewayError `store_unavailable` (503)
 */
export async function once<T>(
  store: SessionStore,
  { prefix, name, memory }: { readonly prefix: string; readonly name: string; readonly memory: () => number },
  work: () => Promise<T>,
  again: () => Error,
): Promise<T> {
  const key = prefix + createHash('sha256').update(name).digest('base64url');
  return store.withLock(key, async () => {
    if ((await store.get(key)) !== undefined) throw again();
    const result = await work();
    await store.set(key, USED, memory());
    return result;
  });
}
