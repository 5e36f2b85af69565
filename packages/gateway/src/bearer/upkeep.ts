import type { Clock } from '../core/types.ts';
import type { SessionStore } from '../session/store.ts';
import type { BearerEnds } from './ends.ts';
import type { CachedToken } from './issuer.ts';
import type { BearerVerifier } from './verifier.ts';

const SWEEP_INTERVAL = 500;
/** Tokens kept in memory; those in use stay, however many they are. */
const MOST = 20_000;
/** Used so lately that a request may still be under way with it. */
const IN_USE = 60_000;
/** How long an open socket outlives an issuer's silence. */
const SILENCE = 60_000;

interface UpkeepOptions {
  readonly verifier: BearerVerifier;
  readonly ends: BearerEnds;
  readonly store: Pick<SessionStore, 'watch'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** Default 20 000. */
  readonly maxInMemory?: number;
}

/** What happens to tokens in memory without a request: they end on time, and with what other processes and issuers say. */
export class BearerUpkeep {
  readonly #with: UpkeepOptions;
  #timer: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;
  #changed = false;
  #sweeping: Promise<void> | undefined;

  constructor(options: UpkeepOptions) {
    this.#with = options;
  }

  start(): void {
    const { store, clock } = this.#with;
    this.#timer = setInterval(() => void this.sweep(clock()), SWEEP_INTERVAL).unref();
    this.#unwatch = store.watch(() => {
      this.#changed = true;
      void this.sweep(clock());
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#unwatch?.();
    await this.#sweeping;
  }

  /** What ends on time ends at once; the rest follows. Rounds do not overlap. Never rejects. */
  sweep(now: number): Promise<void> {
    const { verifier, ends, onError } = this.#with;
    for (const cached of verifier.memory.all())
      if (now >= cached.live.session.expiresAt) verifier.memory.finish(cached, 'expired');
    ends.purge(now);
    this.#trim(now);
    this.#sweeping ??= this.#round(now)
      .catch(onError)
      .finally(() => {
        this.#sweeping = undefined;
      });
    return this.#sweeping;
  }

  async #round(now: number): Promise<void> {
    const { verifier, ends } = this.#with;
    if (this.#changed) {
      this.#changed = false;
      try {
        verifier.apply(await ends.follow());
      } catch (error) {
        this.#changed = true;
        throw error;
      }
    }
    const due = verifier.memory
      .all()
      .filter(({ token, live, recheckAt }) => token !== undefined && live.pins > 0 && now >= recheckAt);
    await Promise.all(due.map((cached) => this.#ask(cached, now)));
  }

  /** An open socket brings no request by which its token would be looked at again. */
  async #ask(cached: CachedToken, now: number): Promise<void> {
    const { verifier, onError } = this.#with;
    try {
      await verifier.recheck(cached);
    } catch (error) {
      if (cached.live.ended !== undefined) return;
      // Fail closed, though not at the first hiccup of the issuer.
      if (now >= cached.recheckAt + SILENCE) verifier.memory.finish(cached, 'revoked');
      onError(error);
    }
  }

  #trim(now: number): void {
    const { verifier, maxInMemory = MOST } = this.#with;
    const { memory } = verifier;
    if (memory.size <= maxInMemory) return;
    const idle = memory.all().filter(({ live }) => live.pins === 0 && now - live.lastSeenAt > IN_USE);
    for (const cached of idle.slice(0, memory.size - maxInMemory)) memory.forget(cached);
  }
}
