import { assetUrl } from '../assets.ts';
import { type Brand, PLAIN } from './brand.ts';
import { type Html, html } from './html.ts';
import { type TemplateName, type TemplateValues, templated } from './templates.ts';

/** The mark: a pediment on four columns, the middle open. Coloured by the text around it. */
export const LOGO: Html = html`<svg class="mark" viewBox="0 0 32 32" width="32" height="32" fill="currentColor" aria-hidden="true" focusable="false"><path d="M16 2.5 30 10.5v1.7H2v-1.7z"/><path d="M4 13.7h24v2H4z"/><path d="M5.4 17h3.2v8H5.4zM10.9 17h3.2v8h-3.2zM17.9 17h3.2v8h-3.2zM23.4 17h3.2v8h-3.2z"/><path d="M4 26.1h24v1.6H4zM2 28.6h28v1.9H2z"/></svg>`;

interface Layout {
  /** Of the browser tab, before the product's name. */
  readonly title: string;
  /** What stands between header and footer, with one `h1`. */
  readonly body: Html;
  /** `card`: one thing to read or do. `wide`: the launcher. */
  readonly shape?: 'card' | 'wide';
  /** Right side of the header. */
  readonly aside?: Html;
  /** Small print at the end, for support. */
  readonly requestId?: string;
  readonly footer?: Html;
  /** For the head: scripts of our own, a refresh without script. */
  readonly head?: Html;
  /** Lets the operator's own template of this name take the place of `body`, filled with these values. */
  readonly template?: { readonly name: TemplateName; readonly values: TemplateValues };
}

/** A page that is made but not yet drawn: the gateway's look, or the operator's, comes last. */
export class Page {
  readonly #layout: Layout;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** The whole document. */
  render(brand: Brand): string {
    return draw(this.#layout, brand);
  }

  /** In the gateway's own look. */
  toString(): string {
    return this.render(PLAIN);
  }
}

/** The one frame around all pages of the gateway. */
export function layout(page: Layout): Page {
  return new Page(page);
}

function draw(page: Layout, brand: Brand): string {
  const own = page.template && brand.templates[page.template.name];
  const body =
    own === undefined || page.template === undefined ? page.body : templated(own, page.template, brand.name);
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${page.title} · ${brand.name ?? 'Portico'}</title>
<link rel="icon" href="${brand.logo ?? assetUrl('logo.svg')}">
<link rel="stylesheet" href="${assetUrl('portico.css')}">
${brand.stylesheet !== undefined && html`<link rel="stylesheet" href="${brand.stylesheet}">`}
${page.head}
</head>
<body class="${page.shape ?? 'card'}">
<header class="top"><span class="brand">${sign(brand)}</span>${page.aside}</header>
<main>
${body}
</main>
<footer class="bottom">${page.footer}${page.requestId !== undefined && html`<p>Request <code>${page.requestId}</code></p>`}</footer>
</body>
</html>
`;
  return document.toString();
}

/** The operator's logo alone when no name is given: many logos hold the name. */
function sign({ logo, name }: Brand): Html {
  const words = name ?? (logo === undefined ? 'Portico' : undefined);
  const picture =
    logo === undefined
      ? LOGO
      : html`<img class="logo" src="${logo}" alt="${words === undefined ? 'Logo' : ''}">`;
  return html`${picture}${words !== undefined && html`<span>${words}</span>`}`;
}
