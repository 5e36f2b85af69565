import type { AppAddress } from './address.ts';
import type { Callers } from './callers.ts';
import type { Files } from './files.ts';
import type { Patches } from './patches.ts';
import { fontFaces, rootToHtml, type Styles } from './styles.ts';

const SOURCES = 'img[src], source[src], video[src], audio[src], track[src], embed[src]';

export interface Resources {
  readonly address: AppAddress;
  readonly files: Files;
  readonly styles: Styles;
}

/** Gives what the app puts into its tree its files: pictures, media and style sheets are asked for with the token. */
export class ResourceWatch {
  readonly #use: Resources;
  readonly #written = new WeakMap<Element, string>();
  readonly #changes = new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === 'childList') for (const node of addedNodes) if (node instanceof Element) this.#below(node);
      const element = target instanceof Element ? target : target.parentElement;
      if (element) this.#one(element);
    }
  });

  constructor(use: Resources) {
    this.#use = use;
  }

  watch(root: ShadowRoot): void {
    const attributeFilter = ['src', 'href'];
    this.#changes.observe(root, { childList: true, subtree: true, characterData: true, attributeFilter });
    for (const element of root.children) this.#below(element);
  }

  stop(): void {
    this.#changes.disconnect();
  }

  /** A style sheet, once it has arrived; one that does not is left out. */
  async link(link: HTMLLinkElement): Promise<void> {
    const { address, files, styles } = this.#use;
    const href = link.getAttribute('href');
    const url = href ? address.own(href) : undefined;
    if (!url) return;
    // Panel waits for its style sheets by what their `href` was.
    const named = link.href;
    Object.defineProperty(link, 'href', { value: named, configurable: true });
    // The browser would ask without a token.
    link.removeAttribute('href');
    try {
      const css = await styles.ready(await files.text(url), url);
      const loaded = new Promise((resolve) => link.addEventListener('load', resolve, { once: true }));
      const blob = URL.createObjectURL(new Blob([css], { type: 'text/css' }));
      link.setAttribute('href', blob);
      await loaded;
      URL.revokeObjectURL(blob);
    } catch {
      link.dispatchEvent(new Event('error'));
    }
  }

  #below(element: Element): void {
    for (const one of [element, ...element.querySelectorAll(`${SOURCES}, style, link`)]) this.#one(one);
  }

  #one(element: Element): void {
    if (element instanceof HTMLStyleElement) void this.#style(element);
    else if (element instanceof HTMLLinkElement && element.rel === 'stylesheet') void this.link(element);
    else if (element.matches(SOURCES)) void this.#source(element);
  }

  async #source(element: Element): Promise<void> {
    const { address, files } = this.#use;
    const src = element.getAttribute('src');
    const url = src ? address.own(src) : undefined;
    if (!url) return;
    this.#written.set(element, url.href);
    element.removeAttribute('src');
    const blob = await files.blob(url).catch(() => undefined);
    // The app has changed its mind.
    if (this.#written.get(element) !== url.href || element.hasAttribute('src')) return;
    if (blob) element.setAttribute('src', blob);
    else element.dispatchEvent(new Event('error'));
  }

  async #style(element: HTMLStyleElement): Promise<void> {
    const css = element.textContent;
    if (!/:root|@font-face|@import|url\(/.test(css) || this.#written.get(element) === css) return;
    this.#written.set(element, css);
    const ready = await this.#use.styles.ready(css);
    if (element.textContent !== css || ready === css) return;
    this.#written.set(element, ready);
    element.textContent = ready;
  }
}

/** Shadow roots that the app makes, and rules it puts into style sheets without writing them down. */
export function patchResources(
  patches: Patches,
  { isApp }: Callers,
  watch: ResourceWatch,
  styles: Styles,
): void {
  patches.wrap(
    Element.prototype,
    'attachShadow',
    (attach) =>
      function attachShadow(this: Element, init) {
        const root = attach.call(this, init);
        if (isApp()) watch.watch(root);
        return root;
      },
  );
  patches.wrap(
    CSSStyleSheet.prototype,
    'insertRule',
    (insert) =>
      function insertRule(this: CSSStyleSheet, rule, index) {
        if (!/^\s*@font-face|:root/.test(rule) || !isApp()) return insert.call(this, rule, index);
        styles.declare(fontFaces(rule));
        return insert.call(this, rootToHtml(rule), index);
      },
  );
}
