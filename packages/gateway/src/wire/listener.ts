import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { ExchangeHandler } from './exchange.ts';
import { Http1Connection } from './http1.ts';
import { Http2Exchange, http2RequestHead } from './http2.ts';
import { LIMITS } from './limits.ts';
import { isRefusal } from './request-head.ts';

export interface ListenerOptions {
  readonly address: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** PEM. With TLS a browser gets HTTP/2 (ALPN). */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** The one door: plain or TLS sockets in, exchanges out. */
export class Listener {
  readonly #server: Server;
  readonly #http2: Http2Server | undefined;
  readonly #connections = new Set<Http1Connection>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #handler: ExchangeHandler;
  readonly #clock: NodeJS.Timeout;

  constructor(options: Pick<ListenerOptions, 'tls'>, handler: ExchangeHandler) {
    this.#handler = handler;
    if (options.tls) {
      this.#http2 = this.#makeHttp2();
      const tlsServer = createTlsServer({
        ...options.tls,
        ALPNProtocols: ['h2', 'http/1.1'],
        minVersion: 'TLSv1.2',
      });
      tlsServer.on('secureConnection', (socket: TLSSocket) => {
        if (socket.alpnProtocol === 'h2') this.#http2?.emit('connection', socket);
        else this.#accept(socket);
      });
      // A handshake that fails is the client's matter; without a listener the socket's error would be ours.
      tlsServer.on('tlsClientError', (_error, socket) => socket.destroy());
      this.#server = tlsServer;
    } else {
      this.#server = createServer((socket) => this.#accept(socket));
    }
    this.#clock = setInterval(() => this.#endSlow(Date.now()), 1000);
    this.#clock.unref();
  }

  /** @returns the port */
  async listen(address: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: address, port, backlog: 4096 }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const bound = this.#server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : port;
  }

  /**
   * No new connections; idle ones end now, busy ones after their answer, and what is left after `grace` milliseconds is
   * cut. Resolves when all are gone.
   */
  async drain(grace: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.drain();
    for (const session of this.#sessions) session.close();
    const cut = setTimeout(() => {
      for (const connection of this.#connections) connection.cut();
      for (const session of this.#sessions) session.destroy();
    }, grace);
    await closed;
    clearTimeout(cut);
    clearInterval(this.#clock);
  }

  #accept(socket: Socket): void {
    this.#connections.add(
      new Http1Connection(socket, this.#handler, (connection) => this.#connections.delete(connection)),
    );
  }

  #makeHttp2(): Http2Server {
    const server = createHttp2Server({
      maxHeaderListPairs: LIMITS.headers,
      settings: { maxHeaderListSize: LIMITS.requestHead, maxConcurrentStreams: 128 },
    });
    server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('error', () => {});
      session.on('close', () => this.#sessions.delete(session));
      session.setTimeout(LIMITS.keepAlive * 4, () => session.close());
    });
    server.on('sessionError', () => {});
    server.on('stream', (stream, headers, flags, raw) => {
      const endOfStream = (flags & 1) !== 0;
      const head = http2RequestHead(headers, raw ?? [], endOfStream);
      if (isRefusal(head)) {
        stream.on('error', () => {});
        stream.respond({
          ':status': head.status,
          'content-type': 'text/plain; charset=utf-8',
          'cache-control': 'no-store',
        });
        stream.end(`${head.status}: ${head.reason}\n`);
        return;
      }
      this.#handler(new Http2Exchange(stream, head, stream.session?.socket.remoteAddress ?? ''));
    });
    return server;
  }

  /** One clock for all connections: a timer each would cost more than what it watches. */
  #endSlow(now: number): void {
    for (const connection of this.#connections) {
      const idle = now - connection.since;
      const limit =
        connection.waiting === 'next'
          ? LIMITS.keepAlive
          : connection.waiting === 'head'
            ? LIMITS.headTimeout
            : connection.waiting === 'body'
              ? LIMITS.bodyTimeout
              : Number.POSITIVE_INFINITY;
      if (idle > limit) connection.timeOut();
    }
  }
}
