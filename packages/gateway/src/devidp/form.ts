import type { IncomingMessage, ServerResponse } from 'node:http';

const MAX_FORM_BYTES = 4096;

/** No `form-action`: the redirects after a persona's form end at the app, which may have another host. */
export const DEV_CSP =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

/**
 * The form of a request. A form on another site must change nothing here: neither who is signed in (login CSRF) nor who
 * somebody is.
 *
 * @param origin - the gateway's, where alone such forms are
 * @returns undefined when it came from elsewhere, or is too large
 */
export async function readOwnForm(
  request: IncomingMessage,
  origin: string,
): Promise<URLSearchParams | undefined> {
  if (isForeign(request, origin)) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_FORM_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

/** A browser says at least one of the two; what says neither is no browser, and holds nobody's cookies. */
function isForeign({ headers }: IncomingMessage, own: string): boolean {
  const site = headers['sec-fetch-site'];
  return (site !== undefined && site !== 'same-origin') || (headers.origin ?? own) !== own;
}

export function sendHtml(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': DEV_CSP,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  });
  response.end(page);
}
