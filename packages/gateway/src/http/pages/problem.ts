import { href, html } from './html.ts';
import { layout, type Page } from './layout.ts';

export interface DeniedPage {
  readonly appTitle: string;
  /** How the person knows their account: e-mail or name. */
  readonly who: string;
  /** The policy's one sentence. */
  readonly reason: string;
  readonly requestId: string;
  /** Signs in with another account. */
  readonly switchHref: string;
  readonly homeHref: string;
}

/** 403: signed in, and not allowed. */
export function deniedPage(page: DeniedPage): Page {
  return layout({
    title: 'No access',
    template: {
      name: 'denied',
      values: {
        app_title: page.appTitle,
        who: page.who,
        reason: page.reason,
        request_id: page.requestId,
        switch_href: href(page.switchHref),
        home_href: href(page.homeHref),
      },
    },
    requestId: page.requestId,
    body: html`<section class="panel">
<p class="eyebrow">No access</p>
<h1>You cannot open <bdi>${page.appTitle}</bdi></h1>
<p class="lead">You are signed in as <b><bdi>${page.who}</bdi></b>, and this account may not enter.</p>
<p class="notice"><span class="notice-label">Reason</span> <bdi>${page.reason}</bdi></p>
<p>If you need it for your work, ask whoever runs the app to let you in. Give them the reason above and the request number below.</p>
<p class="actions"><a class="button primary" href="${href(page.homeHref)}">See my apps</a><a class="button" href="${href(page.switchHref)}">Use another account</a></p>
</section>`,
  });
}

export interface ErrorPage {
  readonly status: number;
  /** What happened, in a few words. */
  readonly title: string;
  readonly message: string;
  /** What to do now. */
  readonly hint?: string;
  readonly requestId: string;
  readonly action?: { readonly href: string; readonly label: string };
}

/** Any failure. Show a `GatewayError`'s `publicMessage` and `publicHint` here, never its `message`. */
export function errorPage(page: ErrorPage): Page {
  return layout({
    title: page.title,
    template: {
      name: 'error',
      values: {
        status: page.status,
        title: page.title,
        message: page.message,
        hint: page.hint,
        request_id: page.requestId,
        action_href: href(page.action?.href ?? '/'),
        action_label: page.action?.label,
      },
    },
    requestId: page.requestId,
    body: html`<section class="panel">
<p class="eyebrow">Error ${page.status}</p>
<h1>${page.title}</h1>
<p class="lead">${page.message}</p>
${page.hint !== undefined && html`<p>${page.hint}</p>`}
${page.action !== undefined && html`<p class="actions"><a class="button primary" href="${href(page.action.href)}">${page.action.label}</a></p>`}
</section>`,
  });
}

/** 404 of the gateway itself: no app at this address. */
export function notFoundPage(page: { readonly requestId: string; readonly homeHref: string }): Page {
  return errorPage({
    status: 404,
    title: 'There is nothing here',
    message: 'No app answers at this address.',
    hint: 'Check the address for a typing mistake. If a link brought you here, the app may have moved.',
    requestId: page.requestId,
    action: { href: page.homeHref, label: 'See my apps' },
  });
}
