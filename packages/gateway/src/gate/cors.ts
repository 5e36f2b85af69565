import type { Reply } from '../http/reply.ts';
import type { GateRequest } from './request.ts';

/** Seconds for which a browser remembers a preflight's answer. */
const REMEMBERED = 600;
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
/** Names of headers that a page wants to send; more than these bytes no honest page needs. */
const HEADER_NAMES = /^[a-z0-9-]{1,64}(?:, ?[a-z0-9-]{1,64}){0,49}$/i;

/** The listed origin that the request is from, compared whole (CVE-2026-21883). */
export function listedOrigin(request: GateRequest, origins: ReadonlySet<string>): string | undefined {
  const origin = request.header('origin');
  return origin !== undefined && origins.has(origin) ? origin : undefined;
}

/**
 * What lets a listed page read an answer (Fetch Standard section 3.2). Without credentials: the page brings a token, and cookies of
 * the person's browser are not for it.
 */
export function corsHeaders(origin: string | undefined): Reply['headers'] {
  // Also where nobody is let in, since a cache must not give one page the answer for another.
  if (origin === undefined) return [['vary', 'Origin']];
  return [
    ['vary', 'Origin'],
    ['access-control-allow-origin', origin],
    ['access-control-expose-headers', '*'],
  ];
}

/** Answers a preflight before the app hears of it; `undefined` for what is none, or not from a listed page. */
export function preflightReply(request: GateRequest, origins: ReadonlySet<string>): Reply | undefined {
  if (request.method !== 'OPTIONS' || request.header('access-control-request-method') === undefined)
    return undefined;
  if (listedOrigin(request, origins) === undefined) return undefined;
  const wanted = request.header('access-control-request-headers');
  const named = wanted !== undefined && HEADER_NAMES.test(wanted) ? wanted : 'Authorization, Content-Type';
  return {
    status: 204,
    headers: [
      ['access-control-allow-methods', METHODS],
      ['access-control-allow-headers', named],
      ['access-control-max-age', String(REMEMBERED)],
    ],
    body: '',
  };
}
