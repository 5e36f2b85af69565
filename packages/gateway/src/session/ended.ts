/** How long a look-up that began before an end may still be under way. */
const MEMORY = 60_000;

interface Ended {
  readonly until: number;
  readonly expiresAt: number;
  deleted: boolean;
}

/**
 * Keys of sessions that ended here lately, so that a look-up which read the row just before does not bring one back, and
 * those whose row could not be deleted yet.
 */
export class EndedKeys {
  readonly #keys = new Map<string, Ended>();

  add(key: string, now: number, expiresAt: number): void {
    this.#keys.set(key, { until: now + MEMORY, expiresAt, deleted: false });
  }

  deleted(key: string): void {
    const ended = this.#keys.get(key);
    if (ended !== undefined) ended.deleted = true;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Still in the store although they ended. */
  undeleted(now: number): string[] {
    return [...this.#keys].filter(([, ended]) => !ended.deleted && now < ended.expiresAt).map(([key]) => key);
  }

  purge(now: number): void {
    for (const [key, ended] of this.#keys) {
      if (now >= ended.until && (ended.deleted || now >= ended.expiresAt)) this.#keys.delete(key);
    }
  }
}
