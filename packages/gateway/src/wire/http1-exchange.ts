import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { BodySink } from './body.ts';
import type { Exchange, ResponseHead } from './exchange.ts';
import type { Http1Connection } from './http1.ts';
import { encodeChunk, encodeLastChunk, headerLines, statusLine } from './http1-encode.ts';
import type { RequestHead } from './request-head.ts';

/** Up to this many bytes an answer's head and first piece are copied together: one system call instead of two. */
const MERGE = 16 * 1024;

/** One request on an HTTP/1.x connection, and its answer. */
export class Http1Exchange implements Exchange {
  readonly head: RequestHead;
  readonly #connection: Http1Connection;
  readonly #socket: Socket;
  #pendingHead = '';
  #chunked = false;
  #untilClose = false;
  #bodyless = false;
  #ended = false;
  #gone = false;
  #corked = false;
  #bodyWanted = false;
  #whenClosed: (() => void) | undefined;
  started = false;
  onDrain: (() => void) | undefined;

  constructor(connection: Http1Connection, socket: Socket, head: RequestHead) {
    this.#connection = connection;
    this.#socket = socket;
    this.head = head;
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get onClose(): (() => void) | undefined {
    return this.#whenClosed;
  }

  set onClose(callback: (() => void) | undefined) {
    this.#whenClosed = callback;
    // Gone while the gate still decided: whoever asks now would otherwise wait for ever.
    if (this.#gone && callback !== undefined) queueMicrotask(() => this.#whenClosed?.());
  }

  readBody(sink: BodySink): void {
    this.#bodyWanted = true;
    this.#connection.startBody(this, sink);
  }

  pauseBody(): void {
    this.#connection.holdBody(this, true);
  }

  resumeBody(): void {
    this.#connection.holdBody(this, false);
  }

  informational(status: number, headers: readonly string[]): void {
    if (this.#ended || this.started || this.head.version === '1.0') return;
    this.#socket.write(`${statusLine(status, '')}${headerLines(headers)}\r\n`, 'latin1');
  }

  respond(head: ResponseHead): void {
    if (this.#ended || this.started) return;
    this.started = true;
    this.#bodyless = head.body === 'none';
    let text = statusLine(head.status, head.reason) + headerLines(head.headers);
    if (head.body === 'chunked') {
      // An HTTP/1.0 client reads an answer of unknown length to the end of the connection.
      this.#untilClose = this.head.version === '1.0';
      this.#chunked = !this.#untilClose;
      if (this.#chunked) text += 'Transfer-Encoding: chunked\r\n';
    }
    // Refused while it waits to be asked for its body: it may send that body or not, so nothing can follow it.
    const unasked = this.head.expectsContinue && !this.#bodyWanted && this.#connection.unreadBody;
    if (unasked) this.#connection.setLast();
    if (this.#connection.lastRequest) text += 'Connection: close\r\n';
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
    // An orderly end would be the regular end of an answer without a length.
    if (this.#untilClose && !(this.#socket instanceof TLSSocket)) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  takeOver(): { socket: Socket; rest: Buffer } {
    this.#ended = true;
    return { socket: this.#socket, rest: this.#connection.release() };
  }

  /** The client went away, or what it sent cannot be read to the end. */
  clientGone(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#gone = true;
    this.#whenClosed?.();
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
