import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { SignedIn } from '../../src/core/types.ts';
import { Sealer } from '../../src/session/seal.ts';
import { Sessions, type SessionsOptions } from '../../src/session/sessions.ts';
import type { SessionStore } from '../../src/session/store.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { SqliteStore } from '../../src/session/stores/sqlite.ts';

export const SECRET = 'a test secret of a good length';
export const HOUR = 3_600_000;

export const ADA: SignedIn = {
  identity: {
    issuer: 'https://id.example.com',
    subject: 'ada-1',
    provider: 'main',
    email: 'Ada@example.com',
    name: 'Ada Lovelace',
    roles: ['analyst'],
    groups: ['finance'],
  },
  tokens: { accessToken: 'access-1', refreshToken: 'refresh-1' },
};

export const BOB: SignedIn = {
  identity: { ...ADA.identity, subject: 'bob-2', email: 'bob@example.com', name: 'Bob' },
  tokens: {},
};

/** A clock that a test moves by hand. */
export class TestClock {
  now = 1_800_000_000_000;
  readonly read = () => this.now;
  advance(milliseconds: number): void {
    this.now += milliseconds;
  }
}

/** A path for a database in a directory of its own, gone after the test. */
export function temporaryFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'portico-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'state', 'portico.db');
}

export function sqliteStore(...args: ConstructorParameters<typeof SqliteStore>): SqliteStore {
  const store = new SqliteStore(...args);
  onTestFinished(() => store.close());
  return store;
}

export interface World {
  readonly clock: TestClock;
  readonly store: SessionStore;
  readonly sealer: Sealer;
  readonly sessions: Sessions;
  /** Another gateway process, as far as one process can play it: same store, own memory. */
  another(options?: Partial<SessionsOptions>): Sessions;
}

export function world(options: Partial<SessionsOptions> = {}): World {
  const clock = new TestClock();
  const sealer = new Sealer([SECRET]);
  const store = options.store ?? new MemoryStore(clock.read);
  const another = (more: Partial<SessionsOptions> = {}) =>
    new Sessions({
      store,
      sealer,
      clock: clock.read,
      random: randomBytes,
      limits: { absolute: 12 * HOUR, idle: HOUR },
      maxInMemory: 1000,
      ...options,
      ...more,
    });
  return { clock, store, sealer, sessions: another(), another };
}

/** A store that a test can take down. */
export class ShakyStore extends MemoryStore implements SessionStore {
  down = false;
  reads = 0;
  override get(key: string) {
    this.reads++;
    return this.#unlessDown(() => super.get(key));
  }
  override set(key: string, value: Uint8Array, ttl: number) {
    return this.#unlessDown(() => super.set(key, value, ttl));
  }
  override delete(key: string) {
    return this.#unlessDown(() => super.delete(key));
  }
  async #unlessDown<T>(work: () => Promise<T>): Promise<T> {
    if (this.down) throw new Error('connection refused');
    return work();
  }
}

/** How an outage of the store shows. */
export const unavailable = expect.objectContaining({ code: 'store_unavailable', status: 503 });
