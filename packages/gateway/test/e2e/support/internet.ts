import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createProxy } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer, Site } from '../../identity/oauth/internet.ts';

export interface Internet {
  /** A proxy for gateway and browser (`CONNECT`), through which the hosts are what this process plays. */
  readonly proxy: string;
  /** For the environment of a gateway, which then speaks https to the vendors under their real names. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Vendors at their public names, over TLS, for a gateway in a process of its own and a real browser: neither has to know
 * that it is a test. A host that nobody plays cannot be reached.
 */
export async function openInternet(hosts: ReadonlyMap<string, Site>): Promise<Internet> {
  const folder = mkdtempSync(join(tmpdir(), 'portico-internet-'));
  const certificate = makeCertificate(folder, [...hosts.keys()]);
  const server = createServer(certificate, (request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const host = request.headers.host ?? '';
      const answer: Answer = hosts.get(host)?.({
        method: request.method ?? 'GET',
        url: new URL(request.url ?? '/', `https://${host}`),
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }) ?? { status: 404, body: { message: 'Not Found' } };
      const json = typeof answer.body === 'object';
      response.writeHead(answer.status ?? 200, {
        ...(json ? { 'content-type': 'application/json' } : {}),
        ...answer.headers,
      });
      response.end(json ? JSON.stringify(answer.body) : answer.body);
    })();
  });
  const port = await listen(server);
  const proxy = createProxy((_request, response) => response.writeHead(502).end());
  proxy.on('connect', (request, client, head) => {
    if (!hosts.has((request.url ?? '').replace(/:443$/, ''))) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  const address = `http://127.0.0.1:${await listen(proxy)}`;
  return {
    proxy: address,
    environment: {
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: address,
      NO_PROXY: 'localhost,127.0.0.1',
      NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem'),
    },
    async close() {
      for (const one of [server, proxy]) {
        one.close();
        one.closeAllConnections();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server | ReturnType<typeof createProxy>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function makeCertificate(cwd: string, hosts: readonly string[]): { cert: string; key: string } {
  const names = hosts.map((host) => `DNS:${host}`).join(',');
  writeFileSync(
    join(cwd, 'openssl.cnf'),
    `[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN=Internet of a test\n[ext]\nsubjectAltName=${names}\nbasicConstraints=critical,CA:TRUE\n`,
  );
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = ['-keyout', 'key.pem', '-out', 'cert.pem', '-days', '2', '-config', 'openssl.cnf'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...files], { cwd, stdio: 'ignore' });
  return {
    cert: readFileSync(join(cwd, 'cert.pem'), 'utf8'),
    key: readFileSync(join(cwd, 'key.pem'), 'utf8'),
  };
}
