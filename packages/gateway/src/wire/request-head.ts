import { type HeaderName, headerName } from '../http/header-names.ts';
import { isCleanQuery, isUnambiguousPath } from '../http/target.ts';
import { LIMITS } from './limits.ts';

/** A request head that passed every check; both HTTP versions make the same. */
export interface RequestHead {
  readonly method: string;
  /** Path and query in origin form, as sent on. */
  readonly target: string;
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  /** Lower-case host without port and trailing dot, or empty (HTTP/1.0). */
  readonly host: string;
  /** Parallel lists, in the order of the wire. */
  readonly names: readonly HeaderName[];
  readonly rawNames: readonly string[];
  readonly values: readonly string[];
  readonly cookie: string | undefined;
  readonly framing: Framing;
  readonly keepAlive: boolean;
  /** Lower-cased tokens of `Connection`, when it names more than the usual ones: such headers are dropped. */
  readonly nominated: readonly string[] | undefined;
  readonly upgrade: string | undefined;
  readonly expectsContinue: boolean;
  readonly version: '1.0' | '1.1' | '2';
}

/** How a body is delimited. `chunked` stands for every length that is not known beforehand. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' };

export const NO_BODY: Framing = { kind: 'none' };
export const CHUNKED: Framing = { kind: 'chunked' };

/** Why a head was refused: answered with this status, then the connection is closed. */
export interface HeadRefusal {
  readonly status: 400 | 405 | 414 | 417 | 431 | 501 | 505;
  readonly reason: string;
}

const refuse = (status: HeadRefusal['status'], reason: string): HeadRefusal => ({ status, reason });

/** Tells a refusal from a head. */
export function isRefusal(head: RequestHead | HeadRefusal): head is HeadRefusal {
  return 'reason' in head;
}

/** A control byte, a CR without LF or an LF without CR anywhere in the head (request smuggling; RFC 9112 section 2.2). */
const MALFORMED = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
/** Registered methods are words in capitals; nothing longer is one (RFC 9110 section 16.1). */
export const METHOD = /^[A-Z][A-Z-]{0,31}$/;
const DECIMAL = /^[0-9]{1,15}$/;
const HOST = /^(?:[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_.])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/;

/** Lower case, without port and trailing dot (CVE-2026-48794: capitals in the host); undefined when it is no host. */
export function normaliseHost(value: string): string | undefined {
  const lower = value.toLowerCase();
  if (!HOST.test(lower)) return undefined;
  const colon = lower.lastIndexOf(':');
  const host = colon > lower.lastIndexOf(']') ? lower.slice(0, colon) : lower;
  return host.endsWith('.') ? host.slice(0, -1) : host;
}

/** Only digits: `+5`, `0x5` and `5, 5` are other lengths for other servers (RFC 9110 section 8.6). */
export function parseLength(value: string): number | undefined {
  return DECIMAL.test(value) ? Number(value) : undefined;
}

/** Only SP and HTAB are white space (RFC 9110 section 5.6.3): `trim()` would also take U+00A0 off `chunked`. */
function withoutSpace(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9;
}

/**
 * Parses a whole HTTP/1.x request head. Strict where two servers could disagree (RFC 9112 sections 2.2, 5.1, 6.1 and
 * 11.2): nothing is repaired, since the repaired and the original form would be two requests.
 *
 * @param text - the head as latin1, without the final empty line
 */
