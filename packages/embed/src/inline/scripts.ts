import type { AppAddress } from './address.ts';
import type { Files } from './files.ts';
import type { Globals } from './globals.ts';
import { copyAttributes, type Tree } from './tree.ts';

const EXECUTABLE = /^(?:|module|(?:text|application)\/(?:x-)?(?:java|ecma)script)$/i;

export function isExecutable(script: Element): script is HTMLScriptElement {
  return script instanceof HTMLScriptElement && EXECUTABLE.test(script.type.trim());
}

/**
 * Runs the app's scripts from the page's head: in a shadow root there is no `document.currentScript`, by which bundles
 * find their other parts. Their text is fetched with the token, and runs under their own address.
 */
export class Scripts {
  readonly #address: AppAddress;
  readonly #files: Files;
  readonly #globals: Globals;
  readonly #nonce: string;
  readonly #run = new Set<Element>();
  #over = false;

  /** @param nonce - for a page whose content security policy wants one */
  constructor(address: AppAddress, files: Files, globals: Globals, nonce: string) {
    this.#address = address;
    this.#files = files;
    this.#globals = globals;
    this.#nonce = nonce;
  }

  /** The page's scripts, one after the other as they stand there; they are fetched at once. @throws Error */
  async page(
    scripts: readonly HTMLScriptElement[],
    rewrite: (text: string) => string,
    signal: AbortSignal,
  ): Promise<void> {
    const texts = scripts.map((script) => this.#textOf(script));
    for (const text of texts) Promise.resolve(text).catch(() => {});
    for (const [index, from] of scripts.entries()) {
      const script = document.createElement('script');
      copyAttributes(from, script);
      const text = await texts[index];
      signal.throwIfAborted();
      if (text === undefined) await this.#module(script);
      else if (from.hasAttribute('src'))
        this.#execute(script, text, this.#address.own(from.getAttribute('src') ?? ''));
      else this.#execute(script, rewrite(text));
    }
  }

  /** Lets scripts that the app inserts into its `head` or `body` run as it means them to. */
  redirect({ head, body }: Tree): void {
    for (const parent of [head, body])
      for (const name of ['appendChild', 'insertBefore', 'append', 'prepend'] as const) {
        const insert = parent[name].bind(parent) as (...nodes: unknown[]) => unknown;
        const value = (...nodes: unknown[]): unknown => {
          const [first] = nodes;
          if (!(first instanceof HTMLScriptElement) || !isExecutable(first)) return insert(...nodes);
          this.#inserted(first);
          return first;
        };
        Object.defineProperty(parent, name, { value, configurable: true });
      }
    // They stand elsewhere, as the app need not know.
    for (const parent of [head, body]) {
      const remove = parent.removeChild.bind(parent);
      const value = <Child extends Node>(child: Child): Child => {
        if (!(child instanceof HTMLScriptElement) || child.parentNode === parent) return remove(child);
        child.remove();
        return child;
      };
      Object.defineProperty(parent, 'removeChild', { value, configurable: true });
    }
  }

  /** Takes the elements off the page; what ran has run. */
  remove(): void {
    this.#over = true;
    for (const script of this.#run) script.remove();
    this.#run.clear();
  }

  #inserted(script: HTMLScriptElement): void {
    const src = script.getAttribute('src') ?? '';
    const url = this.#address.own(src);
    if (src !== '' && !url) this.#append(script);
    else if (!url) this.#execute(script, script.text);
    else if (script.type === 'module') void this.#module(script);
    else
      this.#files.text(url).then(
        (text) => {
          if (this.#over) return;
          this.#execute(script, text, url);
          script.dispatchEvent(new Event('load'));
        },
        () => script.dispatchEvent(new Event('error')),
      );
  }

  /** `undefined` for a module with an address: what it imports would be asked for without a token in any case. */
  #textOf(script: HTMLScriptElement): Promise<string> | string | undefined {
    const src = script.getAttribute('src');
    if (src === null) return script.text;
    if (script.type === 'module') return undefined;
    const url = this.#address.own(src);
    return url ? this.#files.text(url) : fetch(src).then((response) => response.text());
  }

  #execute(script: HTMLScriptElement, text: string, url?: URL): void {
    const src = url?.href;
    if (src !== undefined) {
      script.removeAttribute('src');
      Object.defineProperty(script, 'src', { value: src, configurable: true });
    }
    script.text = `${text}\n//# sourceURL=${src ?? new URL('#inline', this.#address.base).href}`;
    const changed = this.#globals.watch();
    this.#append(script);
    changed();
    // Bundles look for the scripts that are there already.
    if (src !== undefined) script.setAttribute('src', src);
  }

  async #module(script: HTMLScriptElement): Promise<void> {
    const src = this.#address.resolve(script.getAttribute('src') ?? '');
    if (!src) return;
    script.src = src.href;
    script.crossOrigin = 'anonymous';
    const loaded = new Promise<void>((resolve, reject) => {
      script.addEventListener('load', () => resolve());
      script.addEventListener('error', () =>
        reject(new Error(`${src.pathname} could not be loaded as a module.`)),
      );
    });
    const changed = this.#globals.watch();
    this.#append(script);
    await loaded.finally(changed);
  }

  #append(script: HTMLScriptElement): void {
    if (this.#nonce !== '') script.nonce = this.#nonce;
    this.#run.add(script);
    Document.prototype.querySelector.call(document, 'head')?.append(script);
  }
}
