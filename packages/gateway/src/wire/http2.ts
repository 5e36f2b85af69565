import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { type HeaderName, headerName } from '../http/header-names.ts';
import { isCleanQuery, isUnambiguousPath } from '../http/target.ts';
import type { BodySink } from './body.ts';
import type { Exchange, ResponseHead } from './exchange.ts';
import { LIMITS } from './limits.ts';
import { CHUNKED, type HeadRefusal, NO_BODY, normaliseHost, type RequestHead } from './request-head.ts';

const METHOD = /^[A-Z][A-Z-]{0,31}$/;

/** The same head, by the same checks, as an HTTP/1.1 request would make (RFC 9113 section 8.3). */
export function http2RequestHead(
  headers: IncomingHttpHeaders,
  raw: readonly string[],
  endOfStream: boolean,
): RequestHead | HeadRefusal {
  const method = headers[':method'] as unknown as string;
  const target = headers[':path'] as unknown as string;
  const authority = (headers[':authority'] as unknown as string | undefined) ?? headers.host ?? '';
  const host = normaliseHost(authority);
  if (host === undefined) return { status: 400, reason: 'malformed authority' };
  if (headers.host !== undefined && headers.host.toLowerCase() !== authority.toLowerCase()) {
    return { status: 400, reason: ':authority and Host differ' };
  }
  if (typeof method !== 'string' || !METHOD.test(method)) return { status: 400, reason: 'malformed method' };
  if (method === 'CONNECT' || method === 'TRACE') return { status: 405, reason: 'method' };
  if (typeof target !== 'string') return { status: 400, reason: 'no path' };
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const query = question < 0 ? '' : target.slice(question + 1);
  if (!isUnambiguousPath(path) || (query !== '' && !isCleanQuery(query)))
    return { status: 400, reason: 'ambiguous path' };

  const names: HeaderName[] = [];
  const rawNames: string[] = [];
  const values: string[] = [];
  const cookies: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const spelling = raw[i] as string;
    const value = raw[i + 1] as string;
    if (spelling.startsWith(':')) continue;
    const name = headerName(spelling);
    if (name === undefined) return { status: 400, reason: 'malformed header name' };
    if (names.length >= LIMITS.headers) return { status: 431, reason: 'too many headers' };
    // RFC 9113 section 8.2.3: a browser may split its cookies over several fields.
    if (name.kind === 'cookie') {
      cookies.push(value);
      continue;
    }
    names.push(name);
    rawNames.push(spelling);
    values.push(value);
  }
  if (cookies.length > 0) {
    names.push(headerName('cookie') as HeaderName);
    rawNames.push('Cookie');
    values.push(cookies.join('; '));
  }
  const length = headers['content-length'];
  return {
    method,
    target,
    path,
    query,
    host,
    names,
    rawNames,
    values,
    cookie: cookies.length > 0 ? cookies.join('; ') : undefined,
    framing: endOfStream
      ? NO_BODY
      : length === undefined
        ? CHUNKED
        : { kind: 'length', length: Number(length) },
    keepAlive: true,
    nominated: undefined,
    upgrade: undefined,
    expectsContinue: false,
    version: '2',
  };
}

/** One HTTP/2 stream of a browser as an exchange. WebSockets come over HTTP/1.1: RFC 8441 is not offered. */
export class Http2Exchange implements Exchange {
  readonly head: RequestHead;
  readonly remoteAddress: string;
  readonly #stream: ServerHttp2Stream;
  #trailers: readonly string[] = [];
  #ended = false;
  onDrain: (() => void) | undefined;
  onClose: (() => void) | undefined;

  constructor(stream: ServerHttp2Stream, head: RequestHead, remoteAddress: string) {
    this.#stream = stream;
    this.head = head;
    this.remoteAddress = remoteAddress;
    stream.on('error', () => {});
    stream.on('drain', () => this.onDrain?.());
    stream.on('close', () => {
      if (this.#ended) return;
      this.#ended = true;
      this.onClose?.();
    });
  }

  readBody(sink: BodySink): void {
    if (this.head.framing.kind === 'none') {
      sink.end([]);
      return;
    }
    let trailers: string[] = [];
    this.#stream.on('trailers', (_trailers: IncomingHttpHeaders, _flags: number, raw?: string[]) => {
      trailers = raw ?? [];
    });
    this.#stream.on('data', (chunk: Buffer) => sink.data(chunk));
    this.#stream.on('end', () => sink.end(trailers));
  }

  pauseBody(): void {
    this.#stream.pause();
  }

  resumeBody(): void {
    this.#stream.resume();
  }

  informational(status: number, headers: readonly string[]): void {
    if (this.#ended || this.#stream.headersSent || status === 101) return;
    this.#stream.additionalHeaders({ ':status': status, ...headerObject(headers) });
  }

  respond(head: ResponseHead): void {
    if (this.#ended || this.#stream.headersSent) return;
    const options = {
      endStream: head.body === 'none',
      waitForTrailers: head.body === 'chunked',
      sendDate: false,
    };
    this.#stream.on('wantTrailers', () => this.#stream.sendTrailers(headerObject(this.#trailers)));
    this.#stream.respond({ ':status': head.status, ...headerObject(head.headers) }, options);
  }

  write(chunk: Buffer): boolean {
    if (this.#ended || this.#stream.writableEnded || this.#stream.destroyed) return true;
    return this.#stream.write(chunk);
  }

  end(trailers: readonly string[] = []): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#trailers = trailers;
    if (!this.#stream.writableEnded) this.#stream.end();
    // RFC 9113 section 8.1: an answer before the whole request asks the client to stop sending.
    if (!this.#stream.readableEnded) this.#stream.resume();
  }

  flush(): void {}

  abort(): void {
    this.#ended = true;
    this.#stream.close(2); // INTERNAL_ERROR: the answer is incomplete
  }

  takeOver(): never {
    throw new Error('no upgrade over HTTP/2');
  }
}

function headerObject(flat: readonly string[]): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase();
    const value = flat[i + 1] as string;
    const before = headers[name];
    headers[name] =
      before === undefined ? value : name === 'set-cookie' ? [before, value].flat() : `${before}, ${value}`;
  }
  return headers;
}
