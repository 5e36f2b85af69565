import { createServer, type Http2Server, type Http2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { ExchangeHandler } from './exchange.ts';
import { Http2Exchange } from './http2.ts';
import { http2RequestHead } from './http2-head.ts';
import { LIMITS, type Timeouts } from './limits.ts';
import { isRefusal } from './request-head.ts';

/** The HTTP/2 sessions of the listener. Floods of resets, CONTINUATIONs and settings are ended by nghttp2's own limits. */
export class Http2Sessions {
  readonly #server: Http2Server;
  /** With the peer's address: a session whose socket is gone throws when asked for it. */
  readonly #sessions = new Map<Http2Session, string>();

  constructor(handler: ExchangeHandler, timeouts: Timeouts) {
    this.#server = createServer({
      maxHeaderListPairs: LIMITS.headers,
      settings: { maxHeaderListSize: LIMITS.requestHead, maxConcurrentStreams: 128 },
    });
    this.#server.on('session', (session) => {
      this.#sessions.set(session, session.socket.remoteAddress ?? '');
      session.on('error', () => {});
      session.on('close', () => this.#sessions.delete(session));
      session.setTimeout(timeouts.keepAlive * 4, () => session.close());
    });
    this.#server.on('sessionError', () => {});
    this.#server.on('stream', (stream, headers, flags, raw) => {
      if (stream.destroyed || stream.session === undefined) return;
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
      const address = this.#sessions.get(stream.session) ?? '';
      handler(new Http2Exchange(stream, head, address, timeouts));
    });
  }

  get size(): number {
    return this.#sessions.size;
  }

  accept(socket: TLSSocket): void {
    this.#server.emit('connection', socket);
  }

  /** Takes no new streams; ends each session after its last one. */
  drain(): void {
    for (const session of this.#sessions.keys()) session.close();
  }

  cut(): void {
    for (const session of this.#sessions.keys()) session.destroy();
  }
}
