import type { AppAddress } from './address.ts';
import type { AppPage } from './page.ts';
import type { Tree } from './tree.ts';

/** What is particular about the pages of a framework. */
export interface Framework {
  readonly name: string;
  isIt(page: Document): boolean;
  /** Changes the page before anything of it is used. */
  prepare?(page: AppPage, address: AppAddress): void;
  /** It is as high as its window, and has no height of its own. */
  readonly fills?: true;
  /** Names that its scripts set on what all scripts share, long after they ran. */
  readonly late?: RegExp;
  /** What its scripts want to find on `window`. */
  globals?(address: AppAddress): Readonly<Record<string, unknown>>;
  /** Changes a script that stands in the page. */
  script?(text: string, address: AppAddress): string;
  /** Whether something of the app can be seen. */
  drawn(tree: Tree): boolean;
}

/** Dash asks below the prefix of its configuration: made absolute, that is the app and not the page. */
const dash: Framework = {
  name: 'dash',
  isIt: (page) => page.getElementById('_dash-config') !== null,
  prepare({ document }, address) {
    const element = document.getElementById('_dash-config');
    if (!element) return;
    const config = JSON.parse(element.textContent);
    const prefix = address.resolve(String(config.requests_pathname_prefix ?? '/'));
    config.requests_pathname_prefix = prefix?.href;
    // Callbacks over a WebSocket run in a worker, which no patch of the page reaches; over HTTP they work as well.
    delete config.websocket;
    element.textContent = JSON.stringify(config);
  },
  late: /^(?:_reactListening|radix-ui$|_?_?dash_?(?:private|stores|Plotly)|store$|_lastElementInsertedByStyleLoader$)/,
  // A `var` could not be deleted again.
  script: (text) => text.replace(/^\s*var (\w+) = new DashRenderer/, 'window.$1 = new DashRenderer'),
  drawn: ({ root }) => {
    const entry = root.getElementById('react-entry-point');
    return entry?.firstElementChild != null && !entry.querySelector('._dash-loading');
  },
};

/** Bokeh and Panel take the address of their WebSocket from the page's, unless they are told another. */
const bokeh: Framework = {
  name: 'bokeh',
  // Panel's templates bring jQuery and Bootstrap.
  late: /^(?:_d|uidEvent)$/,
  isIt: (page) => [...page.scripts].some(({ text }) => text.includes('Bokeh.embed.embed_items(')),
  script: (text, { page }) =>
    text.replace(
      /(Bokeh\.embed\.embed_items\(docs_json, render_items)\)/,
      (_all, call) => `${call}, undefined, ${JSON.stringify(page.origin + page.pathname)})`,
    ),
  drawn: ({ root }) =>
    [...root.querySelectorAll('[data-root-id]')].some((one) => one.firstElementChild !== null),
};

/** Experimental: its scripts are modules that import each other, for which no token can be sent. */
const streamlit: Framework = {
  name: 'streamlit',
  isIt: (page) =>
    page.getElementById('root') !== null && page.querySelector('script[src*="static/js/index."]') !== null,
  fills: true,
  late: /^(?:_reactListening|react-aria|prerenderReady$|streamlitDebug$)/,
  globals({ base }) {
    const url = base.href.replace(/\/$/, '');
    return {
      __streamlit: {
        BACKEND_BASE_URL: url,
        HOST_CONFIG_BASE_URL: url,
        DOWNLOAD_ASSETS_BASE_URL: url,
        MAIN_PAGE_BASE_URL: url,
      },
    };
  },
  drawn: ({ root }) => root.querySelector('[data-testid="stMain"]') !== null,
};

/** Gradio has an element of its own for pages of others; of its page, that and the module that defines it are used. */
const gradio: Framework = {
  name: 'gradio',
  isIt: (page) => page.querySelector('gradio-app') !== null,
  late: /^(?:__gradio|__is_colab__$|__svelte$|__(?:click|className|attributes|style|e|t)$|Prism$)/,
  prepare({ document }, { page }) {
    const modules = [...document.querySelectorAll('script[type="module"][src]')];
    const element = document.createElement('gradio-app');
    element.setAttribute('src', page.href);
    document.head.replaceChildren();
    document.body.replaceChildren(element, ...modules);
  },
  drawn: ({ root }) =>
    root.querySelector('gradio-app .gradio-container button, gradio-app .contain') !== null,
};

/** @returns undefined for a framework that is shown in a frame only */
export function frameworkOf(page: Document): Framework | undefined {
  return [dash, bokeh, streamlit, gradio].find((framework) => framework.isIt(page));
}
