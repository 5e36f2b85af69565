import type { Clock } from '../../core/types.ts';

/** How patient a throttle is, and how much it remembers. */
export interface ThrottleLimits {
  /** Failures that cost nothing: people mistype. */
  readonly free: number;
  /** Milliseconds of the first wait; each further failure doubles it. */
  readonly first: number;
  /** No wait is longer: a stranger who fails on purpose delays somebody, and never locks anybody out. */
  readonly ceiling: number;
  /** Without a failure for so long, everything is forgotten. */
  readonly memory: number;
  /** Names that are remembered at most. */
  readonly capacity: number;
}

interface Entry {
  failures: number;
  lastAt: number;
}

/**
 * How long a name must wait before its next try. Bounded: a flood of names that fail once each pushes out only one
 * another, never a name that is waiting.
 */
export class Throttle {
  readonly #limits: ThrottleLimits;
  readonly #clock: Clock;
  /** Both in the order of their last failure, so that the oldest is in front. */
  readonly #harmless = new Map<string, Entry>();
  readonly #waiting = new Map<string, Entry>();

  constructor(limits: ThrottleLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get size(): number {
    return this.#harmless.size + this.#waiting.size;
  }

  /** Milliseconds until the next try is allowed; 0 when it is allowed now. */
  wait(name: string): number {
    const entry = this.#entry(name);
    if (entry === undefined || entry.failures <= this.#limits.free) return 0;
    const { free, first, ceiling } = this.#limits;
    const length = Math.min(ceiling, first * 2 ** (entry.failures - free - 1));
    // A clock that was set back must not prolong a wait.
    return Math.max(0, Math.min(length, entry.lastAt + length - this.#clock()));
  }

  /** Counts a try as failed. Called before the password is checked, so that many at once do not all count as the first. */
  fail(name: string): void {
    const entry = this.#entry(name) ?? { failures: 0, lastAt: 0 };
    entry.failures++;
    entry.lastAt = this.#clock();
    this.forget(name);
    (entry.failures > this.#limits.free ? this.#waiting : this.#harmless).set(name, entry);
    this.#trim();
  }

  /** Takes back one failure: the try turned out well. */
  forgive(name: string): void {
    const entry = this.#entry(name);
    if (entry === undefined) return;
    entry.failures--;
    if (entry.failures <= this.#limits.free && this.#waiting.delete(name)) this.#harmless.set(name, entry);
    if (entry.failures === 0) this.forget(name);
  }

  forget(name: string): void {
    this.#harmless.delete(name);
    this.#waiting.delete(name);
  }

  #entry(name: string): Entry | undefined {
    const entry = this.#waiting.get(name) ?? this.#harmless.get(name);
    return entry === undefined || this.#isOld(entry) ? undefined : entry;
  }

  #isOld(entry: Entry): boolean {
    return this.#clock() - entry.lastAt >= this.#limits.memory;
  }

  #trim(): void {
    for (const names of [this.#harmless, this.#waiting]) {
      for (const [name, entry] of names) {
        if (!this.#isOld(entry)) break;
        names.delete(name);
      }
    }
    // Each has its half: neither can crowd out the other, or a full table would count nobody any more.
    for (const names of [this.#harmless, this.#waiting]) {
      const [oldest] = names.keys();
      if (oldest !== undefined && names.size > this.#limits.capacity / 2) names.delete(oldest);
    }
  }
}
