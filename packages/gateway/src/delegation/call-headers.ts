import type { IncomingMessage } from 'node:http';
import { foldHeaderName, headerName } from '../http/header-names.ts';
import type { ResponseHead } from '../wire/exchange.ts';
import type { RequestHead } from '../wire/request-head.ts';

/**
 * The headers of a call as the API gets them, a flat list: those of the app, without who the app is, without cookies,
 * without what belongs to one connection or speaks of identity, and with the person's token.
 *
 * @param host - of the declared URL
 */
export function headersForApi(head: RequestHead, host: string, accessToken: string): string[] {
  const result = ['Host', host, 'Authorization', `Bearer ${accessToken}`];
  for (const [index, name] of head.names.entries()) {
    if (name.kind !== 'plain' || foldHeaderName(name.lower) === 'authorization') continue;
    if (head.nominated?.includes(name.lower)) continue;
    result.push(head.rawNames[index] as string, head.values[index] as string);
  }
  if (head.framing.kind === 'length') result.push('Content-Length', String(head.framing.length));
  else if (head.framing.kind === 'chunked') result.push('Transfer-Encoding', 'chunked');
  else if (['POST', 'PUT', 'PATCH'].includes(head.method)) result.push('Content-Length', '0');
  return result;
}

/** Of an API's answer the app gets no cookies, which would be the gateway's, and nothing in the gateway's own words. */
const NOT_FOR_APPS = /^(?:set-cookie2?|clear-site-data|alt-svc|portico-.*)$/;

/**
 * Head of the API's answer as the app gets it.
 *
 * @param location - how a redirect reads for the app
 */
export function headForApp(
  response: IncomingMessage,
  method: string,
  location: (value: string) => string,
): ResponseHead {
  const status = response.statusCode ?? 502;
  const bodyless = method === 'HEAD' || status === 204 || status === 304;
  const sized = response.headers['content-length'] !== undefined;
  // Not by a pattern with spaces around: a long run of them would cost the square of its length (ReDoS).
  const nominated = (response.headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((option) => option.trim());
  const headers: string[] = [];
  for (let index = 0; index < response.rawHeaders.length; index += 2) {
    const raw = response.rawHeaders[index] as string;
    const value = response.rawHeaders[index + 1] as string;
    const name = headerName(raw);
    if (name === undefined || name.kind === 'hop' || nominated.includes(name.lower)) continue;
    if (NOT_FOR_APPS.test(foldHeaderName(name.lower))) continue;
    if (name.lower === 'content-length' && status === 204) continue;
    headers.push(raw, name.lower === 'location' ? location(value) : value);
  }
  return {
    status,
    reason: response.statusMessage ?? '',
    headers,
    body: bodyless ? 'none' : sized ? 'length' : 'chunked',
  };
}
