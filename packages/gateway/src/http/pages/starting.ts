import { assetUrl } from '../assets.ts';
import { href, html } from './html.ts';
import { layout, type Page } from './layout.ts';

export interface StartingPage {
  readonly appTitle: string;
  readonly state: 'starting' | 'crashed';
  /** The app's latest output, oldest first; empty outside development, since it may tell secrets. */
  readonly lines: readonly string[];
  /**
   * Asked every second. 503 means wait, and its JSON may bring fresh `{ state, lines }`; any other answer, or a
   * redirect, reloads the page.
   */
  readonly pollHref: string;
}

/** In place of an app that does not answer yet; turns into the app by itself, also without script. */
export function startingPage(page: StartingPage): Page {
  const starting = page.state === 'starting';
  const status = html`<section class="panel" data-poll="${href(page.pollHref)}" data-state="${page.state}">
<div role="status" aria-live="polite">
<div data-when="starting"${hidden(!starting)}><h1>Starting <bdi>${page.appTitle}</bdi></h1>
<p class="lead">This takes a few seconds. The app opens here as soon as it is ready.</p></div>
<div data-when="crashed"${hidden(starting)}><h1><bdi>${page.appTitle}</bdi> stopped</h1>
<p class="lead">It ended unexpectedly and is being started again. If this goes on, tell whoever runs the app.</p></div>
</div>
<div class="progress" aria-hidden="true"><i></i><i></i><i></i><i></i></div>
<div data-log${hidden(page.lines.length === 0)}><h2 id="log-title">Latest output</h2>
<pre class="log" tabindex="0" aria-labelledby="log-title" role="region">${page.lines.join('\n')}</pre></div>
</section>`;
  return layout({
    title: starting ? `Starting ${page.appTitle}` : `${page.appTitle} stopped`,
    head: html`<script src="${assetUrl('starting.js')}" defer></script><noscript><meta http-equiv="refresh" content="3"></noscript>`,
    template: { name: 'starting', values: { app_title: page.appTitle, status } },
    body: status,
  });
}

function hidden(yes: boolean) {
  return yes && html` hidden`;
}
