import type { Socket } from 'node:net';
import { BodyReader, type BodySink, FramingError } from './body.ts';
import type { ExchangeHandler } from './exchange.ts';
import { plainAnswer } from './http1-encode.ts';
import { Http1Exchange } from './http1-exchange.ts';
import { LIMITS, type Timeouts } from './limits.ts';
import { isRefusal, parseRequestHead, type RequestHead } from './request-head.ts';

const EMPTY = Buffer.alloc(0);
const END_OF_HEAD = '\r\n\r\n';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const CR = 13;
const LF = 10;

/** `discard`: the rest of a body whose answer is out; `closing`: our end is sent, the client's is not here yet. */
type Waiting = 'next' | 'head' | 'body' | 'answer' | 'discard' | 'closing' | 'gone';

/**
 * One HTTP/1.x connection of a browser: takes one request at a time off the socket, hands it to the gate, and keeps what
 * a pipelining client sent ahead, bounded. A client that ends its side counts as gone, as with most gateways: nothing
 * else tells a closed tab from a patient one.
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
  /** The receiver of the body asked for a pause. */
  #held = false;
  #paused = false;
  #processing = false;
  #lastRequest = false;
  #sendTimer = false;
  #waiting: Waiting = 'next';
  /** Milliseconds since the epoch of the last progress. */
  #since = Date.now();

  constructor(socket: Socket, handler: ExchangeHandler, onGone: (connection: Http1Connection) => void) {
    this.#socket = socket;
    this.#handler = handler;
    this.#onGone = onGone;
    this.remoteAddress = socket.remoteAddress ?? '';
    socket.setNoDelay(true);
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    // Without a listener a reset would be an uncaught exception and stop the process.
    socket.on('error', ignore);
    socket.on('close', this.#onClose);
  }

  /**
   * Ends the connection when it waits for nothing, otherwise after the answer under way. An idle client may notice our
   * end only with its next request (a pool of connections), so it is not waited for.
   */
  drain(): void {
    this.#lastRequest = true;
    if (this.#waiting === 'next') this.#socket.destroySoon();
  }

  /** Ends it whatever it is at. */
  readonly cut = (): void => {
    this.#socket.destroy();
  };

  /** Ends it when its client takes too long. Called every now and then: a timer each would cost more than it watches. */
  check(now: number, timeouts: Timeouts): void {
    const unread = this.#socket.writableLength > 0;
    if (unread !== this.#sendTimer) {
      // The socket's own timer also sees the progress within one large write.
      this.#sendTimer = unread;
      this.#socket.setTimeout(unread ? timeouts.send : 0, this.cut);
    }
    const waited = now - this.#since;
    switch (this.#waiting) {
      case 'next':
        if (unread) this.#since = now;
        else if (waited > timeouts.keepAlive) this.#socket.destroy();
        break;
      case 'head':
        if (waited > timeouts.head) this.#refuse(408, 'request head timeout');
        break;
      case 'body':
        if (waited > timeouts.body) this.#failBody(408, 'request body timeout');
        break;
      case 'discard':
      case 'closing':
        if (unread) this.#since = now;
        else if (waited > timeouts.linger) this.#socket.destroy();
        break;
      default:
    }
  }

  #onData = (chunk: Buffer): void => {
    if (!this.#open) return;
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    this.#process();
  };

  #onDrain = (): void => {
    this.#exchange?.onDrain?.();
    if (this.#exchange === undefined) this.#process();
  };

  #onClose = (): void => {
    this.#waiting = 'gone';
    this.#buffer = EMPTY;
    this.#onGone(this);
    this.#exchange?.clientGone();
  };

  get #open(): boolean {
    return this.#waiting !== 'closing' && this.#waiting !== 'gone';
  }

  /** Works through what has been read. A loop, not recursion: a pipelining client must not grow the stack. */
  readonly #process = (): void => {
    if (this.#processing) return;
    this.#processing = true;
    try {
      while (this.#buffer.length > 0 && this.#open) {
        if (this.#body !== undefined) {
          if (this.#exchange !== undefined && this.#sink === undefined) break;
          const chunk = this.#buffer;
          this.#buffer = EMPTY;
          this.#buffer = this.#feedBody(chunk, this.#body);
        } else if (this.#exchange !== undefined || this.#socket.writableLength > LIMITS.writeAhead) break;
        else if (!this.#takeHead()) break;
      }
    } finally {
      this.#processing = false;
    }
    this.#flow();
  };

  /** @returns what follows the body */
  #feedBody(chunk: Buffer, body: BodyReader): Buffer {
    let used: number;
    try {
      used = body.take(chunk, this.#sink);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#failBody(400, error.message);
      return EMPTY;
    }
    // While the receiver worked, the exchange may have been answered, and the connection may be closing.
    if (!this.#open) return EMPTY;
    if (this.#exchange !== undefined) this.#since = Date.now();
    if (body.done) {
      this.#body = undefined;
      this.#sink = undefined;
      this.#held = false;
      if (this.#exchange !== undefined) this.#waiting = 'answer';
      else this.#next();
    }
    return chunk.subarray(used);
  }

  /** @returns true when a head was taken */
  #takeHead(): boolean {
    const buffer = this.#buffer;
    // RFC 9112 section 2.2: an empty line before the request line is ignored.
    let start = 0;
    while (start < 4 && buffer[start] === CR && buffer[start + 1] === LF) start += 2;
    const end = buffer.indexOf(END_OF_HEAD, start, 'latin1');
    if (end < 0 && buffer.length <= LIMITS.requestHead) {
      // What can no longer become a request is refused now, not at the timeout: another protocol, bare LF.
      if (!mayBecomeHead(buffer, start)) this.#refuse(400, 'malformed request line');
      else if (this.#waiting !== 'head') {
        this.#waiting = 'head';
        this.#since = Date.now();
      }
      return false;
    }
    if (end < 0 || end - start > LIMITS.requestHead) {
      this.#refuse(431, 'request head too large');
      return false;
    }
    const head = parseRequestHead(buffer.toString('latin1', start, end));
    this.#buffer = end + 4 === buffer.length ? EMPTY : buffer.subarray(end + 4);
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
    this.#waiting = 'answer';
    if (!head.keepAlive) this.#lastRequest = true;
    if (head.framing.kind !== 'none') this.#body = new BodyReader(head.framing);
    this.#handler(exchange);
  }

  #next(): void {
    this.#waiting = 'next';
    this.#since = Date.now();
  }

  /** The connection cannot go on: one plain answer, then the end (RFC 9112 section 2.2). */
  #refuse(status: number, reason: string): void {
    this.#socket.write(plainAnswer(status, reason), 'latin1');
    this.#close();
  }

  /** The body cannot be read to its end. Who receives it must not take what came for the whole. */
  #failBody(status: number, reason: string): void {
    const exchange = this.#exchange;
    if (exchange?.started) return void this.#socket.destroy();
    if (exchange === undefined) this.#close();
    else this.#refuse(status, reason);
    exchange?.clientGone();
  }

  /** Sends the end, then throws away what still comes until the client ends too: a reset would lose it our answer. */
  #close(): void {
    this.#waiting = 'closing';
    this.#since = Date.now();
    this.#buffer = EMPTY;
    this.#exchange = undefined;
    this.#body = undefined;
    this.#sink = undefined;
    this.#held = false;
    this.#socket.end();
    this.#flow();
  }

  /** Reads on, or stops: when the receiver of the body asks for it, or when too much was sent ahead. */
  #flow(): void {
    const pause = this.#held || this.#buffer.length > LIMITS.readAhead;
    if (pause === this.#paused || this.#waiting === 'gone') return;
    this.#paused = pause;
    if (pause) this.#socket.pause();
    else this.#socket.resume();
  }

  // What the exchange under way asks of its connection.

  startBody(exchange: Http1Exchange, sink: BodySink): void {
    if (this.#exchange !== exchange) return;
    if (this.#body === undefined) {
      sink.end([]);
      return;
    }
    this.#sink = sink;
    this.#waiting = 'body';
    this.#since = Date.now();
    if (exchange.head.expectsContinue && !exchange.started) this.#socket.write(CONTINUE, 'latin1');
    this.#process();
  }

  holdBody(exchange: Http1Exchange, hold: boolean): void {
    if (this.#exchange !== exchange || this.#sink === undefined || this.#held === hold) return;
    this.#held = hold;
    // Nobody can blame the client for a pause of ours.
    this.#waiting = hold ? 'answer' : 'body';
    this.#since = Date.now();
    this.#flow();
  }

  get lastRequest(): boolean {
    return this.#lastRequest;
  }

  /** No request after this one. */
  setLast(): void {
    this.#lastRequest = true;
  }

  get unreadBody(): boolean {
    return this.#body !== undefined && !this.#body.done;
  }

  answered(exchange: Http1Exchange): void {
    if (this.#exchange !== exchange) return;
    if (this.#lastRequest) return this.#close();
    this.#exchange = undefined;
    this.#sink = undefined;
    this.#held = false;
    this.#next();
    if (this.unreadBody) this.#waiting = 'discard';
    if (this.#processing) return;
    if (this.#buffer.length > 0) queueMicrotask(this.#process);
    else this.#flow();
  }

  release(): Buffer {
    const rest = this.#buffer;
    this.#buffer = EMPTY;
    this.#waiting = 'gone';
    this.#exchange = undefined;
    this.#socket.setTimeout(0, this.cut);
    this.#socket.off('data', this.#onData);
    this.#socket.off('drain', this.#onDrain);
    this.#socket.off('close', this.#onClose);
    this.#onGone(this);
    return rest;
  }
}

/** False when these first bytes cannot begin a request: another protocol (TLS on a plain port), bare LF. */
function mayBecomeHead(buffer: Buffer, start: number): boolean {
  const first = buffer[start];
  if (first === undefined || (first === CR && start + 1 === buffer.length)) return true;
  if (first < 65 || first > 90) return false;
  for (let at = buffer.indexOf(LF, start); at >= 0; at = buffer.indexOf(LF, at + 1)) {
    if (buffer[at - 1] !== CR) return false;
  }
  return true;
}

function ignore(): void {}
