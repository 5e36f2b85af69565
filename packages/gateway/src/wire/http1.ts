import type { Socket } from 'node:net';
import { BodyReader, type BodySink, FramingError } from './body.ts';
import type { Exchange, ExchangeHandler, ResponseHead } from './exchange.ts';
import { encodeChunk, encodeLastChunk, plainAnswer, statusLine } from './http1-encode.ts';
import { LIMITS } from './limits.ts';
import { isRefusal, parseRequestHead, type RequestHead } from './request-head.ts';

const EMPTY = Buffer.alloc(0);
const END_OF_HEAD = '\r\n\r\n';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
/** Up to this many bytes an answer's head and first piece are copied together: one system call instead of two. */
const MERGE = 16 * 1024;

/** What a connection is waiting for; the listener's clock ends it when that takes too long. */
export type Waiting = 'next' | 'head' | 'body' | 'answer' | 'gone';

/**
 * One HTTP/1.x connection of a browser: takes one request at a time off the socket, hands it to the gate, and keeps what
 * a pipelining client sent ahead, bounded.
 */
export class Http1Connection {
  readonly #socket: Socket;
  readonly #handler: ExchangeHandler;
  readonly #onGone: (connection: Http1Connection) => void;
  readonly remoteAddress: string;
  #buffer: Buffer = EMPTY;
  #exchange: Http1Exchange | undefined;
  #body: BodyReader | undefined;
  #sink: BodySink | undefined;
  #paused = false;
  #discarded = 0;
  #processing = false;
  #lastRequest = false;
  waiting: Waiting = 'next';
  /** Milliseconds since the epoch of the last progress. */
  since: number;

  constructor(socket: Socket, handler: ExchangeHandler, onGone: (connection: Http1Connection) => void) {
    this.#socket = socket;
    this.#handler = handler;
    this.#onGone = onGone;
    this.remoteAddress = socket.remoteAddress ?? '';
    this.since = Date.now();
    socket.setNoDelay(true);
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    // Without a listener a reset would be an uncaught exception and stop the process.
    socket.on('error', ignore);
    socket.on('close', this.#onClose);
  }

  /** Ends the connection when it waits for nothing, otherwise after the answer under way. */
  drain(): void {
    this.#lastRequest = true;
    if (this.waiting === 'next') this.#socket.end();
  }

  /** Ends it whatever it is at. */
  cut(): void {
    this.#socket.destroy();
  }

  /** Too slow: a head that does not come gets 408, everything else just ends. */
  timeOut(): void {
    if (this.waiting === 'head') this.#refuse(408, 'request head timeout');
    else this.#socket.destroy();
  }

  #onData = (chunk: Buffer): void => {
    if (
      this.#body !== undefined &&
      !this.#body.done &&
      this.#buffer.length === 0 &&
      !this.#processing &&
      (this.#sink || this.#discarding)
    ) {
      this.since = Date.now();
      const rest = this.#feedBody(chunk);
      if (rest.length > 0) this.#buffer = rest;
    } else {
      this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    }
    this.#process();
    if (this.#buffer.length > LIMITS.readAhead && this.#exchange !== undefined) this.#pause();
  };

  #onDrain = (): void => {
    this.#exchange?.onDrain?.();
  };

  #onClose = (): void => {
    this.waiting = 'gone';
    this.#onGone(this);
    this.#exchange?.clientGone();
  };

