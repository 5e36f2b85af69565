import { GatewayError } from '../core/errors.ts';

/**
 * Bytes with a time to live. Everything that must outlive a request goes through this one small interface: sealed
 * sessions, used sign-in states, assertion keys. The contract suite `test/session/store-contract.ts` runs against
 * every implementation.
 *
 * Values are opaque (already sealed). Keys are printable ASCII, at most 200 characters. An implementation throws
 * `GatewayError('store_unavailable', 503, …)` when its backend does not answer, and callers fail closed.
 */
export interface SessionStore {
  get(key: string): Promise<Uint8Array | undefined>;
  /** @param ttl - milliseconds from now; `Number.POSITIVE_INFINITY` keeps it. */
  set(key: string, value: Uint8Array, ttl: number): Promise<void>;
  /** `set` in one step only if the key is there, so that nothing deleted meanwhile comes back. Says whether it was. */
  replace(key: string, value: Uint8Array, ttl: number): Promise<boolean>;
  delete(key: string): Promise<void>;
  /** Runs `work` while no other holder, in this or another process, runs under the same key. Renewed while it is held. */
  withLock<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** All live entries whose key begins with `prefix`; for listing and revoking, never on the path of a request. */
  entries(prefix: string): AsyncIterable<readonly [key: string, value: Uint8Array]>;
  /** Calls back within 500 ms when another process may have changed something. Returns how to stop. */
  watch(changed: () => void): () => void;
  close(): Promise<void>;
}

/** The error of a store that does not answer; an error of the gateway stays as it is. */
export function storeUnavailable(message: string, cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause;
  return new GatewayError('store_unavailable', 503, message, {
    cause,
    publicMessage: 'Sign-in is not available at the moment.',
    publicHint: 'Please try again in a minute.',
  });
}
