import type { Browser, FrameLocator, Page } from 'playwright-core';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import type { PorticoAppElement, StateChange } from '../../src/index.ts';
import { hostPage, StandIn } from './stand-in.ts';

declare global {
  interface Window {
    /** Of the page: every `portico-state` event. */
    states: StateChange[];
    /** Of the page: what its handlers heard. */
    heard: unknown[];
    /** Of the page: the tokens that a provider gives, one after the other. */
    tokens: string[];
    element: PorticoAppElement;
    /** Of the page: what the gateway's script exports. */
    sdk: typeof import('../../src/index.ts');
  }
}

const head = '<!doctype html><script src="/.auth/embed/app.js"></script>';

/** Pages of the app. */
const PAGES = {
  '/sales/': `${head}<p id="load"></p><p id="heard">nothing</p><p id="settings"></p><button>Tell</button>
    <div id="content" style="height:300px"></div><script>
    load.textContent = String(Math.random());
    portico.on('colour', (data) => { heard.textContent = data; });
    portico.on('double', (data) => data * 2);
    portico.on('broken', () => { throw new Error('inside the app'); });
    portico.ready.then(() => { settings.textContent = JSON.stringify([portico.embedded, portico.parameters, portico.theme]); });
    document.querySelector('button').onclick = () => portico.send('picked', { region: 'EU' });
    </script>`,
  '/sales/endless': `${head}<style>body { min-height: 100vh; margin: 8px }</style>`,
  '/sales/plain': '<!doctype html><p>an app without the script</p>',
  '/sales/socket': '<!doctype html><p>…</p><script>socket = new WebSocket("/sales/ws");</script>',
};

/** A browser, the stand-in, a page of a product and a page that is not listed. */
export class Stage {
  readonly gateway: StandIn;
  readonly browser: Browser;
  readonly host: string;
  readonly stranger: string;
  readonly #stop: readonly (() => Promise<void>)[];

  private constructor(
    gateway: StandIn,
    browser: Browser,
    host: string,
    stranger: string,
    stop: Stage['stop'][],
  ) {
    this.gateway = gateway;
    this.browser = browser;
    this.host = host;
    this.stranger = stranger;
    this.#stop = stop;
  }

  static async open(): Promise<Stage> {
    const gateway = await new StandIn(PAGES).start();
    const html = () => `<!doctype html><title>Shop</title>
      <script type="module">import * as sdk from '${gateway.url}/.auth/embed/portico.js'; window.sdk = sdk;</script>
      <script>states = []; heard = []; addEventListener('portico-state', (event) => states.push(event.detail));</script>`;
    const [host, stranger, browser] = await Promise.all([hostPage(html), hostPage(html), launchBrowser()]);
    gateway.listed.add(host.url);
    const stop = [() => browser.close(), () => host.stop(), () => stranger.stop(), () => gateway.stop()];
    return new Stage(gateway, browser, host.url, stranger.url, stop);
  }

  async stop(): Promise<void> {
    for (const each of this.#stop) await each();
  }

  /** A page of the product, without an app in it. */
  async page(at = this.host): Promise<Page> {
    Object.assign(this.gateway.trouble, { noCookie: false, code: 0, page: undefined });
    this.gateway.trouble.revoked.clear();
    this.gateway.log.length = 0;
    const { page } = await newPage(this.browser);
    await page.goto(at);
    return page;
  }

  /** Puts the element onto a page with these properties. */
  async show(page: Page, properties: Partial<PorticoAppElement>, path = '/sales/'): Promise<FrameLocator> {
    const given = { src: `${this.gateway.url}${path}`, ...properties };
    await page.evaluate((all) => {
      window.element = Object.assign(document.createElement('portico-app'), all);
      document.body.append(window.element);
    }, given as object);
    return page.frameLocator('portico-app iframe');
  }
}

/** Waits for a state; its reason. */
export async function becomes(page: Page, state: string): Promise<string | undefined> {
  await page.locator(`portico-app[state=${state}]`).waitFor({ state: 'attached' });
  return page.evaluate(() => window.element.reason);
}
