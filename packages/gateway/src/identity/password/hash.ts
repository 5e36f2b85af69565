import { createHmac, timingSafeEqual } from 'node:crypto';

/** How one password is kept. */
export type StoredPassword =
  | { readonly kind: 'argon2id' | 'bcrypt'; readonly encoded: string }
  /** Not hashed, as Panel's files have it. */
  | { readonly kind: 'plain'; readonly password: string };

/** What is wrong with a line that should be a hash, and how to mend it. */
interface Unusable {
  readonly message: string;
  readonly fix: string;
}

const ARGON2ID =
  /^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,3})\$[A-Za-z0-9+/]{11,128}\$[A-Za-z0-9+/]{16,128}$/;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** 256 MiB, 20 passes, 16 lanes and cost 16: a hash above these would let one sign-in stop all the others. */
const MOST = { memory: 262_144, passes: 20, lanes: 16, cost: 16 } as const;
/** Below this a stolen file is guessed quickly. `htpasswd -B` makes 5 unless told otherwise. */
const LEAST_COST = 10;
const HASH_ANEW = 'Make a new line with: portico hash-password';

/** A hash as it stands in a file, or why it cannot be used. Texts without `$` in front are passwords, not hashes. */
export function readHash(text: string): StoredPassword | Unusable {
  const argon2 = ARGON2ID.exec(text);
  if (argon2 !== null) {
    const [memory = 0, passes = 0, lanes = 0] = argon2.slice(1).map(Number);
    const sound = memory >= 8 * lanes && passes > 0 && lanes > 0;
    const bearable = memory <= MOST.memory && passes <= MOST.passes && lanes <= MOST.lanes;
    return sound && bearable
      ? { kind: 'argon2id', encoded: text }
      : { message: 'asks for more memory or time than a sign-in may take', fix: HASH_ANEW };
  }
  const bcrypt = BCRYPT.exec(text);
  if (bcrypt !== null) {
    const cost = Number(bcrypt[1]);
    return cost >= 4 && cost <= MOST.cost
      ? { kind: 'bcrypt', encoded: text }
      : { message: `has a bcrypt cost that is not between 4 and ${MOST.cost}`, fix: HASH_ANEW };
  }
  return {
    message: `${nameOf(text)} and cannot be used`,
    fix: `${HASH_ANEW}, or with: htpasswd -nB -C 12 NAME`,
  };
}

function nameOf(text: string): string {
  if (text.startsWith('$apr1$') || text.startsWith('$1$')) return 'is an MD5 hash';
  if (text.startsWith('{SHA}')) return 'is a SHA-1 hash';
  if (text.startsWith('$5$') || text.startsWith('$6$')) return 'is a hash of crypt(3)';
  if (text.startsWith('$argon2') || text.startsWith('$2')) return 'is a damaged hash';
  return 'is not a hash';
}

/** A hash that a thief of the file would guess quickly. */
export function isWeak(stored: StoredPassword): boolean {
  return stored.kind === 'bcrypt' && Number(BCRYPT.exec(stored.encoded)?.[1]) < LEAST_COST;
}

/**
 * Compares in a time that depends on neither text: both become digests of one length first, under a key that nobody
 * outside knows.
 */
export function samePassword(given: string, stored: string, key: Uint8Array): boolean {
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  return timingSafeEqual(digest(given), digest(stored));
}
