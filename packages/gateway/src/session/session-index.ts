import type { ProviderLogout, Session } from '../core/types.ts';
import { SESSION_PREFIX } from './record.ts';
import type { Sealer } from './seal.ts';
import type { SessionStore } from './store.ts';

const BY_SUBJECT = 'by-subject:';
const BY_PROVIDER_SID = 'by-provider-sid:';
const PRESENT = Uint8Array.of(1);

/**
 * Rows beside the sessions', `<kind>:<tag of the person>:<session>`, by which the sessions of one person are found without
 * opening everybody's. A tag tells nothing to whoever steals the database. A row is a hint: its session may be gone,
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
    const rows = [this.#prefixes(BY_SUBJECT, identity.issuer, identity.subject)[0]];
    if (providerSid !== undefined)
      rows.push(this.#prefixes(BY_PROVIDER_SID, identity.issuer, providerSid)[0]);
    for (const row of rows) await this.#store.set(row + suffix(key), PRESENT, ttl);
  }

  async remove(key: string, session: Session): Promise<void> {
    for (const prefix of this.#all({
      issuer: session.identity.issuer,
      subject: session.identity.subject,
      sid: session.providerSid,
    }))
      await this.#store.delete(prefix + suffix(key));
  }

  /** Keys of the sessions that may be meant, each once. */
  async find(meant: ProviderLogout): Promise<Set<string>> {
    const keys = new Set<string>();
    for (const prefix of this.#all(meant))
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

  #prefixes(kind: string, issuer: string, name: string): [string, ...string[]] {
    const [first, ...others] = this.#sealer.tags('session index', JSON.stringify([kind, issuer, name]));
    const prefix = (tag: string): string => `${kind}${tag}:`;
    return [prefix(first), ...others.map(prefix)];
  }
}

function suffix(key: string): string {
  return key.slice(SESSION_PREFIX.length);
}
