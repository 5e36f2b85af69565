import {
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { GatewayError } from '../core/errors.ts';
import type { BodySink } from './body.ts';
import type { Exchange, ResponseHead } from './exchange.ts';
import type { Timeouts } from './limits.ts';
import type { RequestHead } from './request-head.ts';

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;

/** One HTTP/2 stream of a browser as an exchange. WebSockets come over HTTP/1.1: RFC 8441 is not offered. */
export class Http2Exchange implements Exchange {
  readonly head: RequestHead;
  readonly remoteAddress: string;
  readonly #stream: ServerHttp2Stream;
  readonly #timeouts: Timeouts;
  #answerTrailers: readonly string[] = [];
  #bodyTrailers: readonly string[] = [];
  #ended = false;
  #gone = false;
  #reading = false;
  #held = false;
  #blocked = false;
  #timeout = 0;
  #whenClosed: (() => void) | undefined;
  onDrain: (() => void) | undefined;

  constructor(stream: ServerHttp2Stream, head: RequestHead, remoteAddress: string, timeouts: Timeouts) {
    this.#stream = stream;
    this.head = head;
    this.remoteAddress = remoteAddress;
    this.#timeouts = timeouts;
    stream.on('error', () => {});
    stream.on('drain', () => {
      this.#blocked = false;
      this.#watch();
      this.onDrain?.();
    });
    stream.on('timeout', () => {
      if (this.#timeout > 0) stream.close(NGHTTP2_CANCEL);
    });
    stream.on('close', () => {
      if (this.#ended) return;
      this.#ended = true;
      this.#gone = true;
      this.#whenClosed?.();
    });
    if (head.framing.kind === 'none') return;
    stream.on('trailers', (_headers: IncomingHttpHeaders, _flags: number, raw?: string[]) => {
      this.#bodyTrailers = raw ?? [];
    });
  }

  get onClose(): (() => void) | undefined {
    return this.#whenClosed;
  }

  set onClose(callback: (() => void) | undefined) {
    this.#whenClosed = callback;
    // Gone while the gate still decided: whoever asks now would otherwise wait for ever.
    if (this.#gone && callback !== undefined) queueMicrotask(() => this.#whenClosed?.());
  }

  /** Between the end of a session and its `close` event, Node's methods throw. */
  get #dead(): boolean {
    return this.#ended || this.#stream.destroyed || this.#stream.closed;
  }

  readBody(sink: BodySink): void {
    const stream = this.#stream;
    if (this.head.framing.kind === 'none') {
      sink.end([]);
      return;
    }
    this.#reading = true;
    this.#watch();
    stream.on('data', (chunk: Buffer) => sink.data(chunk));
    stream.on('end', () => {
      this.#reading = false;
      this.#watch();
      // Node ends the body of a reset stream too; passed on, a part of an upload would count as the whole.
      if (!stream.aborted && !stream.closed) sink.end(this.#bodyTrailers);
    });
  }

  pauseBody(): void {
    this.#hold(true);
  }

  resumeBody(): void {
    this.#hold(false);
  }

  informational(status: number, headers: readonly string[]): void {
    if (this.#dead || this.#stream.headersSent || status === 101) return;
    this.#stream.additionalHeaders({ ':status': status, ...headerObject(headers) });
  }

  respond(head: ResponseHead): void {
    const stream = this.#stream;
    if (this.#dead || stream.headersSent) return;
    const waitForTrailers = head.body === 'chunked';
    if (waitForTrailers) {
      stream.on('wantTrailers', () => {
        if (!stream.destroyed && !stream.closed) stream.sendTrailers(headerObject(this.#answerTrailers));
      });
    }
    const options = { endStream: head.body === 'none', waitForTrailers, sendDate: false };
    stream.respond({ ...headerObject(head.headers), ':status': head.status }, options);
  }

  write(chunk: Buffer): boolean {
    if (this.#dead || this.#stream.writableEnded || this.#stream.write(chunk)) return true;
    this.#blocked = true;
    this.#watch();
    return false;
  }

  end(trailers: readonly string[] = []): void {
    if (this.#ended) return;
    const stream = this.#stream;
    this.#ended = true;
    this.#answerTrailers = trailers;
    this.#reading = false;
    this.#blocked = stream.writableLength > 0;
    this.#watch();
    if (!stream.writableEnded) stream.end();
    if (this.head.framing.kind === 'none' || stream.readableEnded) return;
    // RFC 9113 section 8.1: an answer before the whole request asks the client to stop sending.
    if (stream.writableFinished) stream.close(NGHTTP2_NO_ERROR);
    else stream.once('finish', () => stream.close(NGHTTP2_NO_ERROR));
  }

  flush(): void {}

  abort(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stream.close(NGHTTP2_INTERNAL_ERROR);
  }

  takeOver(): never {
    throw new GatewayError('no_upgrade', 500, 'an HTTP/2 stream cannot be taken over');
  }

  #hold(hold: boolean): void {
    if (this.#ended || this.#held === hold) return;
    this.#held = hold;
    this.#watch();
    if (hold) this.#stream.pause();
    else this.#stream.resume();
  }

  /** Nobody may hold a stream open by sending nothing or reading nothing; flow control makes both cheap. */
  #watch(): void {
    const expecting = this.#reading && !this.#held;
    const timeout = expecting ? this.#timeouts.body : this.#blocked ? this.#timeouts.send : 0;
    if (timeout === this.#timeout) return;
    this.#timeout = timeout;
    this.#stream.setTimeout(timeout);
  }
}

function headerObject(flat: readonly string[]): OutgoingHttpHeaders {
  // Without a prototype: an app may well send a header called `constructor`.
  const headers: Record<string, string | string[]> = Object.create(null);
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase();
    const value = flat[i + 1] as string;
    const before = headers[name];
    headers[name] =
      before === undefined ? value : name === 'set-cookie' ? [before, value].flat() : `${before}, ${value}`;
  }
  return headers;
}
