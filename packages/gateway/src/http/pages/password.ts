import { href, html } from './html.ts';
import { layout, type Page } from './layout.ts';

export interface PasswordPage {
  readonly providerTitle: string;
  /** Where the form posts to. */
  readonly action: string;
  readonly returnTo: string;
  /** False when there is only a password to ask for. */
  readonly asksUsername: boolean;
  /** What was typed before, when it did not work. */
  readonly username?: string;
  /** Why it did not work. */
  readonly problem?: { readonly message: string; readonly hint?: string };
  /** The chooser, where there are other ways to sign in. */
  readonly othersHref?: string;
}

/** Asks for a password. Plain fields with the names that password managers know; no script. */
export function passwordPage(page: PasswordPage): Page {
  const { problem, username } = page;
  const described = problem !== undefined && html` aria-describedby="problem"`;
  const focus = html` autofocus`;
  // After a wrong try the name is mostly right: the password is what gets typed again.
  const atName = page.asksUsername && !username;
  const name = html`<p class="field"><label for="username">User name</label>
<input id="username" name="username" type="text" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="128" required${described}${atName && focus}></p>`;
  const form = html`<form class="sign-in" method="post" action="${href(page.action)}">
<input type="hidden" name="return_to" value="${page.returnTo}">
${page.asksUsername && name}
<p class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required${described}${!atName && focus}></p>
<p class="actions"><button class="button primary" type="submit">Sign in</button></p>
</form>`;
  const alert =
    problem !== undefined &&
    html`<p class="notice" id="problem" role="alert"><b>${problem.message}</b> ${problem.hint}</p>`;
  const others =
    page.othersHref !== undefined &&
    html`<p class="hint"><a href="${href(page.othersHref)}">Other ways to sign in</a></p>`;
  return layout({
    title: problem === undefined ? 'Sign in' : 'Sign-in did not work',
    template: {
      name: 'password',
      values: {
        provider_title: page.providerTitle,
        message: problem?.message,
        hint: problem?.hint,
        form: html`${alert}${form}${others}`,
      },
    },
    body: html`<section class="panel">
<div class="heading"><h1>Sign in</h1>
<p class="hint"><bdi>${page.providerTitle}</bdi></p></div>
${alert}
${form}
${others}
</section>`,
  });
}
