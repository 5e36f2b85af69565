import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ASSET_PREFIX } from '../../src/http/asset.ts';
import { assetReply } from '../../src/http/assets.ts';
import { page, type Reply } from '../../src/http/reply.ts';

/** Where a Chromium is, or `undefined` when the machine has none. */
export function chromiumPath(): string | undefined {
  const { CHROMIUM_PATH: given } = process.env;
  if (given) return given;
  if (existsSync('/usr/bin/chromium')) return '/usr/bin/chromium';
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      // Not this name; the next may be there.
    }
  }
  return undefined;
}

export const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Serves pages at `/<name>` with the gateway's own headers and assets, so the CSP is in force. */
export async function servePages(
  pages: Readonly<Record<string, string>>,
  other: (path: string) => Reply | undefined = () => undefined,
): Promise<{ origin: string; server: Server }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const html = pages[url.pathname.slice(1)];
    const reply =
      other(url.pathname) ??
      (url.pathname.startsWith(ASSET_PREFIX)
        ? assetReply({
            method: request.method ?? 'GET',
            path: url.pathname,
            query: url.search.slice(1),
            header: (name) => request.headers[name]?.toString(),
          })
        : html === undefined
          ? { status: 404, headers: [], body: '' }
          : page(200, html));
    response.writeHead(reply.status, reply.headers.flat());
    response.end(reply.body instanceof Uint8Array ? reply.body : reply.body.toString());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
