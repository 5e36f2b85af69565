import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type WebSocket, WebSocketServer } from 'ws';

const ASSETS = new URL('../../../gateway/assets/embed/', import.meta.url);

/** A token in the form of a JWT. Nobody signs it: what a gateway checks is the gateway's to test. */
export function tokenFor(sub: string, seconds = 3600, audience = 'apps'): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Date.now() / 1000 + seconds;
  return `${part({ alg: 'none' })}.${part({ sub, exp, aud: audience, jti: randomUUID() })}.x`;
}

interface Session {
  readonly handle: string;
  readonly origin: string;
  readonly sub: string;
  live: boolean;
  readonly sockets: Set<WebSocket>;
}

/** How a stand-in misbehaves. */
export interface Trouble {
  /** No cookie is set, as where a browser refuses it. */
  noCookie?: boolean;
  /** Status of every answer to `/.auth/embed/code`, or no answer at all. */
  code?: number | 'never';
  /** Pages of the app never answer. */
  page?: 'never';
  /** Tokens that are no longer good. */
  readonly revoked: Set<string>;
}

/** Plays the gateway with one app in it, as `docs/embedding.md` describes what it answers. */
export class StandIn {
  readonly trouble: Trouble = { revoked: new Set() };
  /** Origins that may embed the app. */
  readonly listed = new Set<string>();
  /** What was asked, as `POST /path?query`, and with which header for a token. */
  readonly log: { readonly line: string; readonly authorization: string | undefined }[] = [];
  /** The app's pages by path. */
  readonly pages: Readonly<Record<string, string>>;
  readonly sessions: Session[] = [];
  readonly #codes = new Map<string, Session>();
  readonly #tickets = new Set<string>();
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });

  constructor(pages: Readonly<Record<string, string>>) {
    this.pages = pages;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => {
      const url = this.#seen(request);
      const ticket = url.searchParams.get('portico_ticket') ?? '';
      const session = this.#sessionOf(request);
      if (!this.#tickets.delete(ticket) && !session) return void socket.end('HTTP/1.1 401 \r\n\r\n');
      this.#sockets.handleUpgrade(request, socket, head, (opened) => {
        session?.sockets.add(opened);
        opened.on('message', (data, binary) => opened.send(data, { binary }));
      });
    });
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, 'localhost', resolve));
    return this;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** How often a path was asked for. */
  count(line: string): number {
    return this.log.filter((entry) => entry.line.startsWith(line)).length;
  }

  #seen(request: IncomingMessage): URL {
    const { method, url = '/', headers } = request;
    this.log.push({ line: `${method} ${url}`, authorization: headers.authorization });
    return new URL(url, 'http://localhost');
  }

  #sessionOf(request: IncomingMessage): Session | undefined {
    const handle = /stand_in=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
    return this.sessions.find((session) => session.live && session.handle === handle);
  }

  #personOf({ headers }: IncomingMessage, fields?: URLSearchParams): string | undefined {
    const token = fields?.get('access_token') ?? /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    const [, claims = ''] = token.split('.');
    if (claims === '' || this.trouble.revoked.has(token)) return undefined;
    const { sub, aud, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    return aud === 'apps' && exp > Date.now() / 1000 ? sub : undefined;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = this.#seen(request);
    const origin = request.headers.origin ?? '';
    if (this.listed.has(origin)) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-allow-headers', 'authorization, x-own');
      response.setHeader('access-control-allow-methods', 'GET, POST, PUT');
    }
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    if (url.pathname.startsWith('/.auth/embed/')) return this.#own(url, request, response);
    if (url.pathname === '/sales/echo') return this.#echo(request, response);
    return this.#page(url, request, response);
  }

  async #echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const sub = this.#personOf(request);
    json(response, sub ? 200 : 401, { sub, body, own: request.headers['x-own'] });
  }

  #page(url: URL, request: IncomingMessage, response: ServerResponse): void {
    if (this.trouble.page === 'never') return;
    response.setHeader('content-type', 'text/html');
    const page = this.pages[url.pathname];
    if (page === undefined) return void response.writeHead(404).end('not here');
    if (this.#sessionOf(request)) return void response.end(page);
    const message = "{ portico: 1, kind: 'state', name: 'login_required' }";
    const tell = [...this.listed].map((origin) => `parent.postMessage(${message}, '${origin}');`);
    response.writeHead(401).end(`<script>${tell.join('')}</script>`);
  }

  async #own(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = url.pathname.slice('/.auth/embed/'.length);
    if (name.endsWith('.js')) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(new URL(name, ASSETS)));
    } else if (name === 'start') {
      const session = this.#codes.get(url.searchParams.get('code') ?? '');
      this.#codes.delete(url.searchParams.get('code') ?? '');
      const cookie = session && !this.trouble.noCookie ? `stand_in=${session.handle}; HttpOnly; Path=/` : [];
      const location = url.searchParams.get('return_to') ?? '/sales/';
      response.writeHead(session ? 303 : 400, { 'set-cookie': cookie, location }).end();
    } else if (name === 'context') {
      const session = this.#sessionOf(request);
      json(response, session ? 200 : 401, session ? { origin: session.origin, app: 'sales' } : {});
    } else {
      await this.#withToken(name, request, response);
    }
  }

  async #withToken(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fields = new URLSearchParams(await text(request));
    const sub = this.#personOf(request, fields);
    const session = this.sessions.find(({ handle }) => handle === fields.get('handle'));
    if (name === 'end' && session) {
      session.live = false;
      for (const socket of session.sockets) socket.close(4401);
      return json(response, 200, {});
    }
    const trouble = name === 'code' ? this.trouble.code : undefined;
    if (trouble === 'never') return;
    if (trouble) return json(response, trouble, {});
    if (sub === undefined) return json(response, 401, { error: 'invalid_token' });
    if (name === 'code') this.#code(sub, fields, request, response);
    else if (name === 'renew') json(response, session?.live && session.sub === sub ? 200 : 404, {});
    else if (name === 'ticket') {
      const ticket = randomUUID();
      this.#tickets.add(ticket);
      json(response, 200, { ticket });
    } else json(response, 404, {});
  }

  #code(sub: string, fields: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const origin = fields.get('origin') ?? '';
    if (origin !== request.headers.origin || !this.listed.has(origin)) return json(response, 403, {});
    if (fields.get('app') !== 'sales') return json(response, 404, { error: 'unknown_app' });
    const session: Session = { handle: randomUUID(), origin, sub, live: true, sockets: new Set() };
    this.sessions.push(session);
    const code = randomUUID();
    this.#codes.set(code, session);
    const start = `${this.url}/.auth/embed/start?code=${code}`;
    json(response, 200, { code, expires_in: 60, start, handle: session.handle });
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A page of a product, at an origin of its own. */
export async function hostPage(html: () => string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(request.url === '/' ? html() : '<!doctype html><p>another page of the product</p>');
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
