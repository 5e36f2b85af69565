import { Html, html } from './html.ts';

/**
 * Pages whose body an operator may write, with the placeholders of each. `html` ones hold markup of ours, made safe
 * already; `needed` ones may not be left out, since the page would do nothing.
 */
export const TEMPLATES = {
  chooser: { text: ['app_title'], html: ['providers'], needed: ['providers'] },
  password: { text: ['provider_title', 'message', 'hint'], html: ['form'], needed: ['form'] },
  'sign-out': { text: ['who'], html: ['form'], needed: ['form'] },
  'signed-out': { text: ['login_href'], html: [], needed: [] },
  denied: {
    text: ['app_title', 'who', 'reason', 'request_id', 'switch_href', 'home_href'],
    html: [],
    needed: [],
  },
  error: {
    text: ['status', 'title', 'message', 'hint', 'request_id', 'action_href', 'action_label'],
    html: [],
    needed: ['title'],
  },
  starting: { text: ['app_title'], html: ['status'], needed: ['status'] },
} as const satisfies Record<
  string,
  { readonly text: readonly string[]; readonly html: readonly string[]; readonly needed: readonly string[] }
>;

export type TemplateName = keyof typeof TEMPLATES;

/** Values by placeholder; what is absent leaves nothing behind. */
export type TemplateValues = Readonly<Record<string, string | number | Html | undefined>>;

/** In every template. */
const EVERYWHERE = ['name'];
const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** What is wrong with a template, one sentence each. */
export function templateProblems(name: TemplateName, template: string): string[] {
  const { text, html: markup, needed } = TEMPLATES[name];
  const known: readonly string[] = [...text, ...markup, ...EVERYWHERE];
  const used = [...template.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '');
  const unknown = [...new Set(used.filter((one) => !known.includes(one)))];
  return [
    ...unknown.map(
      (one) => `there is no placeholder {{${one}}}; the placeholders here are ${known.join(', ')}`,
    ),
    ...needed.filter((one) => !used.includes(one)).map((one) => `it lacks the placeholder {{${one}}}`),
  ];
}

/** The operator's body of a page. Their markup is trusted as their configuration is; every value is escaped. */
export function templated(
  template: string,
  page: { readonly name: TemplateName; readonly values: TemplateValues },
  brandName: string | undefined,
): Html {
  const values: TemplateValues = { name: brandName ?? 'Portico', ...page.values };
  return Html.filled(template, PLACEHOLDER, (placeholder) => html`${values[placeholder]}`);
}
