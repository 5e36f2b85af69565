import { EmbedError, toEmbedError } from './errors.ts';
import type { Gateway } from './gateway.ts';
import { expiryOf, type TokenSource } from './tokens.ts';

/** The share of a token's life after which the next one is asked for. */
const RENEW_AFTER = 0.8;
const SOONEST_MS = 1000;
const LATEST_BACKOFF_MS = 30_000;
/** How often, in milliseconds, a token is asked for that does not say when it runs out. */
const OPAQUE_MS = 300_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The app's session in the frame: begins with the page's token, goes on with the newer ones. */
export class EmbeddedSession {
  readonly #gateway: Gateway;
  readonly #tokens: TokenSource;
  readonly #lost: (error: EmbedError) => void;
  #handle: string | undefined;
  #token = '';
  #due = Number.POSITIVE_INFINITY;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #renewing: Promise<void> | undefined;

  /** @param lost - called when the session cannot go on without a new sign-in or a new code */
  constructor(gateway: Gateway, tokens: TokenSource, lost: (error: EmbedError) => void) {
    this.#gateway = gateway;
    this.#tokens = tokens;
    this.#lost = lost;
    document.addEventListener('visibilitychange', this.#wake);
  }

  /**
   * Begins, or begins anew.
   *
   * @param renew - the token used last is no longer good
   * @returns the address for the frame
   * @throws EmbedError
   */
  async open(renew = false): Promise<URL> {
    let token = await this.#tokens.get(renew);
    const { start, handle } = await this.#gateway.code(token).catch(async (error) => {
      if (renew || toEmbedError(error).remedy !== 'sign_in' || !this.#tokens.provider) throw error;
      // A token out of the page's cache may have run out on the way.
      token = await this.#tokens.get(true);
      return this.#gateway.code(token);
    });
    this.#handle = handle;
    this.#went(token);
    return start;
  }

  /** Goes on with a newer token now. Never rejects: what goes wrong for good is `lost`. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** Ends the session at the gateway. @throws EmbedError */
  async end(): Promise<void> {
    const handle = this.#handle;
    this.stop();
    if (handle !== undefined) await this.#gateway.end(handle);
  }

  /** Asks for no more tokens; the session ends with the last one. */
  stop(): void {
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#wake);
    this.#handle = undefined;
  }

  async #renew(): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    let token: string;
    try {
      token = this.#tokens.provider ? await this.#tokens.get(true) : (this.#tokens.token ?? '');
      if (token === this.#token || token === '')
        throw new EmbedError('token_expired', 'The page has no newer token.', 'sign_in');
    } catch (error) {
      return this.#later(handle, toEmbedError(error));
    }
    try {
      await this.#gateway.renew(token, handle);
      if (this.#handle === handle) this.#went(token);
    } catch (error) {
      const { reason, remedy, message } = toEmbedError(error);
      if (remedy === 'wait') return this.#later(handle, new EmbedError(reason, message, remedy));
      this.#lose(handle, new EmbedError(remedy === 'none' ? 'session_ended' : reason, message, 'sign_in'));
    }
  }

  #went(token: string): void {
    this.#token = token;
    this.#failures = 0;
    const expiry = expiryOf(token);
    const left = expiry === undefined ? OPAQUE_MS / RENEW_AFTER : expiry - Date.now();
    // Without anybody to ask, the page has until the end to come with a newer one.
    this.#schedule(this.#tokens.provider ? left * RENEW_AFTER : expiry === undefined ? Infinity : left);
  }

  /** Tries again while the old token is good. */
  #later(handle: string, error: EmbedError): void {
    if ((expiryOf(this.#token) ?? Infinity) <= Date.now()) return this.#lose(handle, error);
    const left = (expiryOf(this.#token) ?? Infinity) - Date.now();
    this.#schedule(Math.min(SOONEST_MS * 2 ** this.#failures, LATEST_BACKOFF_MS, left));
    this.#failures += 1;
  }

  #lose(handle: string, error: EmbedError): void {
    if (this.#handle !== handle) return;
    this.#handle = undefined;
    this.#lost(error);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (ms === Infinity) return;
    const delay = Math.min(Math.max(ms, SOONEST_MS), LONGEST_TIMER_MS);
    this.#due = Date.now() + delay;
    this.#timer = setTimeout(() => void this.renew(), delay);
  }

  /** Timers stand still while a machine sleeps. */
  readonly #wake = (): void => {
    if (document.visibilityState === 'visible' && Date.now() >= this.#due) void this.renew();
  };
}
