import type { Brand } from './pages/brand.ts';
import type { Page } from './pages/layout.ts';

/** A small answer by the gateway itself: pages, JSON, redirects. Proxied answers never take this form. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** A page is drawn when it is sent, in the look of the site. */
  readonly body: string | Uint8Array | Page;
}

const NO_STORE = ['cache-control', 'no-store'] as const;

/** Headers of every page of ours: no framing (clickjacking), no sniffing, no script but our own files. */
const PAGE_HEADERS = [
  ['content-type', 'text/html; charset=utf-8'],
  NO_STORE,
  [
    'content-security-policy',
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  ],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'same-origin'],
] as const;

/** A page, never kept by a cache. */
export function page(status: number, body: string | Page, headers: Reply['headers'] = []): Reply {
  return { status, headers: [...PAGE_HEADERS, ...headers], body };
}

/** The answer as it goes out, its page drawn in this look. */
export function drawn(reply: Reply, brand: Brand): Reply & { readonly body: string | Uint8Array } {
  const { body } = reply;
  return {
    ...reply,
    body: typeof body === 'string' || body instanceof Uint8Array ? body : body.render(brand),
  };
}

/** JSON, never kept by a cache. */
export function json(status: number, value: unknown, headers: Reply['headers'] = []): Reply {
  return {
    status,
    headers: [
      ['content-type', 'application/json'],
      NO_STORE,
      ['x-content-type-options', 'nosniff'],
      ...headers,
    ],
    body: JSON.stringify(value),
  };
}

/** Plain text, never kept by a cache. */
export function text(status: number, body: string, headers: Reply['headers'] = []): Reply {
  return { status, headers: [['content-type', 'text/plain; charset=utf-8'], NO_STORE, ...headers], body };
}

/** @param allow - the methods that there are (RFC 9110 section 15.5.6) */
export function methodNotAllowed(allow: string): Reply {
  return text(405, 'Method not allowed\n', [['allow', allow]]);
}

/** @param location - already validated: an own path, or a URL that a provider's metadata gave. */
export function redirect(status: 302 | 303, location: string, headers: Reply['headers'] = []): Reply {
  return { status, headers: [['location', location], NO_STORE, ...headers], body: '' };
}
