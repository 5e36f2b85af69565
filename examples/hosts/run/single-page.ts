import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { build } from 'vite';

const HOSTS = join(import.meta.dirname, '..');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** What the page has to know, as `settings.json`. */
export interface PageSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** The gateway. */
  readonly apps: string;
}

/** The files of a page by their paths. */
type Files = ReadonlyMap<string, string | Uint8Array>;

async function plainFiles(): Promise<Files> {
  const names = {
    '/index.html': 'html',
    '/shop.js': 'html',
    '/shared/sign-in.js': '.',
    '/shared/shop.css': '.',
  };
  const read = Object.entries(names).map(async ([path, under]) => {
    return [path, await readFile(join(HOSTS, under, path))] as const;
  });
  return new Map(await Promise.all(read));
}

/** The same as `vite build`, kept in memory. */
async function builtFiles(kit: string): Promise<Files> {
  const result = await build({ root: join(HOSTS, kit), logLevel: 'warn', build: { write: false } });
  if (!('output' in result)) throw new Error(`Vite built no page of ${kit}.`);
  return new Map(
    result.output.map((one) => [`/${one.fileName}`, one.type === 'asset' ? one.source : one.code]),
  );
}

/** Serves a product that is nothing but a page. @returns ends it */
export async function startSinglePage(
  kit: 'html' | 'react' | 'angular',
  port: number,
  settings: PageSettings,
): Promise<() => Promise<void>> {
  const files = new Map(kit === 'html' ? await plainFiles() : await builtFiles(kit));
  files.set('/settings.json', JSON.stringify(settings));
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const file = path === '/' ? '/index.html' : path;
    const found = files.get(file);
    response.writeHead(found === undefined ? 404 : 200, {
      'content-type': TYPES[extname(file)] ?? 'application/json',
    });
    response.end(found ?? 'Not found');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
}
