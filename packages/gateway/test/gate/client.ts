import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';
import { HOST, ORIGIN } from './gateway.ts';

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly trailers: IncomingMessage['trailers'];
  readonly body: Buffer;
  readonly text: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly cookie?: string;
  readonly body?: string | Buffer;
}

interface Place {
  readonly port: number;
}

/** Headers of a browser that follows a link. */
export const NAVIGATION = { 'sec-fetch-mode': 'navigate', accept: 'text/html' };

export function open(gateway: Place, path: string, ask: Ask = {}) {
  return httpRequest({
    port: gateway.port,
    host: '127.0.0.1',
    path,
    method: ask.method ?? 'GET',
    agent: false,
    headers: { host: HOST, ...(ask.cookie === undefined ? {} : { cookie: ask.cookie }), ...ask.headers },
  });
}

/** One request on a connection of its own. */
export async function ask(gateway: Place, path: string, options: Ask = {}): Promise<Answer> {
  const request = open(gateway, path, options);
  request.end(options.body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return whole(response);
}

export async function whole(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? '',
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    trailers: response.trailers,
    body,
    text: body.toString('utf8'),
  };
}

/** A socket with what came over it as latin1 text. */
export class RawClient {
  readonly socket: Socket;
  text = '';
  ended = false;
  readonly #changed = new Set<() => void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1');
      this.#tell();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.ended = true;
      this.#tell();
    });
  }

  send(text: string | Buffer): void {
    this.socket.write(text as string, 'latin1');
  }

  /** Waits for a text, or with `undefined` for the end of the connection. */
  async until(wanted: string | RegExp | undefined): Promise<string> {
    for (;;) {
      if (wanted !== undefined && this.text.search(wanted) >= 0) return this.text;
      if (this.ended) {
        if (wanted === undefined) return this.text;
        throw new Error(`the connection ended before ${wanted}; it said: ${this.text.slice(0, 500)}`);
      }
      await new Promise<void>((resolve) => this.#changed.add(resolve));
    }
  }

  #tell(): void {
    for (const resolve of this.#changed) resolve();
    this.#changed.clear();
  }
}

export async function rawClient(gateway: Place): Promise<RawClient> {
  const socket = connect(gateway.port, '127.0.0.1');
  await once(socket, 'connect');
  return new RawClient(socket);
}

/** A request head with the usual lines, for a raw socket. */
export function head(line: string, cookie: string, ...more: string[]): string {
  return [`${line} HTTP/1.1`, `Host: ${HOST}`, `Cookie: ${cookie}`, ...more, '', ''].join('\r\n');
}

export const HANDSHAKE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  `Origin: ${ORIGIN}`,
];

export interface SocketAsk extends ClientOptions {
  readonly cookie?: string;
  readonly subprotocols?: string[];
}

/** A WebSocket that may still be opening. */
export function socket(gateway: Place, path: string, ask: SocketAsk = {}): WebSocket {
  const { cookie, subprotocols = [], headers, ...options } = ask;
  return new WebSocket(`ws://127.0.0.1:${gateway.port}${path}`, subprotocols, {
    origin: ORIGIN,
    ...options,
    headers: { host: HOST, ...(cookie === undefined ? {} : { cookie }), ...headers },
  });
}

/** An open WebSocket. @throws Error `Unexpected server response: STATUS` */
export async function openSocket(gateway: Place, path: string, ask: SocketAsk = {}): Promise<WebSocket> {
  const client = socket(gateway, path, ask);
  await once(client, 'open');
  client.on('error', () => undefined);
  return client;
}

export async function closed(client: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(client, 'close')) as [number, Buffer];
  return { code, reason: reason.toString() };
}
