import { assetUrl } from '../assets.ts';
import { type Html, html } from './html.ts';

/** The mark: a pediment on four columns, the middle open. Coloured by the text around it. */
export const LOGO: Html = html`<svg class="mark" viewBox="0 0 32 32" width="32" height="32" fill="currentColor" aria-hidden="true" focusable="false"><path d="M16 2.5 30 10.5v1.7H2v-1.7z"/><path d="M4 13.7h24v2H4z"/><path d="M5.4 17h3.2v8H5.4zM10.9 17h3.2v8h-3.2zM17.9 17h3.2v8h-3.2zM23.4 17h3.2v8h-3.2z"/><path d="M4 26.1h24v1.6H4zM2 28.6h28v1.9H2z"/></svg>`;

export interface Layout {
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
}

/** The one frame around all pages of the gateway. */
export function layout(page: Layout): string {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${page.title} · Portico</title>
<link rel="icon" type="image/svg+xml" href="${assetUrl('logo.svg')}">
<link rel="stylesheet" href="${assetUrl('portico.css')}">
${page.head}
</head>
<body class="${page.shape ?? 'card'}">
<header class="top"><span class="brand">${LOGO}<span>Portico</span></span>${page.aside}</header>
<main>
${page.body}
</main>
<footer class="bottom">${page.footer}${page.requestId !== undefined && html`<p>Request <code>${page.requestId}</code></p>`}</footer>
</body>
</html>
`;
  return document.toString();
}
