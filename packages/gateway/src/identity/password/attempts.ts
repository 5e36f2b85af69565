import { isIPv6 } from 'node:net';
import { GatewayError } from '../../core/errors.ts';
import type { Clock } from '../../core/types.ts';
import { Throttle, type ThrottleLimits } from './throttle.ts';

const MINUTE = 60_000;
const REMEMBERED = 10_000;
/** Guessing one account from everywhere: some 1,500 tries a day at most. */
const ACCOUNT: ThrottleLimits = {
  free: 5,
  first: 1000,
  ceiling: MINUTE,
  memory: 60 * MINUTE,
  capacity: REMEMBERED,
};
/** An office may share one address, so it may fail more often; guessing many accounts from one place waits longer. */
const ADDRESS: ThrottleLimits = {
  free: 20,
  first: 1000,
  ceiling: 5 * MINUTE,
  memory: 60 * MINUTE,
  capacity: REMEMBERED,
};

/** One try that was counted as failed. */
interface Attempt {
  /** The password was right. */
  succeeded(): void;
  /** Nobody could tell: it does not count. */
  cancel(): void;
}

/**
 * Slows down guessing, by account and by client address. Whoever signed in to an account from an address before is
 * counted apart there: strangers who fail on purpose do not make them wait.
 */
export class Attempts {
  readonly #accounts: Throttle;
  readonly #addresses: Throttle;
  /** Account and address that belong together, least recently used in front. */
  readonly #known = new Set<string>();

  constructor(clock: Clock) {
    this.#accounts = new Throttle(ACCOUNT, clock);
    this.#addresses = new Throttle(ADDRESS, clock);
  }

  /**
   * Counts one try.
   *
   * @throws GatewayError `too_many_attempts` (429) when it comes too early; it is not counted then, so waiting always helps
   */
  begin(account: string, clientAddress: string): Attempt {
    const network = networkOf(clientAddress);
    const pair = `${network} ${account}`;
    const known = this.#known.has(pair);
    const accountKey = known ? `known ${pair}` : `any ${account}`;
    const wait = Math.max(this.#accounts.wait(accountKey), known ? 0 : this.#addresses.wait(network));
    if (wait > 0) throw tooMany(wait);
    this.#accounts.fail(accountKey);
    if (!known) this.#addresses.fail(network);
    const uncount = (): void => {
      // Only its own try: a right password must not wipe out the guesses at others from the same place.
      if (!known) this.#addresses.forgive(network);
    };
    return {
      succeeded: () => {
        this.#accounts.forget(accountKey);
        uncount();
        this.#remember(pair);
      },
      cancel: () => {
        this.#accounts.forgive(accountKey);
        uncount();
      },
    };
  }

  #remember(pair: string): void {
    this.#known.delete(pair);
    this.#known.add(pair);
    if (this.#known.size > REMEMBERED) {
      const [oldest = ''] = this.#known;
      this.#known.delete(oldest);
    }
  }
}

/** 429, with the time to wait. */
function tooMany(wait: number): GatewayError {
  const seconds = Math.ceil(wait / 1000);
  return new GatewayError('too_many_attempts', 429, `the next try is allowed in ${seconds} s`, {
    publicMessage: 'There were too many wrong tries.',
    publicHint: `Wait ${seconds === 1 ? 'a second' : `${seconds} seconds`}, then try again.`,
    retryAfter: wait,
  });
}

/** One household or office: an IPv4 address, or the first 64 bits of an IPv6 one (RFC 4291 section 2.5.4), which one client has all of. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [plain = ''] = address.split('%');
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined
      ? before
      : [...before, ...Array(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
