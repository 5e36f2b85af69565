import { assetUrl } from '../assets.ts';
import { href, html } from './html.ts';
import { layout, type Page } from './layout.ts';

export interface FramedPage {
  readonly title: string;
  readonly message: string;
  readonly hint?: string | undefined;
  /** What the page around the frame is told: `login_required` when another token would help. */
  readonly state: 'login_required' | 'error';
  /** Why, as a stable code. */
  readonly reason: string;
  /** Origins that are told; nobody else is. */
  readonly origins: readonly string[];
  /** Where to sign in, in a tab of its own, for an app that no page around it can sign anybody in to. */
  readonly signIn?: string | undefined;
  readonly requestId: string;
}

/**
 * In place of an app in a frame of another site's page. There is no way to sign in on it: nobody can tell whose form they see
 * in a frame (security fact 19). Its script tells the page around, which can do something about it.
 */
export function framedPage(page: FramedPage): Page {
  const { state, reason, origins } = page;
  return layout({
    title: page.title,
    requestId: page.requestId,
    head: html`<script src="${assetUrl('framed.js')}" defer></script>${page.signIn !== undefined && html`<script src="${assetUrl('frame.js')}" defer></script>`}`,
    body: html`<section class="panel" data-state="${state}" data-reason="${reason}" data-origins="${origins.join(' ')}">
<h1>${page.title}</h1>
<p class="lead">${page.message}</p>
${page.hint !== undefined && html`<p>${page.hint}</p>`}
${page.signIn !== undefined && html`<p class="actions"><a class="button primary" href="${href(page.signIn)}" target="_blank" rel="noopener" data-sign-in>Sign in in a new tab</a></p>`}
</section>`,
  });
}
