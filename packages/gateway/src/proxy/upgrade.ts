import type { Socket } from 'node:net';
import { GatewayError } from '../core/errors.ts';
import type { Upstream } from '../core/types.ts';
import type { Permit } from '../policy/permit.ts';
import { BodyReader, FramingError } from '../wire/body.ts';
import type { Exchange } from '../wire/exchange.ts';
import { headerLines, statusLine } from '../wire/http1-encode.ts';
import { LIMITS } from '../wire/limits.ts';
import { type AppReader, connectReading } from './app-reader.ts';
import { type AppResponseHead, parseResponseHead } from './response-head.ts';
import { type Place, responseHeaders } from './response-headers.ts';

/** What passing on one handshake needs besides the request. */
export interface UpgradeOptions {
  readonly upstream: Upstream;
  readonly place: Place;
  /** From `requestText()`. */
  readonly text: string;
  /** Milliseconds for the app to answer the handshake. */
  readonly timeout: number;
  /** Each handshake calls exactly one of these, once. */
  readonly on: HandshakeEnd;
}

interface HandshakeEnd {
  /** The app agreed: two coupled sockets and what each had sent ahead. */
  opened(opened: Opened): void;
  /** The app refused with an answer of its own, which was passed on. */
  refused(status: number): void;
  /** Nothing was sent to the browser: the gateway must answer. */
  failed(error: GatewayError): void;
  /** The browser is gone. */
  abandoned(): void;
}

/** The sockets of a handshake that both sides agreed to, and what each had sent behind its head. */
export interface Opened {
  readonly client: Socket;
  readonly app: Socket;
  /** What `app` is read through. */
  readonly reader: AppReader;
  readonly clientRest: Buffer;
  readonly appRest: Buffer;
}

/** An app that refuses a handshake answers briefly; more than this is cut. */
const MOST_REFUSAL = 64 * 1024;
const EMPTY = Buffer.alloc(0);

/**
 * Passes a permitted WebSocket handshake to the app and couples the sockets when the app agrees. The same permit as
 * `forward()` demands: an upgrade has no way round the gate (CVE-2026-44578).
 */
export function upgrade(_permit: Permit, exchange: Exchange, options: UpgradeOptions): Handshake {
  return new Handshake(exchange, options);
}

/** One handshake under way; made by `upgrade()`. */
export class Handshake {
  readonly #exchange: Exchange;
  readonly #options: UpgradeOptions;
  readonly #app: Socket;
  readonly #reader: AppReader;
  #received: Buffer = EMPTY;
  #refusal: { head: AppResponseHead; body: BodyReader; chunks: Buffer[]; size: number } | undefined;
  #settled = false;

  constructor(exchange: Exchange, options: UpgradeOptions) {
    this.#exchange = exchange;
    this.#options = options;
    this.#reader = { take: this.#data };
    this.#app = connectReading(options.upstream, this.#reader);
    exchange.onClose = () => {
      if (!this.#settle()) return;
      this.#app.destroy();
      options.on.abandoned();
    };
    this.#app.on('close', this.#closed);
    this.#app.on('error', this.#failed);
    this.#app.setTimeout(options.timeout, () =>
      this.#fail('app_timeout', 504, 'the app did not answer the handshake in time'),
    );
    this.#app.write(`${options.text}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, 'latin1');
  }

  /** Gives up before the app has answered, e.g. because the session ended meanwhile. */
  cancel(error: GatewayError): void {
    if (!this.#settle()) return;
    this.#app.destroy();
    this.#options.on.failed(error);
  }

  /** No listener of the handshake stays: each would keep the whole request alive for as long as the socket is open. */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#exchange.onClose = undefined;
    this.#reader.take = ignore;
    for (const event of ['close', 'error', 'timeout']) this.#app.removeAllListeners(event);
    this.#app.setTimeout(0);
    // Without a listener a reset would be an uncaught exception.
    this.#app.on('error', ignore);
    return true;
  }

  #fail(code: string, status: number, message: string, cause?: unknown): void {
    this.cancel(new GatewayError(code, status, message, { cause }));
  }

  #failed = (error: Error): void =>
    this.#fail('app_unreachable', 502, `the app does not answer: ${error.message}`, error);

  #closed = (): void => {
    if (this.#refusal?.body.closed(undefined)) this.#passRefusal();
    else this.#fail('app_unreachable', 502, 'the app closed the connection during the handshake');
  };

  #data = (chunk: Buffer): void => {
    if (this.#refusal !== undefined) return this.#takeRefusal(chunk);
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (!this.#settled && this.#refusal === undefined) {
      const end = this.#received.indexOf('\r\n\r\n', 0, 'latin1');
      if (end < 0) {
        if (this.#received.length > LIMITS.responseHead)
          this.#fail('app_protocol', 502, 'the handshake answer is too large');
        return;
      }
      const head = parseResponseHead(this.#received.toString('latin1', 0, end), 'GET');
      const rest = this.#received.subarray(end + 4);
      this.#received = rest;
      if (head === undefined) this.#fail('app_protocol', 502, 'the handshake answer is malformed');
      else if (head.status === 101) this.#open(head, rest);
      else if (head.status >= 200) {
        this.#refusal = { head, body: new BodyReader(head.framing), chunks: [], size: 0 };
        this.#takeRefusal(rest);
      }
    }
  };

  #open(head: AppResponseHead, appRest: Buffer): void {
    if (!this.#settle()) return;
    this.#app.pause();
    const { socket, rest } = this.#exchange.takeOver();
    socket.write(switching(head, this.#options.place), 'latin1');
    this.#options.on.opened({
      client: socket,
      app: this.#app,
      reader: this.#reader,
      clientRest: rest,
      appRest,
    });
  }

  #takeRefusal(chunk: Buffer): void {
    const refusal = this.#refusal;
    if (refusal === undefined) return;
    try {
      refusal.body.take(chunk, {
        data: (piece) => {
          refusal.chunks.push(piece);
          refusal.size += piece.length;
        },
        end: () => undefined,
      });
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      return this.#fail('app_protocol', 502, `the app's answer is malformed: ${error.message}`, error);
    }
    if (refusal.body.done || refusal.size >= MOST_REFUSAL) this.#passRefusal();
  }

  #passRefusal(): void {
    const refusal = this.#refusal;
    if (refusal === undefined || !this.#settle()) return;
    this.#app.destroy();
    const { head, chunks } = refusal;
    const body = Buffer.concat(chunks).subarray(0, MOST_REFUSAL);
    const bodyless = head.framing.kind === 'none';
    this.#exchange.respond({
      status: head.status,
      reason: head.reason,
      headers: [
        ...responseHeaders(head, this.#options.place, false),
        ...(bodyless ? [] : ['Content-Length', String(body.length)]),
      ],
      body: bodyless ? 'none' : 'length',
    });
    this.#exchange.write(body);
    this.#exchange.end();
    this.#options.on.refused(head.status);
  }
}

function switching(head: AppResponseHead, place: Place): string {
  const lines = headerLines(responseHeaders(head, place, false));
  return `${statusLine(101, '')}Connection: Upgrade\r\nUpgrade: websocket\r\n${lines}\r\n`;
}

function ignore(): void {}
