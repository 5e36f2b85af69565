import { once } from 'node:events';
import { request as ask, createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | object;
}

export type Site = (asked: Asked) => Answer | undefined;

/**
 * Public hosts that this process answers itself. `fetch` goes there under the real names, so that the gateway and the
 * browser of a test both believe to be at `https://github.com`.
 */
export class Internet {
  readonly asked: Asked[] = [];
  /** Looked at before the site: for what a hostile or broken host answers. Keys are paths. */
  readonly instead = new Map<string, Answer | (() => Answer)>();
  readonly #sites = new Map<string, Site>();
  readonly #ports = new Map<string, number>();
  readonly #close: (() => Promise<void>)[] = [];

  /** @param port - where something listens that thinks it is `origin` behind a proxy that ends TLS */
  route(origin: string, port: number): void {
    this.#ports.set(origin, port);
  }

  host(origin: string, site: Site): void {
    this.#sites.set(new URL(origin).host, site);
  }

  /** Paths that were asked for on one host. */
  paths(host: string): string[] {
    return this.asked.filter((one) => one.url.host === host).map((one) => one.url.pathname);
  }

  async open(): Promise<void> {
    const server = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const asked: Asked = {
          method: request.method ?? 'GET',
          url: new URL(request.url ?? '/', `https://${request.headers.host}`),
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        };
        this.asked.push(asked);
        const other = this.instead.get(asked.url.pathname);
        const answer: Answer = (typeof other === 'function' ? other() : other) ??
          this.#sites.get(asked.url.host)?.(asked) ?? { status: 404, body: { message: 'Not Found' } };
        const json = typeof answer.body === 'object';
        response.writeHead(answer.status ?? 200, {
          ...(json ? { 'content-type': 'application/json; charset=utf-8' } : {}),
          ...answer.headers,
        });
        response.end(json ? JSON.stringify(answer.body) : answer.body);
      })();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const real = globalThis.fetch;
    vi.stubGlobal('fetch', (input: string | URL, init: RequestInit = {}) => {
      const url = new URL(input);
      const local = this.#ports.get(url.origin) ?? (this.#sites.has(url.host) ? port : undefined);
      if (local === undefined) return real(input, init);
      return fetchFrom(local, url, init);
    });
    this.#close.push(async () => {
      vi.unstubAllGlobals();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#close.splice(0).map((close) => close()));
  }
}

/** `fetch` of a name at a port here; the real one does not let a caller choose Host. */
async function fetchFrom(port: number, url: URL, init: RequestInit): Promise<Response> {
  const body = init.body === undefined || init.body === null ? '' : String(init.body);
  const headers = new Headers(init.headers);
  headers.set('host', url.host);
  if (body !== '') headers.set('content-length', String(Buffer.byteLength(body)));
  const request = ask({
    host: '127.0.0.1',
    port,
    path: url.pathname + url.search,
    method: init.method ?? 'GET',
    headers: Object.fromEntries(headers),
    ...(init.signal ? { signal: init.signal } : {}),
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const answer = new Headers();
  for (let i = 0; i < response.rawHeaders.length; i += 2)
    answer.append(response.rawHeaders[i] ?? '', response.rawHeaders[i + 1] ?? '');
  const status = response.statusCode ?? 500;
  return new Response(status === 204 || status === 304 ? null : Buffer.concat(chunks), {
    status,
    headers: answer,
  });
}
