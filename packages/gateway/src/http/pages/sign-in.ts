import { assetUrl } from '../assets.ts';
import { type Html, href, html } from './html.ts';
import { layout, type Page } from './layout.ts';

export interface ChooserPage {
  readonly providers: readonly { readonly title: string; readonly href: string }[];
  /** The app that somebody wants to open; absent when they came to the gateway itself. */
  readonly appTitle?: string;
}

/** Where to sign in, when there is more than one place. */
export function chooserPage(page: ChooserPage): Page {
  const links = page.providers.map(
    (provider) =>
      html`<li><a class="button choice" href="${href(provider.href)}"><span>Continue with <b>${provider.title}</b></span></a></li>`,
  );
  const choices = links.length === 0 ? undefined : html`<ul class="choices">${links}</ul>`;
  return layout({
    title: 'Sign in',
    template: { name: 'chooser', values: { app_title: page.appTitle, providers: choices } },
    body: html`<section class="panel">
<h1>Sign in</h1>
<p class="lead">${lead(page)}</p>
${choices}
</section>`,
  });
}

function lead({ appTitle, providers }: ChooserPage): Html | string {
  if (providers.length === 0)
    return 'Nobody signs in at this address. Open the app from the site that shows it.';
  if (appTitle === undefined) return 'Choose the account you use here.';
  return html`To open <b><bdi>${appTitle}</bdi></b>, choose the account you use for it.`;
}

/**
 * In place of sign-in inside a frame: a frame hides the address bar, so nobody can tell whose sign-in form they see
 * (security fact 19). The link opens a new tab, and the frame tries again when the person comes back.
 */
export function frameEscapePage(page: { readonly href: string }): Page {
  return layout({
    title: 'Sign in',
    head: html`<script src="${assetUrl('frame.js')}" defer></script>`,
    body: html`<section class="panel">
<h1>Please sign in</h1>
<p class="lead">Sign-in opens in a tab of its own, so that you can see in the address bar who asks for your password.</p>
<p class="actions"><a class="button primary" href="${href(page.href)}" target="_blank" rel="noopener" data-sign-in>Sign in in a new tab</a></p>
<p class="hint">Come back here afterwards. If this page does not go on by itself, reload it.</p>
</section>`,
  });
}
