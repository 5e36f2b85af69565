import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import type { AskApi } from './api.ts';
import type { Verify } from './identity.ts';
import { adminPage, dashboard } from './page.ts';
import { Room } from './room.ts';

const ASSETS = new URL('../../../assets/demo/', import.meta.url);
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'self'";

interface DemoOptions {
  /** `/` or `/demo`. */
  readonly basePath: string;
  readonly verify: Verify;
  readonly askApi: AskApi;
  readonly random: () => number;
  readonly now: () => number;
}

/** The sample app: a server that knows nothing of passwords and reads who is there from `Portico-Assertion`. */
export function demoServer(options: DemoOptions): Server {
  const base = options.basePath === '/' ? '/' : `${options.basePath}/`;
  const room = new Room(options.now(), options.random, options.askApi);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 });
  const files = new Map(
    [
      ['demo.css', 'text/css; charset=utf-8'],
      ['demo.js', 'text/javascript; charset=utf-8'],
    ].map(([name = '', type = '']) => [base + name, { type, body: readFileSync(new URL(name, ASSETS)) }]),
  );

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    const path = new URL(request.url ?? '/', 'http://app').pathname;
    const send = (
      status: number,
      type: string,
      body: string | Uint8Array,
      headers: Record<string, string> = {},
    ) =>
      response
        .writeHead(status, {
          'content-type': type,
          'content-security-policy': POLICY,
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
          ...headers,
        })
        .end(body);

    if (path === `${base}healthz`) return send(200, 'text/plain', 'ok\n');
    if (path === options.basePath && path !== base) return send(308, 'text/plain', '', { location: base });
    const person = await options.verify(header(request, 'portico-assertion'));
    if (!person)
      return send(401, 'text/plain', 'This app stands behind Portico: open it through the gateway.\n');
    const file = files.get(path);
    if (file) return send(200, file.type, file.body);
    if (path === base) return send(200, 'text/html; charset=utf-8', dashboard(base, person));
    if (path === `${base}admin/`) {
      if (!person.roles.includes('admin')) return send(403, 'text/plain', 'For admins only.\n');
      return send(200, 'text/html; charset=utf-8', adminPage(base, person, room.people));
    }
    return send(404, 'text/plain', 'Not here.\n');
  };

  const server = createServer((request, response) => void answer(request, response));
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const assertion = header(request, 'portico-assertion');
    void options.verify(assertion).then((person) => {
      const here = new URL(request.url ?? '/', 'http://app').pathname === `${base}live`;
      if (person && here)
        sockets.handleUpgrade(request, socket, head, (opened) => room.enter(opened, person, assertion ?? ''));
      else
        socket.end(`HTTP/1.1 ${person ? '404 Not Found' : '401 Unauthorized'}\r\nConnection: close\r\n\r\n`);
    });
  });
  const timer = setInterval(() => room.tick(options.now()), 1000);
  server.on('close', () => {
    clearInterval(timer);
    for (const socket of sockets.clients) socket.terminate();
  });
  return server;
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
