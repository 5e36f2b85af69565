import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { ExchangeHandler } from './exchange.ts';
import { Http1Connection } from './http1.ts';
import { Http2Sessions } from './http2-server.ts';
import { TIMEOUTS, type Timeouts } from './limits.ts';

/** Certificate chain and private key, PEM. */
interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The one door: plain or TLS sockets in, exchanges out. */
export class Listener {
  readonly #server: Server;
  readonly #http2: Http2Sessions | undefined;
  readonly #connections = new Set<Http1Connection>();
  /** The sockets below TLS: during the handshake nothing else knows them. */
  readonly #encrypted = new Set<Socket>();
  readonly #handler: ExchangeHandler;
  readonly #timeouts: Timeouts;
  readonly #clock: NodeJS.Timeout;

  /** @param options - with `tls` a browser gets HTTP/2 (ALPN) */
  constructor(options: { readonly tls?: Certificate }, handler: ExchangeHandler, timeouts = TIMEOUTS) {
    this.#handler = handler;
    this.#timeouts = timeouts;
    if (options.tls) {
      this.#http2 = new Http2Sessions(handler, timeouts);
      this.#server = this.#makeTls(options.tls, this.#http2);
    } else {
      this.#server = createServer((socket) => this.#accept(socket));
    }
    this.#clock = setInterval(() => this.#endSlow(), timeouts.tick);
    this.#clock.unref();
  }

  /** HTTP/1.x connections and HTTP/2 sessions, without those that became a WebSocket. */
  get connections(): number {
    return this.#connections.size + (this.#http2?.size ?? 0);
  }

  /**
   * @param port - 0 picks a free one
   * @returns the port
   */
  async listen(address: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: address, port, backlog: 4096 }, () => {
        this.#server.off('error', reject);
        // Out of file descriptors: the process goes on, and accepts again when some are free.
        this.#server.on('error', () => {});
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
    this.#http2?.drain();
    const cut = setTimeout(() => {
      for (const connection of this.#connections) connection.cut();
      this.#http2?.cut();
      for (const socket of this.#encrypted) socket.destroy();
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

  #makeTls(tls: Certificate, http2: Http2Sessions): Server {
    const server = createTlsServer({
      ...tls,
      ALPNProtocols: ['h2', 'http/1.1'],
      minVersion: 'TLSv1.2',
      handshakeTimeout: this.#timeouts.head,
    });
    server.on('connection', (socket: Socket) => {
      this.#encrypted.add(socket);
      socket.once('close', () => this.#encrypted.delete(socket));
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.alpnProtocol === 'h2') http2.accept(socket);
      else this.#accept(socket);
    });
    // A handshake that fails is the client's matter; without a listener the socket's error would be ours.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return server;
  }

  #endSlow(): void {
    const now = Date.now();
    for (const connection of this.#connections) connection.check(now, this.#timeouts);
  }
}
