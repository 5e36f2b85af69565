import { createHash } from 'node:crypto';
import { isObject } from '../core/object.ts';
import type { Clock, ProviderLogout, Session } from '../core/types.ts';
import type { Sealer } from '../session/seal.ts';
import { type SessionStore, storeUnavailable } from '../session/store.ts';

const PREFIX = 'bearer-end:';
const PURPOSE = 'bearer end';
/** How long a person's end is remembered. Tokens with a longer life than this should not be. */
const REMEMBERED = 30 * 86_400_000;

/** What has ended, by every name that a token could have for it. */
export interface BearerEnd {
  readonly names: readonly string[];
  /** Tokens that were issued until then are over; milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

const name = (...parts: readonly string[]): string => JSON.stringify(parts);

/** What an operator ends, in the words of `isMeant`: a handle, a subject, or an e-mail address in any case. */
export function endOf(userOrSid: string, now: number): BearerEnd {
  const names = [name('is', userOrSid), name('email', userOrSid.toLowerCase())];
  return { names, at: now, until: now + REMEMBERED };
}

/** What a provider ends, in the words of `isLoggedOut`. */
export function endOfLogout({ issuer, subject, sid }: ProviderLogout, now: number): BearerEnd {
  const names = [
    ...(sid === undefined ? [] : [name('provider-sid', issuer, sid)]),
    ...(subject === undefined
      ? []
      : [name(sid === undefined ? 'subject' : 'subject without sid', issuer, subject)]),
  ];
  return { names, at: now, until: now + REMEMBERED };
}

/** One token, until it would have ended anyway. */
export function endOfToken({ sid, expiresAt }: Session): BearerEnd {
  return { names: [name('sid', sid)], at: Number.MAX_SAFE_INTEGER, until: expiresAt };
}

function namesOf({ sid, identity, providerSid }: Session): string[] {
  const { issuer, subject, email } = identity;
  return [
    name('sid', sid),
    name('is', sid),
    name('is', subject),
    ...(email === undefined ? [] : [name('email', email.toLowerCase())]),
    name('subject', issuer, subject),
    providerSid === undefined
      ? name('subject without sid', issuer, subject)
      : name('provider-sid', issuer, providerSid),
  ];
}

/**
 * Which tokens are over before their time. They are good JWTs all the same, so this is written down: in memory, and in the store
 * for other processes and the next start.
 */
export class BearerEnds {
  readonly #store: SessionStore;
  readonly #sealer: Sealer;
  readonly #clock: Clock;
  readonly #ends = new Map<string, Pick<BearerEnd, 'at' | 'until'>>();
  /** Rows of the store that are known already. */
  #rows = new Set<string>();
  #loaded: Promise<readonly BearerEnd[]> | undefined;

  constructor(store: SessionStore, sealer: Sealer, clock: Clock) {
    this.#store = store;
    this.#sealer = sealer;
    this.#clock = clock;
  }

  /** In memory at once, then in the store. @throws GatewayError `store_unavailable` (503) */
  async add(end: BearerEnd): Promise<void> {
    this.#remember(end);
    const value = Buffer.from(JSON.stringify(end));
    const row = PREFIX + createHash('sha256').update(value).digest('base64url');
    this.#rows.add(row);
    await this.#store.set(row, this.#sealer.seal(PURPOSE, value, row), end.until - this.#clock());
  }

  /** Reads what was written before this process began; later calls cost nothing. @throws GatewayError `store_unavailable` (503) */
  async load(): Promise<void> {
    this.#loaded ??= this.follow();
    try {
      await this.#loaded;
    } catch (error) {
      this.#loaded = undefined;
      throw error;
    }
  }

  /** What other processes have ended since. @throws GatewayError `store_unavailable` (503) */
  async follow(): Promise<readonly BearerEnd[]> {
    const found: BearerEnd[] = [];
    const rows = new Set<string>();
    try {
      for await (const [row, sealed] of this.#store.entries(PREFIX)) {
        rows.add(row);
        if (this.#rows.has(row)) continue;
        const end = readEnd(this.#sealer.open(PURPOSE, sealed, row));
        if (end === undefined) continue;
        this.#remember(end);
        found.push(end);
      }
    } catch (cause) {
      throw storeUnavailable('The session store does not tell which tokens are over', cause);
    }
    this.#rows = rows;
    return found;
  }

  /** @param issuedAt - milliseconds since the epoch */
  has(session: Session, issuedAt: number): boolean {
    return namesOf(session).some((one) => issuedAt <= (this.#ends.get(one)?.at ?? Number.NEGATIVE_INFINITY));
  }

  /** Forgets what no token can mean any more. */
  purge(now: number): void {
    for (const [one, { until }] of this.#ends) if (until <= now) this.#ends.delete(one);
  }

  #remember({ names, at, until }: BearerEnd): void {
    for (const one of names) {
      const known = this.#ends.get(one);
      this.#ends.set(one, { at: Math.max(at, known?.at ?? 0), until: Math.max(until, known?.until ?? 0) });
    }
  }
}

function readEnd(bytes: Uint8Array | undefined): BearerEnd | undefined {
  if (bytes === undefined) return undefined;
  const value: unknown = JSON.parse(Buffer.from(bytes).toString());
  return isObject(value) ? (value as unknown as BearerEnd) : undefined;
}
