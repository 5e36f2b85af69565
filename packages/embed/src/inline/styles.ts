import type { AppAddress } from './address.ts';
import type { Files } from './files.ts';

/** In a shadow root nothing is `:root`; this is as specific, and means the app's own `html`. */
const ROOT = ':where(html):not(._)';
const URL_IN_CSS = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^"')\s]*))\s*\)/g;
const IMPORT = /@import\s+(?:url\(\s*)?["']?([^"')\s;]+)["']?\s*\)?([^;]*);/g;
const FONT_FACE = /@font-face\s*\{[^}]*\}/g;

export function rootToHtml(css: string): string {
  return css.replace(/:root(?![\w-])/g, ROOT);
}

/** The `@font-face` rules of a style sheet: those in a shadow root are not heard. */
export function fontFaces(css: string): string[] {
  return css.match(FONT_FACE) ?? [];
}

/** Replaces what a regular expression finds, by something that has to be waited for. */
async function replaced(
  text: string,
  pattern: RegExp,
  by: (match: RegExpExecArray) => Promise<string> | string,
): Promise<string> {
  const matches = [...text.matchAll(pattern)];
  const parts = await Promise.all(matches.map(by));
  let end = 0;
  const pieces = matches.flatMap((match, index) => {
    const before = text.slice(end, match.index);
    end = match.index + match[0].length;
    return [before, parts[index] ?? ''];
  });
  return [...pieces, text.slice(end)].join('');
}

/** Style sheets of the app, made ready for the shadow root. */
export class Styles {
  readonly #address: AppAddress;
  readonly #files: Files;
  readonly #fonts: Pick<HTMLStyleElement, 'append'>;
  readonly #known = new Set<string>();

  /** @param fonts - in the page's head, where the app's fonts are declared */
  constructor(address: AppAddress, files: Files, fonts: Pick<HTMLStyleElement, 'append'>) {
    this.#address = address;
    this.#files = files;
    this.#fonts = fonts;
  }

  /**
   * Addresses in it are absolute then, or blobs where they need a token; imports are in place.
   *
   * @param from - what its addresses are relative to
   */
  async ready(css: string, from: URL = this.#address.page): Promise<string> {
    const imported = await replaced(css, IMPORT, async ([whole, href = '', media = '']) => {
      const url = this.#address.own(href, from);
      if (!url) return whole;
      const text = await this.#files.text(url).then(
        (inner) => this.ready(inner, url),
        () => '',
      );
      return media.trim() === '' ? text : `@media ${media} {${text}}`;
    });
    const addressed = await replaced(imported, URL_IN_CSS, async ([whole, ...quoted]) => {
      const href = quoted.find((one) => one !== undefined) ?? '';
      if (href === '' || /^(?:data|blob|#)/.test(href)) return whole;
      return `url("${await this.#place(href, from)}")`;
    });
    this.declare(fontFaces(addressed));
    return rootToHtml(addressed);
  }

  /** Copies fonts to the page's head, each once. */
  declare(faces: readonly string[]): void {
    for (const face of faces) {
      if (this.#known.has(face)) continue;
      this.#known.add(face);
      this.#fonts.append(face, '\n');
    }
  }

  async #place(href: string, from: URL): Promise<string> {
    const url = this.#address.own(href, from);
    if (url) return this.#files.blob(url).catch(() => url.href);
    return this.#address.resolve(href, from)?.href ?? href;
  }
}
