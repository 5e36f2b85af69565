import { createPortico } from '../app/portico.ts';
import { applyTheme } from '../app/theme.ts';
import { createLink, type Link } from '../bridge.ts';
import { within } from '../deadline.ts';
import { EmbedError } from '../errors.ts';
import type { Mounted, MountOptions } from '../mount.ts';
import { addressOf } from './address.ts';
import { Callers } from './callers.ts';
import { patchDocument } from './documents.ts';
import { Files } from './files.ts';
import { type Framework, frameworkOf } from './frameworks.ts';
import { Globals } from './globals.ts';
import { patchLeftovers } from './leftovers.ts';
import { patchLinks } from './links.ts';
import { patchNetwork } from './network.ts';
import { type AppPage, fetchPage } from './page.ts';
import { Patches } from './patches.ts';
import { patchResources, ResourceWatch } from './resources.ts';
import { isExecutable, Scripts } from './scripts.ts';
import { Styles } from './styles.ts';
import { copyAttributes, plant, type Tree } from './tree.ts';

const DRAWN_MS = 60_000;

/** The frameworks' scripts live on `window`, which there is one of. */
let taken = false;

/**
 * Draws an app in the page itself, without a frame. The app can reach everything that the page can.
 *
 * @param host - the custom element
 * @throws EmbedError
 */
export async function mountInline(
  host: HTMLElement & { reload(): void },
  options: MountOptions,
): Promise<Mounted> {
  if (taken) throw new EmbedError('inline_taken', 'This page shows another app without a frame already.');
  taken = true;
  const patches = new Patches();
  patches.later(() => {
    taken = false;
  });
  const unmount = (): void => patches.undo();
  options.signal.addEventListener('abort', unmount, { once: true });
  try {
    return await draw(host, options, patches);
  } catch (error) {
    unmount();
    throw error;
  }
}

async function draw(
  host: HTMLElement & { reload(): void },
  { url, place, gateway, tokens, link, settings, report, signal }: MountOptions,
  patches: Patches,
): Promise<Mounted> {
  let phase: 'loading' | 'ready' | 'lost' = 'loading';
  const lost = (error: EmbedError): void => {
    if (phase === 'ready' && !signal.aborted) report(error);
    if (phase === 'ready') phase = 'lost';
  };
  const first = addressOf(url);
  const callers = new Callers(first.base);
  const network = patchNetwork(patches, { address: first, callers, gateway, tokens, lost });
  const page = await fetchPage(url, network.fetch, signal);
  signal.throwIfAborted();
  const framework = frameworkOf(page.document);
  if (!framework) throw new EmbedError('not_inline', 'Apps of this framework are shown in a frame only.');

  const address = addressOf(page.url);
  framework.prepare?.(page, address);
  const tree = plant(place);
  const files = new Files(network.fetch);
  const fonts = document.head.appendChild(document.createElement('style'));
  const styles = new Styles(address, files, fonts);
  const watch = new ResourceWatch({ address, files, styles });
  const globals = new Globals(framework.late);
  const scripts = new Scripts(address, files, globals, host.nonce);
  patches.later(() => {
    callers.stop();
    watch.stop();
    scripts.remove();
    fonts.remove();
    tree.host.remove();
    files.revoke();
    link.attach();
    globals.restore();
  });
  patchDocument(patches, callers, tree, page.document.title);
  patchResources(patches, callers, watch, styles);
  patchLeftovers(patches, callers);
  patchLinks(patches, callers, tree.root, address, files);
  const { feed, connect } = bridge(link, tree);
  patches.define(window, 'portico', { value: feed.portico, writable: true });
  for (const [name, value] of Object.entries(framework.globals?.(address) ?? {}))
    patches.define(window, name, { value, writable: true });

  watch.watch(tree.root);
  const runnable = await fill(tree, page, watch, signal);
  if (framework.fills) {
    const asked = host.getAttribute('height') ?? 'auto';
    const height = asked === 'auto' ? '100vh' : asked;
    Object.assign(tree.body.style, { position: 'relative', margin: '0', overflow: 'hidden', height });
  }
  scripts.redirect(tree);
  await scripts.page(runnable, (text) => framework.script?.(text, address) ?? text, signal);
  await drawn(framework, tree, signal);
  connect();
  const update = (): void => feed.settings(settings());
  update();
  phase = 'ready';
  report('ready');
  return {
    update,
    renew() {
      network.renew();
      if (phase === 'lost') host.reload();
    },
    // There is no session but the token: its sockets are closed with the app.
    end: async () => {},
    unmount: () => patches.undo(),
  };
}

/** Puts the page into the tree, its style sheets first. @returns its scripts, which have not run */
async function fill(
  tree: Tree,
  { document: page }: AppPage,
  watch: ResourceWatch,
  signal: AbortSignal,
): Promise<HTMLScriptElement[]> {
  const runnable = [...page.scripts].filter(isExecutable);
  for (const script of runnable) script.remove();
  copyAttributes(page.documentElement, tree.html);
  copyAttributes(page.body, tree.body);
  const kept = page.head.querySelectorAll('style, link[rel~="stylesheet"], script');
  tree.head.append(...[...kept].map((node) => document.importNode(node, true)));
  tree.body.append(...[...page.body.childNodes].map((node) => document.importNode(node, true)));
  // In a page of their own, scripts wait for style sheets as well: what is drawn is measured.
  const links = [...tree.root.querySelectorAll<HTMLLinkElement>('link[rel~="stylesheet"]')];
  await Promise.all(links.map((link) => watch.link(link)));
  signal.throwIfAborted();
  return runnable;
}

/** The app's end of the bridge is in the same page, so nothing has to be posted; what is told is copied all the same. */
function bridge(link: Link, tree: Tree) {
  const app = createLink();
  const feed = createPortico(app);
  feed.portico.onTheme((theme) => applyTheme(theme, tree.html));
  const connect = (): void => {
    app.attach((message) => link.receive(structuredClone(message)));
    link.attach((message) => app.receive(structuredClone(message)));
  };
  return { feed, connect };
}

async function drawn(framework: Framework, tree: Tree, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => {
    if (framework.drawn(tree) || signal.aborted) resolve();
  };
  const changes = new MutationObserver(look);
  changes.observe(tree.root, { childList: true, subtree: true });
  look();
  await within(DRAWN_MS, promise).finally(() => changes.disconnect());
  signal.throwIfAborted();
}
