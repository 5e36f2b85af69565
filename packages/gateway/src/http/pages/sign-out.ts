import { href, html } from './html.ts';
import { layout, type Page } from './layout.ts';
import { type Person, personLine } from './people.ts';

export interface SignOutPage {
  readonly identity: Person;
  /** Where the form posts to. */
  readonly action: string;
  readonly cancelHref: string;
}

/** Asks before signing out, because a plain link could be followed by an image on another site. */
export function signOutPage(page: SignOutPage): Page {
  const form = html`<form class="actions" method="post" action="${href(page.action)}"><button class="button primary" type="submit">Sign out</button><a class="button" href="${href(page.cancelHref)}">Stay signed in</a></form>`;
  const { identity } = page;
  return layout({
    title: 'Sign out',
    template: {
      name: 'sign-out',
      values: { who: identity.name ?? identity.email ?? identity.subject, form },
    },
    body: html`<section class="panel">
<h1>Sign out?</h1>
<p class="lead">You are signed in as</p>
<p class="card-line">${personLine(identity)}</p>
<p>Signing out closes the apps you have open here, in every tab of this browser.</p>
${form}
</section>`,
  });
}

export function signedOutPage(page: { readonly loginHref: string }): Page {
  return layout({
    title: 'Signed out',
    template: { name: 'signed-out', values: { login_href: href(page.loginHref) } },
    body: html`<section class="panel">
<h1>You are signed out</h1>
<p class="lead">Nobody can open your apps from this browser now.</p>
<p>On a shared computer, also close the browser window: other sites may still have you signed in.</p>
<p class="actions"><a class="button primary" href="${href(page.loginHref)}">Sign in again</a></p>
</section>`,
  });
}
