import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as ask, createServer as createProxy, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import type { Authority } from './authority.ts';

/** Who is behind a host: a server on this machine without TLS, or a function of this process. */
export type Behind = number | RequestListener;

export interface Network {
  /** For Chromium: all hosts at their usual port, and nothing else in the world. */
  readonly browserFlag: string;
  /** For servers: a proxy (`CONNECT`) through which they reach the same hosts. */
  readonly proxy: string;
  close(): Promise<void>;
}

/**
 * Hosts at `https://<name>` without a port, as sites of their own: one TLS server in front of all of them, and the gateway,
 * which speaks TLS itself, beside it.
 */
export async function openNetwork(
  { cert, key }: Authority,
  hosts: ReadonlyMap<string, Behind>,
  gateway: { readonly host: string; readonly port: number },
): Promise<Network> {
  const files = { cert: readFileSync(cert), key: readFileSync(key) };
  const front = createServer(files, (request, response) => {
    const behind = hosts.get(request.headers.host ?? '');
    if (behind === undefined) return response.writeHead(421).end();
    if (typeof behind === 'function') return behind(request, response);
    const { method, url } = request;
    const headers = {
      ...request.headers,
      host: `127.0.0.1:${behind}`,
      'x-forwarded-host': request.headers.host,
      'x-forwarded-proto': 'https',
    };
    const onward = { port: behind, method, path: url, headers };
    const asked = ask({ host: '127.0.0.1', agent: false, ...onward }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    asked.on('error', () => response.destroy());
    request.pipe(asked);
  });
  const frontPort = await listen(front);
  const portOf = (host: string) => (host === gateway.host ? gateway.port : frontPort);
  const all = [...hosts.keys(), gateway.host];

  const proxy = createProxy((_request, response) => response.writeHead(502).end());
  proxy.on('connect', (request, client, head) => {
    const host = (request.url ?? '').replace(/:443$/, '');
    if (!all.includes(host)) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const upstream = connect(portOf(host), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  const rules = all.map((host) => `MAP ${host}:443 127.0.0.1:${portOf(host)}`);
  return {
    browserFlag: `--host-resolver-rules=${[...rules, 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1'].join(', ')}`,
    proxy: `http://127.0.0.1:${await listen(proxy)}`,
    async close() {
      for (const one of [front, proxy]) {
        one.close();
        one.closeAllConnections();
      }
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