export function parseRequestHead(text: string): RequestHead | HeadRefusal {
  if (MALFORMED.test(text)) return refuse(400, 'control character or bare CR or LF in the head');
  let end = text.indexOf('\r\n');
  const line = end < 0 ? text : text.slice(0, end);
  const space = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  if (space <= 0 || last <= space + 1) return refuse(400, 'malformed request line');
  const method = line.slice(0, space);
  let target = line.slice(space + 1, last);
  const protocol = line.slice(last + 1);
  if (protocol !== 'HTTP/1.1' && protocol !== 'HTTP/1.0') {
    return protocol.startsWith('HTTP/') ? refuse(505, 'HTTP version') : refuse(400, 'malformed request line');
  }

  const names: HeaderName[] = [];
  const rawNames: string[] = [];
  const values: string[] = [];
  let host: string | undefined;
  let cookie: string | undefined;
  let length: string | undefined;
  let coding: string | undefined;
  let connection: string | undefined;
  let upgrade: string | undefined;
  let expect: string | undefined;
  while (end >= 0) {
    const start = end + 2;
    end = text.indexOf('\r\n', start);
    const stop = end < 0 ? text.length : end;
    const colon = text.indexOf(':', start);
    // A line that begins with white space is obs-fold; white space before the colon fails the token check.
    if (colon < 0 || colon >= stop) return refuse(400, 'header line without a colon');
    const raw = text.slice(start, colon);
    const name = headerName(raw);
    if (name === undefined) return refuse(400, 'malformed header name');
    const value = withoutSpace(text, colon + 1, stop);
    if (names.length >= LIMITS.headers) return refuse(431, 'too many headers');
    names.push(name);
    rawNames.push(raw);
    values.push(value);
    if (name.kind === 'plain') continue;
    switch (name.lower) {
      case 'host':
        if (host !== undefined) return refuse(400, 'repeated Host');
        host = value;
        break;
      case 'cookie':
        cookie = cookie === undefined ? value : `${cookie}; ${value}`;
        break;
      case 'content-length':
        if (length !== undefined) return refuse(400, 'repeated Content-Length');
        length = value;
        break;
      case 'transfer-encoding':
        if (coding !== undefined) return refuse(400, 'repeated Transfer-Encoding');
        coding = value.toLowerCase();
        break;
      case 'connection':
        connection = connection === undefined ? value.toLowerCase() : `${connection},${value.toLowerCase()}`;
        break;
      case 'upgrade':
        upgrade = upgrade === undefined ? value.toLowerCase() : `${upgrade}, ${value.toLowerCase()}`;
        break;
      case 'expect':
        expect = expect === undefined ? value.toLowerCase() : `${expect}, ${value.toLowerCase()}`;
        break;
      default:
    }
  }

  let authority: string | undefined;
  if (target.charCodeAt(0) !== 47) {
    // Absolute form (RFC 9112 section 3.2.2) must agree with Host, else policy and app could see two hosts.
    const absolute = /^https?:\/\/([^/?#]+)(\/[^#]*)?$/i.exec(target);
    if (absolute === null) return refuse(400, 'malformed request target');
    authority = absolute[1];
    target = absolute[2] ?? '/';
  }
  if (!METHOD.test(method)) return refuse(400, 'malformed method');
  if (method === 'CONNECT' || method === 'TRACE') return refuse(405, 'method');
  const version = protocol === 'HTTP/1.1' ? '1.1' : '1.0';
  if (host === undefined && version === '1.1') return refuse(400, 'no Host');
  const normalised = host === undefined || host === '' ? '' : normaliseHost(host);
  if (normalised === undefined) return refuse(400, 'malformed Host');
  if (authority !== undefined && authority.toLowerCase() !== host?.toLowerCase()) {
    return refuse(400, 'absolute target and Host differ');
  }
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const query = question < 0 ? '' : target.slice(question + 1);
  if (!isUnambiguousPath(path) || (query !== '' && !isCleanQuery(query)))
    return refuse(400, 'ambiguous path');

  let framing = NO_BODY;
  if (coding !== undefined) {
    if (length !== undefined) return refuse(400, 'Content-Length with Transfer-Encoding');
    if (version === '1.0') return refuse(400, 'Transfer-Encoding in HTTP/1.0');
    if (coding !== 'chunked') return refuse(501, 'transfer coding');
    framing = CHUNKED;
  } else if (length !== undefined) {
    const bytes = parseLength(length);
    if (bytes === undefined) return refuse(400, 'malformed Content-Length');
    if (bytes > 0) framing = { kind: 'length', length: bytes };
  }

  let keepAlive = version === '1.1';
  const nominated: string[] = [];
  let upgrades = false;
  if (connection !== undefined && connection !== 'keep-alive') {
    for (const token of connection.split(',')) {
      const option = token.trim();
      if (option === 'close') keepAlive = false;
      else if (option === 'upgrade') upgrades = true;
      else if (option !== '' && option !== 'keep-alive') nominated.push(option);
    }
  }
  if (expect !== undefined && expect !== '100-continue') return refuse(417, 'expectation');
  return {
    method,
    target,
    path,
    query,
    host: normalised,
    names,
    rawNames,
    values,
    cookie,
    framing,
    keepAlive,
    nominated: nominated.length === 0 ? undefined : nominated,
    // Ignored from HTTP/1.0 (RFC 9110 section 7.8), and with a body, which would be read as the new protocol's bytes.
    upgrade:
      upgrades && version === '1.1' && method === 'GET' && framing.kind === 'none' ? upgrade : undefined,
    expectsContinue: expect !== undefined && framing.kind !== 'none' && version === '1.1',
    version,
  };
}

/** Value of a header by lower-case name; several values are joined as RFC 9110 section 5.3 says. */
export function headerValue(head: Pick<RequestHead, 'names' | 'values'>, lower: string): string | undefined {
  let found: string | undefined;
  for (let i = 0; i < head.names.length; i++) {
    if (head.names[i]?.lower === lower)
      found = found === undefined ? head.values[i] : `${found}, ${head.values[i]}`;
  }
  return found;
}
