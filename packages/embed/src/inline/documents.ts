import type { Callers } from './callers.ts';
import type { Patches } from './patches.ts';
import { hostsOf, type Tree } from './tree.ts';

type Look<Found> = (what: string) => Found;

/** What the app asks of `document` is answered from its own tree first; the page sees its own document as before. */
export function patchDocument(patches: Patches, { isApp }: Callers, tree: Tree, title: string): void {
  const { root, html, head, body } = tree;
  const one = <Args extends unknown[], Found>(
    name: 'getElementById' | 'querySelector' | 'elementFromPoint',
    inside: (...args: Args) => Found,
  ): void => {
    const original = document[name].bind(document) as unknown as (...args: Args) => Found;
    const value = (...args: Args): Found => (isApp() ? inside(...args) : undefined) ?? original(...args);
    patches.define(document, name, { value, writable: true });
  };
  one('getElementById', (id: string) => root.getElementById(id));
  one('querySelector', (selector: string) => root.querySelector(selector));
  one('elementFromPoint', (x: number, y: number) => root.elementFromPoint(x, y));

  const many = (
    name: 'querySelectorAll' | 'getElementsByTagName' | 'getElementsByClassName' | 'getElementsByName',
    inside: Look<ArrayLike<Element>>,
  ): void => {
    const original = document[name].bind(document) as Look<ArrayLike<Element>>;
    const value = (what: string): ArrayLike<Element> => {
      const found = isApp() ? inside(what) : undefined;
      return found?.length ? found : original(what);
    };
    patches.define(document, name, { value, writable: true });
  };
  many('querySelectorAll', (selector) => root.querySelectorAll(selector));
  many('getElementsByTagName', (tag) =>
    tag === 'html' ? root.querySelectorAll('html') : html.getElementsByTagName(tag),
  );
  many('getElementsByClassName', (names) => html.getElementsByClassName(names));
  many('getElementsByName', (name) => root.querySelectorAll(`[name=${CSS.escape(name)}]`));

  const getter = <Name extends 'head' | 'body' | 'documentElement' | 'activeElement'>(
    name: Name,
    inside: () => Document[Name] | null,
  ): void => {
    const original = () => Reflect.get(Document.prototype, name, document) as Document[Name];
    patches.define(document, name, { get: () => (isApp() ? inside() : undefined) ?? original() });
  };
  getter('head', () => head as HTMLHeadElement);
  getter('body', () => body);
  getter('documentElement', () => html);
  getter('activeElement', () => root.activeElement);

  const inside = (node: Node | null) => root.contains(node);
  patches.wrap(
    document,
    'contains',
    (contains) => (node) => contains.call(document, node) || (isApp() && inside(node)),
  );
  patchTitle(patches, isApp, title);
  patchTarget(patches, isApp, tree);
}

/** Dash writes `Updating…` into it with every callback; the title is the page's. */
function patchTitle(patches: Patches, isApp: () => boolean, title: string): void {
  let own = title;
  patches.define(document, 'title', {
    get: () => (isApp() ? own : Reflect.get(Document.prototype, 'title', document)),
    set(value: unknown) {
      if (isApp()) own = String(value);
      else Reflect.set(Document.prototype, 'title', value, document);
    },
  });
}

/** A listener of the app's on `document` wants to know what was clicked in the app, not that it was the app. */
function patchTarget(patches: Patches, isApp: () => boolean, { host, root }: Tree): void {
  const hosts = hostsOf(host).add(host);
  const original = Object.getOwnPropertyDescriptor(Event.prototype, 'target')?.get;
  patches.define(Event.prototype, 'target', {
    enumerable: true,
    get(this: Event): EventTarget | null {
      const target = original?.call(this) ?? null;
      if (target === null || !hosts.has(target) || !isApp()) return target;
      const own = this.composedPath().find((node) => node instanceof Node && node.getRootNode() === root);
      return own ?? target;
    },
  });
}