  /** Works through what has been read. A loop, not recursion: a pipelining client must not grow the stack. */
  #process(): void {
    if (this.#processing) return;
    this.#processing = true;
    try {
      while (this.#buffer.length > 0 && this.waiting !== 'gone') {
        if (this.#exchange !== undefined || this.#discarding) {
          if (this.#body === undefined || this.#body.done || !(this.#sink || this.#discarding)) break;
          const before = this.#buffer;
          this.#buffer = EMPTY;
          this.#buffer = this.#feedBody(before);
          if (this.#exchange !== undefined && this.#buffer.length > 0 && this.#body?.done) break;
        } else if (!this.#takeHead()) break;
      }
    } finally {
      this.#processing = false;
    }
  }

  get #discarding(): boolean {
    return this.#exchange === undefined && this.#body !== undefined && !this.#body.done;
  }

  /** @returns what follows the body */
  #feedBody(chunk: Buffer): Buffer {
    const body = this.#body as BodyReader;
    try {
      const used = body.take(chunk, this.#sink);
      if (this.#exchange === undefined) {
        this.#discarded += used;
        if (this.#discarded > LIMITS.discard) this.#socket.destroy();
      }
      if (body.done) {
        this.#body = undefined;
        this.#sink = undefined;
        this.waiting = this.#exchange === undefined ? 'next' : 'answer';
        this.since = Date.now();
        if (this.#exchange === undefined && this.#lastRequest) this.#socket.end();
      }
      return chunk.subarray(used);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      const exchange = this.#exchange;
      if (exchange !== undefined && !exchange.started) {
        exchange.detach();
        this.#refuse(400, error.message);
        exchange.onClose?.();
      } else this.#socket.destroy();
      return EMPTY;
    }
  }

  /** @returns true when a head was taken */
  #takeHead(): boolean {
    // RFC 9112 section 2.2: an empty line before the request line is ignored.
    let start = 0;
    while (start < 4 && this.#buffer[start] === 13 && this.#buffer[start + 1] === 10) start += 2;
    const end = this.#buffer.indexOf(END_OF_HEAD, start, 'latin1');
    if (end < 0) {
      if (this.#buffer.length > LIMITS.requestHead) this.#refuse(431, 'request head too large');
      else if (this.waiting !== 'head') {
        this.waiting = 'head';
        this.since = Date.now();
      }
      return false;
    }
    if (end - start > LIMITS.requestHead) {
      this.#refuse(431, 'request head too large');
      return false;
    }
    const head = parseRequestHead(this.#buffer.toString('latin1', start, end));
    this.#buffer = end + 4 === this.#buffer.length ? EMPTY : this.#buffer.subarray(end + 4);
    if (isRefusal(head)) {
      this.#refuse(head.status, head.reason);
      return false;
    }
    this.#begin(head);
    return true;
  }

  #begin(head: RequestHead): void {
    const exchange = new Http1Exchange(this, this.#socket, head);
    this.#exchange = exchange;
    this.#discarded = 0;
    this.since = Date.now();
    if (!head.keepAlive) this.#lastRequest = true;
    if (head.framing.kind === 'none') {
      this.waiting = 'answer';
    } else {
      this.#body = new BodyReader(head.framing);
      this.waiting = 'answer';
    }
    this.#handler(exchange);
  }

  /** The connection cannot go on: one plain answer, then the end (RFC 9112 section 2.2). */
  #refuse(status: number, reason: string): void {
    this.waiting = 'gone';
    this.#buffer = EMPTY;
    this.#exchange = undefined;
    this.#socket.off('data', this.#onData);
    this.#socket.on('data', ignore);
    this.#socket.end(plainAnswer(status, reason), 'latin1');
    setTimeout(() => this.#socket.destroy(), 1000).unref();
  }

  // What the exchange under way asks of its connection.

  startBody(exchange: Http1Exchange, sink: BodySink): void {
    if (this.#exchange !== exchange) return;
    if (this.#body === undefined) {
      sink.end([]);
      return;
    }
    this.#sink = sink;
    this.waiting = 'body';
    this.since = Date.now();
    if (exchange.head.expectsContinue && !exchange.started) this.#socket.write(CONTINUE, 'latin1');
    this.resume();
    if (!this.#processing) this.#process();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  pause(): void {
    this.waiting = 'answer';
    this.#pause();
  }

  resume(): void {
    if (this.#sink !== undefined && this.waiting === 'answer') {
      this.waiting = 'body';
      this.since = Date.now();
    }
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  get lastRequest(): boolean {
    return this.#lastRequest;
  }

  /** An answer before the whole request was read: the rest is thrown away, unless the client still waits to send it. */
  get unreadBody(): boolean {
    return this.#body !== undefined && !this.#body.done;
  }

  answered(exchange: Http1Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    this.#sink = undefined;
    if (this.unreadBody && exchange.head.expectsContinue && !exchange.bodyWanted) this.#lastRequest = true;
    if (this.#lastRequest && !this.unreadBody) {
      this.waiting = 'gone';
      this.#socket.end();
      setTimeout(() => this.#socket.destroy(), 1000).unref();
      return;
    }
    this.waiting = this.unreadBody ? 'body' : 'next';
    this.since = Date.now();
    this.resume();
    if (!this.#processing && this.#buffer.length > 0) queueMicrotask(() => this.#process());
  }

  release(): Buffer {
    const rest = this.#buffer;
    this.#buffer = EMPTY;
    this.waiting = 'gone';
    this.#exchange = undefined;
    this.#socket.off('data', this.#onData);
    this.#socket.off('drain', this.#onDrain);
    this.#socket.off('close', this.#onClose);
    this.#onGone(this);
    return rest;
  }
}

class Http1Exchange implements Exchange {
  readonly head: RequestHead;
  readonly #connection: Http1Connection;
  readonly #socket: Socket;
  #pendingHead = '';
  #chunked = false;
  #bodyless = false;
  #ended = false;
  #corked = false;
  started = false;
  bodyWanted = false;
  onDrain: (() => void) | undefined;
  onClose: (() => void) | undefined;

  constructor(connection: Http1Connection, socket: Socket, head: RequestHead) {
    this.#connection = connection;
    this.#socket = socket;
    this.head = head;
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  readBody(sink: BodySink): void {
    this.bodyWanted = true;
    this.#connection.startBody(this, sink);
  }

  pauseBody(): void {
    if (!this.#ended) this.#connection.pause();
  }

  resumeBody(): void {
    if (!this.#ended) this.#connection.resume();
  }

  informational(status: number, headers: readonly string[]): void {
    if (this.#ended || this.started || this.head.version === '1.0') return;
    this.#socket.write(`${statusLine(status, '')}${lines(headers)}\r\n`, 'latin1');
  }

  respond(head: ResponseHead): void {
    if (this.#ended || this.started) return;
    this.started = true;
    this.#bodyless = head.body === 'none';
    let text = statusLine(head.status, head.reason) + lines(head.headers);
    if (head.body === 'chunked' && this.head.version === '1.1') {
      this.#chunked = true;
      text += 'Transfer-Encoding: chunked\r\n';
    }
    // An HTTP/1.0 client reads an answer of unknown length to the end of the connection.
    const close =
      this.#connection.lastRequest ||
      (head.body === 'chunked' && !this.#chunked) ||
      (this.#connection.unreadBody && this.head.expectsContinue && !this.bodyWanted);
    if (close) {
      text += 'Connection: close\r\n';
      this.#connection.drain();
    } else if (this.head.version === '1.0') text += 'Connection: keep-alive\r\n';
    this.#pendingHead = `${text}\r\n`;
  }

  write(chunk: Buffer): boolean {
    if (this.#ended || this.#bodyless || chunk.length === 0) return true;
    if (!this.#chunked) return this.#send(chunk);
    this.#cork();
    const [size, end] = encodeChunk(chunk.length);
    this.#sendText(size);
    this.#socket.write(chunk);
    return this.#socket.write(end, 'latin1');
  }

  end(trailers: readonly string[] = []): void {
    if (this.#ended) return;
    if (this.#chunked) this.#sendText(encodeLastChunk(trailers));
    this.flush();
    this.#ended = true;
    this.#connection.answered(this);
  }

  flush(): void {
    if (this.#ended) return;
    if (this.#pendingHead !== '') this.#sendText('');
    if (this.#corked) {
      this.#corked = false;
      this.#socket.uncork();
    }
  }

  abort(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.destroy();
  }

  takeOver(): { socket: Socket; rest: Buffer } {
    this.#ended = true;
    return { socket: this.#socket, rest: this.#connection.release() };
  }

  clientGone(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onClose?.();
  }

  detach(): void {
    this.#ended = true;
  }

  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
  }

  #sendText(text: string): void {
    const head = this.#pendingHead;
    this.#pendingHead = '';
    if (head !== '' || text !== '') this.#socket.write(head + text, 'latin1');
  }

  #send(chunk: Buffer): boolean {
    const head = this.#pendingHead;
    if (head === '') return this.#socket.write(chunk);
    this.#pendingHead = '';
    if (chunk.length <= MERGE) {
      const merged = Buffer.allocUnsafe(head.length + chunk.length);
      merged.write(head, 0, 'latin1');
      chunk.copy(merged, head.length);
      return this.#socket.write(merged);
    }
    this.#cork();
    this.#socket.write(head, 'latin1');
    return this.#socket.write(chunk);
  }
}

function lines(headers: readonly string[]): string {
  let text = '';
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return text;
}

function ignore(): void {}
