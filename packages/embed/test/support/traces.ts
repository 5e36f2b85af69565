import type { Page } from 'playwright-core';

/** Everything of a page that an app in it could leave behind. */
export interface Traces {
  readonly globals: readonly string[];
  readonly patched: readonly string[];
  readonly head: readonly string[];
  readonly body: string;
  readonly title: string;
  readonly address: string;
  readonly colour: string;
}

/** What a page is like now; its own script `window.listening` counts listeners of `window` and `document`. */
export function tracesOf(page: Page): Promise<Traces> {
  return page.evaluate(() => {
    const prototypes = { Event, Element, CSSStyleSheet, HTMLAnchorElement };
    const objects = [
      window,
      document,
      history,
      customElements,
      ...Object.values(prototypes).map((one) => one.prototype),
    ];
    const functionsOf = (object: object) =>
      Object.entries(Object.getOwnPropertyDescriptors(object)).map(([name, { value, get, set }]) => {
        // What the browser brings says so, what a script brings shows its text.
        const text = [value, get, set].map((one) =>
          typeof one === 'function' ? Function.prototype.toString.call(one) : '',
        );
        return `${name} ${text.join(' ')}`.slice(0, 120);
      });
    const paragraph = document.querySelector('p');
    return {
      globals: [...Reflect.ownKeys(window), ...Reflect.ownKeys(document)].map(String).sort(),
      patched: objects.flatMap(functionsOf),
      head: [...document.head.children].map((one) => one.outerHTML.slice(0, 120)),
      body: document.body.innerHTML,
      title: document.title,
      address: location.href,
      colour: paragraph ? getComputedStyle(paragraph).color : '',
    };
  });
}

/** Counts listeners of the page's own objects from now on, and timers that run again and again. */
export async function countListeners(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const open = new Set<string>();
    Object.assign(window, { open_listeners: open });
    const names = new Map<unknown, number>();
    const key = (target: EventTarget, type: string, listener: unknown, options: unknown): string => {
      if (!names.has(listener)) names.set(listener, names.size);
      const capture =
        typeof options === 'object' ? (options as EventListenerOptions | null)?.capture : options;
      return `${target === window ? 'window' : 'document'} ${type} ${names.get(listener)} ${capture === true}`;
    };
    const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
    EventTarget.prototype.addEventListener = function (type, listener, options) {
      if (this === window || this === document) {
        const entry = key(this, type, listener, options);
        open.add(entry);
        if (typeof options === 'object' && options?.once)
          add.call(this, type, () => open.delete(entry), { once: true });
        if (typeof options === 'object') options?.signal?.addEventListener('abort', () => open.delete(entry));
      }
      return add.call(this, type, listener, options);
    };
    EventTarget.prototype.removeEventListener = function (type, listener, options) {
      open.delete(key(this, type, listener, options));
      return remove.call(this, type, listener, options);
    };
    const intervals = { setInterval: window.setInterval, clearInterval: window.clearInterval };
    window.setInterval = ((...args: Parameters<typeof setInterval>) => {
      const id = intervals.setInterval.apply(window, args as never);
      open.add(`interval ${id}`);
      return id;
    }) as unknown as typeof window.setInterval;
    window.clearInterval = (id) => {
      open.delete(`interval ${id}`);
      intervals.clearInterval.call(window, id);
    };
  });
  return () => page.evaluate(() => [...Reflect.get(window, 'open_listeners')].sort());
}
