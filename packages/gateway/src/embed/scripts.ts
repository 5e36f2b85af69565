import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type Asset, assetOf } from '../http/asset.ts';
import type { RequestFacts } from '../http/facts.ts';
import { methodNotAllowed, type Reply } from '../http/reply.ts';

/** Built from packages/embed; the same relative place from `src` and from `dist`. */
const FOLDER = new URL('../../assets/embed/', import.meta.url);

let scripts: ReadonlyMap<string, Asset> | undefined;

/** All there is, read on first use; nothing where it was not built. A table, so a path can never lead anywhere else. */
function load(): ReadonlyMap<string, Asset> {
  scripts ??= new Map(
    (existsSync(FOLDER) ? readdirSync(FOLDER) : [])
      .filter((name) => name.endsWith('.js'))
      .map((name) => [name, assetOf(readFileSync(new URL(name, FOLDER)))]),
  );
  return scripts;
}

/**
 * `GET /.auth/embed/portico.js`, `app.js`, and what they load. Public, since they hold nothing of anybody. Their addresses stay
 * and their contents change with the gateway, so browsers ask each time.
 */
export function scriptReply(facts: Pick<RequestFacts, 'method' | 'header'>, name: string): Reply | undefined {
  const script = load().get(name);
  if (script === undefined) return undefined;
  if (facts.method !== 'GET' && facts.method !== 'HEAD') return methodNotAllowed('GET, HEAD');
  const etag = `"${script.version}"`;
  const headers: Reply['headers'] = [
    ['content-type', 'text/javascript; charset=utf-8'],
    ['cache-control', 'no-cache'],
    ['etag', etag],
    ['x-content-type-options', 'nosniff'],
    // A page that isolates itself (COEP) may load it with a plain script element.
    ['cross-origin-resource-policy', 'cross-origin'],
  ];
  const known = facts.header('if-none-match')?.split(',');
  const isKnown = known?.some((tag) => tag.trim().replace(/^W\//, '') === etag) ?? false;
  return isKnown ? { status: 304, headers, body: '' } : { status: 200, headers, body: script.body };
}
