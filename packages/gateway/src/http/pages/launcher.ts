import type { AppState } from '../../core/types.ts';
import { type Html, href, html } from './html.ts';
import { layout, type Page } from './layout.ts';
import { initials, type Person, personLine } from './people.ts';

export interface LauncherApp {
  readonly title: string;
  readonly href: string;
  readonly description?: string;
  readonly state: AppState;
  readonly allowed: boolean;
}

export interface LauncherPage {
  readonly identity: Person;
  readonly apps: readonly LauncherApp[];
  readonly signOutHref: string;
  readonly version: string;
}

const STATE_WORDS: Readonly<Record<AppState, string>> = {
  starting: 'Starting',
  ready: 'Ready',
  crashed: 'Restarting',
  stopped: 'Stopped',
};

/** All apps, those that the person may open first in reach. */
export function launcherPage(page: LauncherPage): Page {
  const open = page.apps.filter((app) => app.allowed);
  const closed = page.apps.filter((app) => !app.allowed);
  return layout({
    title: 'Apps',
    shape: 'wide',
    aside: html`<nav class="account" aria-label="Account">${personLine(page.identity)}<a class="button small" href="${href(page.signOutHref)}">Sign out</a></nav>`,
    body: html`<h1>Your apps</h1>
${
  open.length > 0
    ? html`<ul class="apps">${open.map(openApp)}</ul>`
    : html`<p class="lead">There is no app that this account may open. Ask whoever runs this site to let you in.</p>`
}
${
  closed.length > 0 &&
  html`<h2>Not open to you</h2>
<p class="hint">Ask whoever runs an app if you need it for your work.</p>
<ul class="apps">${closed.map(closedApp)}</ul>`
}`,
    footer: html`<p>Portico ${page.version}</p>`,
  });
}

function openApp(app: LauncherApp): Html {
  return html`<li><a class="app" href="${href(app.href)}">${tile(app)}<span class="app-text"><bdi class="app-title">${app.title}</bdi>${
    app.description !== undefined && html`<bdi class="app-about">${app.description}</bdi>`
  }<span class="state ${app.state}">${STATE_WORDS[app.state]}</span></span></a></li>`;
}

function closedApp(app: LauncherApp): Html {
  return html`<li><div class="app closed">${tile(app)}<span class="app-text"><bdi class="app-title">${app.title}</bdi>${
    app.description !== undefined && html`<bdi class="app-about">${app.description}</bdi>`
  }<span class="state locked">No access</span></span></div></li>`;
}

/** A colour that stays with the title, so that people find an app again by sight. */
function tile(app: LauncherApp): Html {
  const hue = [...app.title].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 6007, 7) % 6;
  return html`<span class="tile hue-${hue}" aria-hidden="true">${initials(app.title)}</span>`;
}
