import type { IncomingHttpHeaders } from 'node:http2';
import { type HeaderName, headerName } from '../http/header-names.ts';
import { isCleanQuery, isUnambiguousPath } from '../http/target.ts';
import { LIMITS } from './limits.ts';
import {
  CHUNKED,
  type Framing,
  type HeadRefusal,
  METHOD,
  NO_BODY,
  normaliseHost,
  parseLength,
  type RequestHead,
} from './request-head.ts';

/** The same head, by the same checks, as an HTTP/1.1 request would make (RFC 9113 section 8.3). */
export function http2RequestHead(
  headers: IncomingHttpHeaders,
  raw: readonly string[],
  endOfStream: boolean,
): RequestHead | HeadRefusal {
  const method = headers[':method'];
  const target = headers[':path'];
  const authority = headers[':authority'] ?? headers.host ?? '';
  const host = normaliseHost(authority);
  if (host === undefined) return { status: 400, reason: 'malformed authority' };
  if (method === undefined || !METHOD.test(method)) return { status: 400, reason: 'malformed method' };
  if (method === 'CONNECT' || method === 'TRACE') return { status: 405, reason: 'method' };
  if (target === undefined) return { status: 400, reason: 'no path' };
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const query = question < 0 ? '' : target.slice(question + 1);
  if (!isUnambiguousPath(path) || (query !== '' && !isCleanQuery(query)))
    return { status: 400, reason: 'ambiguous path' };

  const names: HeaderName[] = [];
  const rawNames: string[] = [];
  const values: string[] = [];
  let cookie: string | undefined;
  let framing: Framing = endOfStream ? NO_BODY : CHUNKED;
  for (let i = 0; i < raw.length; i += 2) {
    const spelling = raw[i] as string;
    const value = raw[i + 1] as string;
    if (spelling.charCodeAt(0) === 58) continue;
    const name = headerName(spelling);
    if (name === undefined) return { status: 400, reason: 'malformed header name' };
    if (names.length >= LIMITS.headers) return { status: 431, reason: 'too many headers' };
    switch (name.kind) {
      case 'cookie':
        // RFC 9113 section 8.2.3: a browser may split its cookies over several fields.
        cookie = cookie === undefined ? value : `${cookie}; ${value}`;
        continue;
      case 'host':
        if (value.toLowerCase() !== authority.toLowerCase())
          return { status: 400, reason: ':authority and Host differ' };
        break;
      case 'content-length': {
        const length = parseLength(value);
        if (length === undefined) return { status: 400, reason: 'malformed Content-Length' };
        if (!endOfStream) framing = { kind: 'length', length };
        break;
      }
      default:
    }
    names.push(name);
    rawNames.push(spelling);
    values.push(value);
  }
  if (cookie !== undefined) {
    names.push(headerName('cookie') as HeaderName);
    rawNames.push('Cookie');
    values.push(cookie);
  }
  return {
    method,
    target,
    path,
    query,
    host,
    names,
    rawNames,
    values,
    cookie,
    framing,
    keepAlive: true,
    nominated: undefined,
    upgrade: undefined,
    expectsContinue: false,
    version: '2',
  };
}
