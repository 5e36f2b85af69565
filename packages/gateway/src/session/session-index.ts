import type { ProviderLogout, Session } from '../core/types.ts';
import { SESSION_PREFIX } from './record.ts';
import type { Sealer } from './seal.ts';
import type { SessionStore } from './store.ts';

const BY_SUBJECT = 'by-subject:';
const BY_PROVIDER_SID = 'by-provider-sid:';
const BY_SID = 'by-sid:';
const PRESENT = Uint8Array.of(1);

/**
 * Rows beside the sessions', `<kind>:<tag of a name>:<session>`, by which the sessions of one person, or the one with a
 * `sid`, are found without opening everybody's. A tag tells nothing to whoever steals the database. A row is a hint: its session may be gone,
 * and whoever follows it looks at the session itself.
 */
export class SessionIndex {
  readonly #store: SessionStore;
  readonly #sealer: Sealer;

  constructor(store: SessionStore, sealer: Sealer) {
    this.#store = store;
    this.#sealer = sealer;
  }

  /** @param ttl - milliseconds from now */
  async add(key: string, session: Session, ttl: number): Promise<void> {
    const { identity, providerSid } = session;
    const rows = [
      this.#prefixes(BY_SUBJECT, identity.issuer, identity.subject)[0],
      this.#prefixes(BY_SID, session.sid)[0],
    ];
    if (providerSid !== undefined)
      rows.push(this.#prefixes(BY_PROVIDER_SID, identity.issuer, providerSid)[0]);
    for (const row of rows) await this.#store.set(row + suffix(key), PRESENT, ttl);
  }

  async remove(key: string, session: Session): Promise<void> {
    const { identity, providerSid, sid } = session;
    const person = this.#all({ issuer: identity.issuer, subject: identity.subject, sid: providerSid });
    for (const prefix of [...person, ...this.#prefixes(BY_SID, sid)])
      await this.#store.delete(prefix + suffix(key));
  }

  /** Keys of the sessions that may be meant, each once. */
  find(meant: ProviderLogout): Promise<Set<string>> {
    return this.#follow(this.#all(meant));
  }

  /** Keys of sessions that may have this handle. */
  findSid(sid: string): Promise<Set<string>> {
    return this.#follow(this.#prefixes(BY_SID, sid));
  }

  async #follow(prefixes: readonly string[]): Promise<Set<string>> {
    const keys = new Set<string>();
    for (const prefix of prefixes)
      for await (const [row] of this.#store.entries(prefix))
        keys.add(SESSION_PREFIX + row.slice(prefix.length));
    return keys;
  }

  #all({ issuer, subject, sid }: ProviderLogout): string[] {
    return [
      ...(subject === undefined ? [] : this.#prefixes(BY_SUBJECT, issuer, subject)),
      ...(sid === undefined ? [] : this.#prefixes(BY_PROVIDER_SID, issuer, sid)),
    ];
  }

  #prefixes(kind: string, ...names: readonly string[]): [string, ...string[]] {
    const [first, ...others] = this.#sealer.tags('session index', JSON.stringify([kind, ...names]));
    const prefix = (tag: string): string => `${kind}${tag}:`;
    return [prefix(first), ...others.map(prefix)];
  }
}

function suffix(key: string): string {
  return key.slice(SESSION_PREFIX.length);
}
