import { CookieNames } from '../http/cookies.ts';
import type { RequestHead } from '../wire/request-head.ts';
import { type AppCookies, withAppCookies } from './app-cookies.ts';

/** What the gateway adds to a request, ready to be written: `Name: value\r\n` lines. */
interface Additions {
  /** Canonical `host[:port]` from the configuration; never what the client sent. */
  readonly hostHeader: string;
  /** `X-Forwarded-Proto` and `-Host`. */
  readonly siteLines: string;
  readonly clientAddress: string;
  readonly requestId: string;
  /** Assertion and header profile of the app, empty for a public path. */
  readonly identityLines: string;
  /** Own cookies that begin so are let through: only for the embedded development provider, whose they are. */
  readonly ownCookies?: string;
  /** For an app that is told by cookies who is there: the names that only the gateway may use, and the pairs. */
  readonly appCookies?: { readonly names: AppCookies['names']; readonly pairs: string };
}

/**
 * The request head for an app. Strip, then set: whatever a client calls by a name that could pass for identity is gone
 * before the gateway says who is there, and so is what the client's `Connection` nominates, which therefore cannot name
 * our own headers (CVE-2026-33805).
 */
export function requestText(head: RequestHead, additions: Additions): string {
  let text = `${head.method} ${head.target} HTTP/1.1\r\nHost: ${additions.hostHeader}\r\n`;
  for (let i = 0; i < head.names.length; i++) {
    const name = head.names[i] as RequestHead['names'][number];
    if (name.kind === 'plain' && (head.nominated === undefined || !head.nominated.includes(name.lower))) {
      text += `${head.rawNames[i]}: ${head.values[i]}\r\n`;
    }
  }
  let cookie = head.cookie === undefined ? '' : appCookies(head.cookie, additions.ownCookies);
  if (additions.appCookies !== undefined)
    cookie = withAppCookies(cookie, additions.appCookies.names, additions.appCookies.pairs);
  if (cookie !== '') text += `Cookie: ${cookie}\r\n`;
  if (head.framing.kind === 'length') text += `Content-Length: ${head.framing.length}\r\n`;
  else if (head.framing.kind === 'chunked') text += 'Transfer-Encoding: chunked\r\n';
  else if (head.method === 'POST' || head.method === 'PUT' || head.method === 'PATCH')
    text += 'Content-Length: 0\r\n';
  return `${text}X-Forwarded-For: ${additions.clientAddress}\r\n${additions.siteLines}X-Request-Id: ${additions.requestId}\r\n${additions.identityLines}`;
}

/** The Cookie header without the gateway's own cookies: Bokeh and Panel would print them into the page. */
export function appCookies(header: string, ownCookies?: string): string {
  if (!header.toLowerCase().includes('portico')) return header;
  return header
    .split(';')
    .filter((pair) => {
      const equals = pair.indexOf('=');
      const name = (equals < 0 ? pair : pair.slice(0, equals)).trim();
      return !CookieNames.reserved(name) || (ownCookies !== undefined && name.startsWith(ownCookies));
    })
    .map((pair) => pair.trim())
    .join('; ');
}
