/** The app's own small document inside the page: real `html`, `head` and `body` elements, so that its CSS finds them. */
export interface Tree {
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
  readonly html: HTMLElement;
  readonly head: HTMLElement;
  readonly body: HTMLElement;
}

/** @param place - an empty element; the tree is a shadow root of its own in it, apart from the element's styles */
export function plant(place: HTMLElement): Tree {
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  const html = document.createElement('html');
  const head = document.createElement('head');
  const body = document.createElement('body');
  html.append(head, body);
  root.append(html);
  place.replaceChildren(host);
  return { host, root, html, head, body };
}

/** Attributes of the app's own `html` and `body`. Handlers are left out: those of a `body` would go to the page's window. */
export function copyAttributes(from: Element, to: Element): void {
  for (const { name, value } of from.attributes)
    if (!name.toLowerCase().startsWith('on')) to.setAttribute(name, value);
}

/** The hosts around a node, from the inside out: to the page, the app's events come from one of them. */
export function hostsOf(node: Node): Set<EventTarget> {
  const hosts = new Set<EventTarget>();
  for (let root = node.getRootNode(); root instanceof ShadowRoot; root = root.host.getRootNode())
    hosts.add(root.host);
  return hosts;
}
