import { createHash } from 'node:crypto';
import type { RandomBytes } from '../core/types.ts';
import { parseCookies, setCookie } from '../http/cookies.ts';
import type { LoginTransaction } from '../identity/provider.ts';
import type { LoginContext } from './context.ts';
import { singleCookie } from './single-cookie.ts';

/** How long somebody may take at the provider. */
export const TRANSACTION_LIFE_MS = 10 * 60_000;
const PURPOSE = 'login';
/** Sign-ins under way in one browser; a fifth pushes out the oldest, so cookies cannot pile up (security fact 2). */
const MAX_UNDER_WAY = 4;
/** With this the sealed cookie stays well below the 4 KB that browsers keep, and four of them below a head's limit. */
const MAX_RETURN_TO = 1536;

type Kit = Pick<LoginContext, 'cookies' | 'seal' | 'clock'>;

/** A fresh transaction: state, nonce and verifier of 256 bits each. */
export function newTransaction(
  random: RandomBytes,
  given: Pick<LoginTransaction, 'provider' | 'redirectUri' | 'returnTo' | 'createdAt'>,
): LoginTransaction {
  const secret = (): string => Buffer.from(random(32)).toString('base64url');
  const [pathOnly = '/'] = given.returnTo.split(/[?#]/);
  const fits = [given.returnTo, pathOnly, '/'].find((candidate) => candidate.length <= MAX_RETURN_TO);
  return { ...given, returnTo: fits ?? '/', state: secret(), nonce: secret(), codeVerifier: secret() };
}

/** The cookie of the transaction with this state, so that a callback finds its own among several tabs'. */
function transactionCookie(kit: Pick<Kit, 'cookies'>, state: string): string {
  return kit.cookies.loginPrefix + createHash('sha256').update(state).digest('base64url').slice(0, 16);
}

/** `Set-Cookie` values that keep this transaction and clear older ones beyond the cap. */
export function keepTransaction(
  kit: Kit,
  cookieHeader: string | undefined,
  transaction: LoginTransaction,
): string[] {
  const { secure } = kit.cookies;
  const name = transactionCookie(kit, transaction.state);
  const others = parseCookies(cookieHeader)
    .filter(([other]) => other.startsWith(kit.cookies.loginPrefix))
    .map(([other, value]) => ({ name: other, createdAt: open(kit, other, value)?.createdAt ?? 0 }))
    .sort((a, b) => b.createdAt - a.createdAt);
  const oldest = kit.clock() - TRANSACTION_LIFE_MS;
  const surplus = new Set(
    others
      .filter((other, index) => index >= MAX_UNDER_WAY - 1 || other.createdAt <= oldest)
      .map((other) => other.name),
  );
  return [
    ...[...surplus].map((other) => setCookie(other, '', { secure, maxAge: 0 })),
    setCookie(name, kit.seal.sealText(PURPOSE, JSON.stringify(transaction), name), {
      secure,
      maxAge: TRANSACTION_LIFE_MS / 1000,
    }),
  ];
}

/** `Set-Cookie` value that takes the transaction of this state away. */
export function clearTransaction(kit: Pick<Kit, 'cookies'>, state: string): string {
  return setCookie(transactionCookie(kit, state), '', { secure: kit.cookies.secure, maxAge: 0 });
}

/** This browser's transaction with this state, if it has one that is not too old. */
export function findTransaction(
  kit: Kit,
  cookieHeader: string | undefined,
  state: string,
): LoginTransaction | undefined {
  const name = transactionCookie(kit, state);
  const value = singleCookie(cookieHeader, name);
  const transaction = value === undefined ? undefined : open(kit, name, value);
  if (transaction === undefined || transaction.state !== state) return undefined;
  return kit.clock() - transaction.createdAt < TRANSACTION_LIFE_MS ? transaction : undefined;
}

/** What opens was sealed here under this name, so its shape is ours. */
function open(kit: Kit, name: string, value: string): LoginTransaction | undefined {
  const text = kit.seal.openText(PURPOSE, value, name);
  return text === undefined ? undefined : (JSON.parse(text) as LoginTransaction);
}
