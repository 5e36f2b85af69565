import { GatewayError } from '../core/errors.ts';
import type { Upstream } from '../core/types.ts';
import type { Permit } from '../policy/permit.ts';
import { BodyReader, type BodySink, FramingError } from '../wire/body.ts';
import type { Exchange } from '../wire/exchange.ts';
import { encodeChunk, encodeLastChunk } from '../wire/http1-encode.ts';
import { LIMITS } from '../wire/limits.ts';
import { takesInsertion } from './answer-rules.ts';
import { HtmlInsertion } from './html-insertion.ts';
import type { AppConnection, ConnectionUser, Pool } from './pool.ts';
import { type AppResponseHead, parseResponseHead } from './response-head.ts';
import { honestTrailers, type Place, responseHeaders } from './response-headers.ts';
import type { ByteCounters } from './socket-pair.ts';

/** What forwarding one request needs besides the request. */
interface ForwardOptions {
  readonly pool: Pool;
  readonly upstream: Upstream;
  readonly place: Place;
  /** From `requestText()`. */
  readonly text: string;
  /** Told once, when the answer is complete or will never be; `error` before the first byte means nothing was sent yet. */
  readonly onDone: (outcome: Outcome) => void;
  /** Asked before the head of the answer goes out; an error stops it and becomes the answer. */
  readonly onHead?: (head: AppResponseHead) => GatewayError | undefined;
  readonly counters?: ByteCounters;
}

/** How forwarding ended. */
export interface Outcome {
  /** 0 when no head was sent. */
  readonly status: number;
  /** Set when nothing was sent and the gateway must answer itself. */
  readonly error?: GatewayError;
}

const EMPTY = Buffer.alloc(0);
/** Methods that may be sent again when a kept connection turns out dead (RFC 9110 section 9.2.2). */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Sends a permitted request to its app and the answer to the browser, both as they come, each waiting for the slower
 * side. Demands the gate's permit: an undecided request cannot get here.
 */
export function forward(_permit: Permit, exchange: Exchange, options: ForwardOptions): Forwarding {
  return new Forwarding(exchange, options);
}

/** One request under way to its app; made by `forward()`. */
export class Forwarding implements ConnectionUser {
  readonly #exchange: Exchange;
  readonly #options: ForwardOptions;
  #connection: AppConnection;
  #received: Buffer = EMPTY;
  #response: AppResponseHead | undefined;
  #body: BodyReader | undefined;
  #insertion: HtmlInsertion | undefined;
  #trailers: readonly string[] = [];
  /** Nothing is lost or done twice when the request is sent again. */
  readonly #mayRepeat: boolean;
  #requestSent = false;
  /** A byte of the answer has come, if only of an interim one: the app has seen the request. */
  #answerBegun = false;
  #done = false;
  #waitingForClient = false;

