import { connect, type Socket } from 'node:net';
import { GatewayError } from '../core/errors.ts';
import type { Upstream } from '../core/types.ts';
import type { Permit } from '../policy/permit.ts';
import type { Exchange } from '../wire/exchange.ts';
import { statusLine } from '../wire/http1-encode.ts';
import { LIMITS } from '../wire/limits.ts';
import { type AppResponseHead, parseResponseHead } from './response-head.ts';
import { type Place, responseHeaders } from './response-headers.ts';

export interface UpgradeOptions {
  readonly upstream: Upstream;
  readonly place: Place;
  /** From `requestText()`. */
  readonly text: string;
  /** The app agreed: two coupled sockets and what each had sent ahead. */
  readonly onOpen: (opened: Opened) => void;
  /** The app refused with an answer of its own, which was passed on. */
  readonly onRefused: (status: number) => void;
  /** Nothing was sent to the browser: the gateway must answer. */
  readonly onError: (error: GatewayError) => void;
}

export interface Opened {
  readonly client: Socket;
  readonly app: Socket;
  readonly clientRest: Buffer;
  readonly appRest: Buffer;
}

const HANDSHAKE_TIMEOUT = 30_000;
/** An app that refuses a handshake answers briefly; more than this is cut. */
const MOST_REFUSAL = 64 * 1024;

/**
 * Passes a permitted WebSocket handshake to the app and couples the sockets when the app agrees. The same permit as
 * `forward()` demands: an upgrade has no way round the gate (CVE-2026-44578).
 */
export function upgrade(_permit: Permit, exchange: Exchange, options: UpgradeOptions): void {
  const app = connect({ host: options.upstream.hostname, port: options.upstream.port, noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let settled = false;

  const settle = (): void => {
    settled = true;
    app.setTimeout(0);
    app.off('data', onData);
    app.off('close', onClose);
    app.removeAllListeners('timeout');
    exchange.onClose = undefined;
  };
  const fail = (code: string, status: number, message: string, cause?: unknown): void => {
    if (settled) return;
    settle();
    app.destroy();
    options.onError(new GatewayError(code, status, message, { cause }));
  };
  const onClose = (): void =>
    fail('app_unreachable', 502, 'the app closed the connection during the handshake');
  const onData = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    const end = received.indexOf('\r\n\r\n', 0, 'latin1');
    if (end < 0) {
      if (received.length > LIMITS.responseHead)
        fail('app_protocol', 502, 'the handshake answer is too large');
      return;
    }
    const head = parseResponseHead(received.toString('latin1', 0, end), 'GET');
    if (head === undefined) {
      fail('app_protocol', 502, 'the handshake answer is malformed');
    } else if (head.status === 101) {
      const appRest = received.subarray(end + 4);
      received = Buffer.alloc(0);
      settle();
      app.pause();
      const { socket, rest } = exchange.takeOver();
      socket.write(switching(head, options.place), 'latin1');
      options.onOpen({ client: socket, app, clientRest: rest, appRest });
    } else if (bodyComplete(head, received.length - end - 4)) {
      settle();
      app.destroy();
      passRefusal(exchange, head, received.subarray(end + 4), options);
    }
  };

  exchange.onClose = () => {
    settle();
    app.destroy();
  };
  app.on('data', onData);
  app.on('close', onClose);
  app.on('error', (error) =>
    fail('app_unreachable', 502, `the app does not answer: ${error.message}`, error),
  );
  app.setTimeout(HANDSHAKE_TIMEOUT, () =>
    fail('app_timeout', 504, 'the app did not answer the handshake in time'),
  );
  app.write(`${options.text}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, 'latin1');
}

/** Waits for a refusal's short body when its length is known; without one its status alone goes on. */
function bodyComplete(head: AppResponseHead, received: number): boolean {
  if (head.framing.kind !== 'length') return true;
  return received >= Math.min(head.framing.length, MOST_REFUSAL);
}

function passRefusal(exchange: Exchange, head: AppResponseHead, body: Buffer, options: UpgradeOptions): void {
  const kept =
    head.framing.kind === 'length'
      ? body.subarray(0, Math.min(head.framing.length, MOST_REFUSAL))
      : Buffer.alloc(0);
  const headers = responseHeaders(head, options.place, false);
  exchange.respond({
    status: head.status < 200 ? 502 : head.status,
    reason: head.reason,
    headers: [...headers, 'Content-Length', String(kept.length)],
    body: 'length',
  });
  exchange.write(kept);
  exchange.end();
  options.onRefused(head.status);
}

function switching(head: AppResponseHead, place: Place): string {
  const headers = responseHeaders(head, place, false);
  let text = `${statusLine(101, '')}Connection: Upgrade\r\nUpgrade: websocket\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${text}\r\n`;
}
