import type { SessionEnd } from '../core/types.ts';
import type { LiveSession } from '../session/live.ts';
import type { CachedToken } from './issuer.ts';

type EndListener = (live: LiveSession, reason: SessionEnd) => void;

/** The tokens that were found good, of all issuers, and who is told when one ends. */
export class TokenMemory {
  readonly #bySid = new Map<string, CachedToken>();
  readonly #listeners: EndListener[] = [];

  get size(): number {
    return this.#bySid.size;
  }

  bySid(sid: string): CachedToken | undefined {
    return this.#bySid.get(sid);
  }

  /** As they are now; what is added or ends meanwhile changes nothing of the list. */
  all(): readonly CachedToken[] {
    return [...this.#bySid.values()];
  }

  add(cached: CachedToken): void {
    cached.issuer.cache.set(cached.hash, cached);
    this.#bySid.set(cached.live.session.sid, cached);
  }

  /** The same token came in another spelling; found by that one from now on, and only by that. */
  rename(cached: CachedToken, hash: string): void {
    cached.issuer.cache.delete(cached.hash);
    cached.hash = hash;
    cached.issuer.cache.set(hash, cached);
  }

  /** Leaves out what nobody has used lately; the next request that brings it has it checked anew. */
  forget(cached: CachedToken): void {
    cached.issuer.cache.delete(cached.hash);
    this.#bySid.delete(cached.live.session.sid);
  }

  /** Ends one within this process: at once, and the listeners are told once. */
  finish(cached: CachedToken, reason: SessionEnd): void {
    this.forget(cached);
    const { live } = cached;
    if (live.ended !== undefined) return;
    live.ended = reason;
    for (const listener of this.#listeners) listener(live, reason);
  }

  onEnd(listener: EndListener): void {
    this.#listeners.push(listener);
  }
}
