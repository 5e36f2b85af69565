import type { Persona } from '../config/settings.ts';
import { type Html, html } from '../http/pages/html.ts';
import { layout } from '../http/pages/layout.ts';
import { initials } from '../http/pages/people.ts';

export const STYLE = html`<link rel="stylesheet" href="/.auth/dev/style.css">`;
export const LABEL = html`<p class="dev-label"><strong>Development sign-in</strong> – not for production</p>`;

/** One click, one person. */
export function personaPage(personas: readonly Persona[], action: string): string {
  return layout({
    title: 'Development sign-in',
    head: STYLE,
    body: html`<section class="panel">
${LABEL}
<h1>Who do you want to be?</h1>
<p class="lead">Choose a person. No password is asked, since this sign-in service works on this computer only.</p>
<ul class="personas">${personas.map((persona) => html`<li>${personaForm(persona, action)}</li>`)}</ul>
<form method="post" action="${action}"><button class="button small" type="submit" name="cancel" value="yes">Cancel</button></form>
<p class="hint"><a href="/.auth/dev/people">Change roles and groups</a></p>
</section>`,
  }).toString();
}

function personaForm(persona: Persona, action: string): Html {
  return html`<form method="post" action="${action}"><button class="persona" type="submit" name="persona" value="${persona.id}">
<span class="avatar" aria-hidden="true">${initials(persona.name)}</span>
<span class="persona-text"><bdi class="name">${persona.name}</bdi> <bdi class="mail">${persona.email}</bdi>
${persona.description !== undefined && html`<span class="about">${persona.description}</span>`}
<span class="chips">${chips('role', persona.roles)}${chips('group', persona.groups)}</span></span>
</button></form>`;
}

function chips(kind: 'role' | 'group', values: readonly string[]): Html[] {
  return values.map(
    (value) =>
      html`<span class="chip ${kind}"><span class="chip-kind">${kind}</span> <bdi>${value}</bdi></span> `,
  );
}

/** Goes on by itself; the button is for browsers without script. */
export function endSessionPage(action: string, xsrf: string): string {
  return layout({
    title: 'Signing out',
    head: html`${STYLE}<script src="/.auth/dev/submit.js" defer></script>`,
    body: html`<section class="panel">
${LABEL}
<h1>Signing out</h1>
<form class="actions" method="post" action="${action}"><input type="hidden" name="xsrf" value="${xsrf}"><button class="button primary" type="submit" name="logout" value="yes" data-submit>Sign out here too</button></form>
</section>`,
  }).toString();
}

export function devProblemPage(title: string, message: string): string {
  return layout({
    title,
    head: STYLE,
    body: html`<section class="panel">
${LABEL}
<h1>${title}</h1>
<p class="lead">${message}</p>
<p class="actions"><a class="button primary" href="/">Start again</a></p>
</section>`,
  }).toString();
}

export const SUBMIT_SCRIPT = "document.querySelector('[data-submit]').click();\n";

export const STYLESHEET = `.dev-label { width: fit-content; margin: 0 0 .75rem; padding: .375rem .75rem; border: 1px dashed var(--warn); border-radius: .5rem; color: var(--warn); font-size: .875rem; }
.personas { display: grid; gap: .75rem; margin-block: 1rem; }
.persona { display: flex; gap: .875rem; align-items: flex-start; width: 100%; padding: .875rem 1rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--panel); color: inherit; font: inherit; text-align: start; cursor: pointer; }
.persona:hover { border-color: var(--accent); background: var(--tint); }
.persona:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.persona-text { display: grid; gap: .125rem; min-width: 0; line-height: 1.4; }
.about { color: var(--soft); font-size: .875rem; }
.chips { display: flex; flex-wrap: wrap; gap: .375rem; margin-top: .375rem; }
.chip { padding: .0625rem .5rem; border: 1px solid var(--line); border-radius: 1rem; font-size: .8125rem; }
.chip-kind { color: var(--soft); }
.people { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); margin-block: 1.5rem; }
.people > li { display: grid; }
.person-form { align-content: start; padding: 1.25rem 1.5rem; }
.person-form h2 { margin: 0; }
.person-form .mail { font-weight: 400; }
.person-form .actions { margin-top: 0; }
.saved { color: var(--good); font-size: .9375rem; }
`;
