import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Outside {
  /** For Chromium; the context has to ignore the certificate. */
  readonly flags: readonly string[];
  close(): Promise<void>;
}

/**
 * Lets a browser see the internet of a test: every name leads to a TLS server here that goes through this process's `fetch`,
 * which `Internet` has taken over. So the address bar shows the vendors' real names, and cookies obey them.
 */
export async function openOutside(): Promise<Outside> {
  const server = createServer(certificate(), (request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const headers: [string, string][] = [];
      for (let i = 0; i < request.rawHeaders.length; i += 2)
        headers.push([request.rawHeaders[i] ?? '', request.rawHeaders[i + 1] ?? '']);
      const answer = await fetch(`https://${request.headers.host}${request.url}`, {
        method: request.method ?? 'GET',
        headers: headers.filter(([name]) => !/^(connection|content-length|accept-encoding)$/i.test(name)),
        redirect: 'manual',
        ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks).toString() }),
      });
      response.statusCode = answer.status;
      for (const [name, value] of answer.headers)
        if (!/^(connection|keep-alive|transfer-encoding|content-length)$/i.test(name))
          response.appendHeader(name, value);
      response.end(Buffer.from(await answer.arrayBuffer()));
    })().catch((error: unknown) => response.writeHead(502).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    flags: [`--host-resolver-rules=MAP * 127.0.0.1:${port}`],
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** One that nobody trusts, made now, so that none lies in the repository. */
function certificate(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'portico-certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    const made = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
    ];
    execFileSync('openssl', ['req', '-x509', '-subj', '/CN=test', '-days', '2', ...made], {
      stdio: 'ignore',
    });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
