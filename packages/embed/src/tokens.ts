import { within } from './deadline.ts';
import { EmbedError } from './errors.ts';

/**
 * Gives the token of the page's user: an access token whose audience is the gateway.
 *
 * @param need - `renew`: the last one was refused or runs out, so one from a cache may not do
 */
export type TokenProvider = (need: { readonly renew: boolean }) => Promise<string> | string;

/** How long a page may take to come up with a token, in milliseconds. */
const PATIENCE_MS = 15_000;

/** Where the token comes from: the page sets one, or a function is asked. */
export class TokenSource {
  readonly #patience: number;
  #token: string | undefined;
  #provider: TokenProvider | undefined;
  #refused: string | undefined;
  #waiting: (() => void)[] = [];

  constructor(patience = PATIENCE_MS) {
    this.#patience = patience;
  }

  get token(): string | undefined {
    return this.#token;
  }

  get provider(): TokenProvider | undefined {
    return this.#provider;
  }

  /** @param from - a token, a function that gives one, or nothing when there is nobody any more */
  set(from: { readonly token?: string | undefined; readonly provider?: TokenProvider | undefined }): void {
    if ('token' in from) this.#token = from.token;
    if ('provider' in from) this.#provider = from.provider;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /**
   * A token; the page's own way to get one is waited for.
   *
   * @param renew - the one given last is no longer good
   * @throws EmbedError
   */
  get(renew = false): Promise<string> {
    if (renew) this.#refused = this.#token;
    const none = () =>
      this.#token === undefined
        ? new EmbedError('no_token', 'The page gave no token.', 'sign_in')
        : new EmbedError('token_expired', 'The page gave no newer token.', 'sign_in');
    return within(this.#patience, this.#next(renew), none);
  }

  async #next(renew: boolean): Promise<string> {
    for (;;) {
      if (this.#provider) return this.#ask(this.#provider, renew);
      if (this.#token && this.#token !== this.#refused) return this.#token;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #ask(provider: TokenProvider, renew: boolean): Promise<string> {
    let token: unknown;
    try {
      token = await provider({ renew });
    } catch {
      // What the page's own sign-in says may hold anything; it is not ours to show.
    }
    if (typeof token === 'string' && token !== '') return token;
    throw new EmbedError('token_failed', 'The page could not get a token.', 'sign_in');
  }
}

/**
 * When a JWT runs out, in milliseconds since 1970. Read to know when to ask for the next one, never to believe it.
 *
 * @returns undefined when the token is opaque
 */
export function expiryOf(token: string): number | undefined {
  try {
    const claims = atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
    const { exp } = JSON.parse(claims);
    return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
