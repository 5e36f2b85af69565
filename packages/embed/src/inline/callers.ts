/**
 * Whose code is running. Page and app share one `window` and one `document`; what is patched for the app must stay as it
 * was for the page, so every patch asks who calls. The app's scripts run under addresses of their own, which stand in
 * the stack.
 */
export class Callers {
  readonly #mark: string;
  readonly #ours: string;
  #active = true;

  /** @param base - below which all of the app's scripts lie, ending in a slash */
  constructor(base: URL) {
    this.#mark = base.href;
    // An app at the root of its host has the gateway's own scripts below it.
    this.#ours = `${base.origin}/.auth/`;
  }

  readonly isApp = (): boolean =>
    this.#active && (new Error().stack ?? '').replaceAll(this.#ours, '').includes(this.#mark);

  /** What still holds a patched function gets the original behaviour. */
  stop(): void {
    this.#active = false;
  }
}
