import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Upstream } from '../../src/core/types.ts';

/** An app behind the gateway, with everything counted that reaches it. */
export interface TestApp {
  readonly upstream: Upstream;
  readonly server: HttpServer;
  readonly sockets: ReadonlySet<Socket>;
  /** Connections ever taken. */
  connections: number;
  /** Bytes ever received. */
  bytes: number;
  stop(): Promise<void>;
}

const running = new Set<TestApp>();

/** A real HTTP server; add an `upgrade` listener for WebSockets. */
export function httpApp(handler: RequestListener): Promise<TestApp> {
  return start(createHttpServer({ keepAliveTimeout: 60_000, maxHeaderSize: 64 * 1024 }, handler));
}

/** Says byte for byte what a real server would never say. */
export function rawApp(accept: (socket: Socket) => void): Promise<TestApp> {
  return start(createServer((socket) => accept(socket)) as HttpServer);
}

/** Answers every request head on every connection with these bytes. */
export function scriptedApp(
  answer: string | ((head: string, count: number) => string | undefined),
): Promise<TestApp> {
  let count = 0;
  return rawApp((socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        const reply = typeof answer === 'string' ? answer : answer(head, ++count);
        if (reply === undefined) socket.destroy();
        else socket.write(reply, 'latin1');
      }
    });
  });
}

async function start(server: HttpServer): Promise<TestApp> {
  const sockets = new Set<Socket>();
  const app: TestApp = {
    upstream: { hostname: '127.0.0.1', port: 0 },
    server,
    sockets,
    connections: 0,
    bytes: 0,
    async stop() {
      running.delete(app);
      for (const socket of sockets) socket.destroy();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
  server.on('connection', (socket: Socket) => {
    app.connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      app.bytes += chunk.length;
    });
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  Object.assign(app.upstream, { port: (server.address() as AddressInfo).port });
  running.add(app);
  return app;
}

export async function stopApps(): Promise<void> {
  await Promise.all([...running].map((app) => app.stop()));
}