  constructor(exchange: Exchange, options: ForwardOptions) {
    this.#exchange = exchange;
    this.#options = options;
    exchange.onClose = () => this.#finish(undefined, true);
    exchange.onDrain = () => {
      if (!this.#waitingForClient) return;
      this.#waitingForClient = false;
      this.#connection.socket.resume();
    };
    const { head } = exchange;
    this.#mayRepeat = head.framing.kind === 'none' && REPEATABLE.has(head.method);
    this.#connection = this.#send(false);
    if (head.framing.kind === 'none') this.#requestSent = true;
    else
      exchange.readBody({
        data: (chunk) => this.#sendBody(chunk),
        end: (trailers) => this.#sendEnd(trailers),
      });
  }

  /** Ends it from our side, e.g. because the session of an event stream ended. */
  abort(): void {
    this.#finish(undefined, true);
    this.#exchange.abort();
  }

  #send(fresh: boolean): AppConnection {
    const connection = this.#options.pool.acquire(
      this.#options.upstream,
      fresh ? 'new' : this.#mayRepeat ? 'any' : 'recent',
    );
    this.#connection = connection;
    connection.user = this;
    connection.socket.write(`${this.#options.text}\r\n`, 'latin1');
    return connection;
  }

  // The request body, towards the app.

  #sendBody(chunk: Buffer): void {
    if (this.#done || chunk.length === 0) return;
    if (this.#options.counters) this.#options.counters.bytesIn += chunk.length;
    const socket = this.#connection.socket;
    let more: boolean;
    if (this.#exchange.head.framing.kind === 'chunked') {
      const [before, after] = encodeChunk(chunk.length);
      socket.cork();
      socket.write(before, 'latin1');
      socket.write(chunk);
      more = socket.write(after, 'latin1');
      socket.uncork();
    } else more = socket.write(chunk);
    if (!more) this.#exchange.pauseBody();
  }

  #sendEnd(trailers: readonly string[]): void {
    this.#requestSent = true;
    if (!this.#done && this.#exchange.head.framing.kind === 'chunked') {
      this.#connection.socket.write(encodeLastChunk(honestTrailers(trailers)), 'latin1');
    }
  }

  drain(): void {
    this.#exchange.resumeBody();
  }

  // The answer, from the app.

  data(chunk: Buffer): void {
    this.#answerBegun = true;
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    try {
      while (this.#response === undefined && !this.#done) if (!this.#takeHead()) return;
      if (this.#body !== undefined && this.#received.length > 0 && !this.#done) {
        const received = this.#received;
        this.#received = EMPTY;
        const used = this.#body.take(received, this.#answer);
        if (this.#body.done) this.#complete(used === received.length);
      }
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#fail('app_protocol', 502, `the app's answer is malformed: ${error.message}`, error);
      return;
    }
    if (!this.#done) this.#exchange.flush();
  }

  readonly #answer: BodySink = {
    data: (chunk) => this.#writeAnswer(chunk),
    end: (trailers) => {
      if (this.#insertion !== undefined) this.#exchange.write(this.#insertion.end());
      this.#trailers = honestTrailers(trailers);
    },
  };

  /**
   * @param clean - nothing followed the answer: otherwise the app and we disagree on where it ends, and the rest would be
   *   somebody else's next answer (response splitting)
   */
  #complete(clean: boolean): void {
    this.#exchange.end(this.#trailers);
    // An answer before the whole request leaves a connection on which the rest of the request would be the next one.
    this.#finish(undefined, !clean || !this.#requestSent);
  }

  #takeHead(): boolean {
    const end = this.#received.indexOf('\r\n\r\n', 0, 'latin1');
    if (end < 0) {
      if (this.#received.length > LIMITS.responseHead) throw new FramingError('head too large');
      return false;
    }
    const head = parseResponseHead(this.#received.toString('latin1', 0, end), this.#exchange.head.method);
    if (head === undefined) throw new FramingError('malformed head');
    this.#received = end + 4 === this.#received.length ? EMPTY : this.#received.subarray(end + 4);
    if (head.status === 101) throw new FramingError('switched protocols unasked');
    if (head.status < 200) {
      if (head.status !== 100)
        this.#exchange.informational(head.status, responseHeaders(head, this.#options.place, false));
      return true;
    }
    this.#response = head;
    const framing = head.framing;
    const stop = this.#options.onHead?.(head);
    if (stop !== undefined) {
      this.#response = undefined;
      this.#finish(stop, true);
      return false;
    }
    const { place } = this.#options;
    const piece = place.rules?.insertion;
    const inserts = piece !== undefined && takesInsertion(head);
    if (inserts && framing.kind !== 'none') this.#insertion = new HtmlInsertion(piece);
    this.#exchange.respond({
      status: head.status,
      reason: head.reason,
      headers: responseHeaders(
        head,
        place,
        framing.kind === 'length' || framing.kind === 'none',
        inserts ? piece.length : 0,
      ),
      body: framing.kind === 'none' ? 'none' : framing.kind === 'length' ? 'length' : 'chunked',
    });
    this.#body = new BodyReader(framing);
    if (this.#body.done) this.#complete(this.#received.length === 0);
    return true;
  }

  #writeAnswer(chunk: Buffer): void {
    if (this.#options.counters) this.#options.counters.bytesOut += chunk.length;
    const bytes = this.#insertion === undefined ? chunk : this.#insertion.take(chunk);
    if (bytes.length === 0 || this.#exchange.write(bytes)) return;
    this.#waitingForClient = true;
    this.#connection.socket.pause();
  }

  timedOut(): void {
    if (this.#response === undefined) this.#fail('app_timeout', 504, 'the app did not answer in time');
  }

  failed(error: Error): void {
    if (this.#retry()) return;
    this.#fail('app_unreachable', 502, `the app does not answer: ${error.message}`, error);
  }

  closed(): void {
    if (this.#done) return;
    if (this.#body?.closed(this.#answer)) return this.#complete(true);
    if (this.#retry()) return;
    this.#fail('app_unreachable', 502, 'the app closed the connection before it had answered');
  }

  /** A kept connection that the app had closed: nothing of the answer has come, nothing of a body has gone. */
  #retry(): boolean {
    const may =
      !this.#done &&
      this.#mayRepeat &&
      this.#connection.reused &&
      this.#response === undefined &&
      !this.#answerBegun;
    if (!may) return false;
    this.#connection.user = undefined;
    this.#connection.socket.destroy();
    this.#send(true);
    return true;
  }

  #fail(code: string, status: number, message: string, cause?: unknown): void {
    if (this.#done) return;
    if (this.#response !== undefined) {
      this.#finish(undefined, true);
      this.#exchange.abort();
      return;
    }
    this.#finish(new GatewayError(code, status, message, { cause }), true);
  }

  #finish(error: GatewayError | undefined, discard: boolean): void {
    if (this.#done) return;
    this.#done = true;
    this.#exchange.onClose = undefined;
    this.#exchange.onDrain = undefined;
    const connection = this.#connection;
    connection.user = undefined;
    if (discard || this.#response?.reusable !== true) connection.socket.destroy();
    else {
      if (this.#waitingForClient) connection.socket.resume();
      this.#options.pool.release(connection);
    }
    this.#options.onDone(
      error === undefined ? { status: this.#response?.status ?? 0 } : { status: 0, error },
    );
  }
}
