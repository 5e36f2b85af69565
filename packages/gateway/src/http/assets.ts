import { readFileSync } from 'node:fs';
import { ASSET_PREFIX, type Asset, assetAddress, assetOf } from './asset.ts';
import type { RequestFacts } from './facts.ts';
import { type Brand, PLAIN } from './pages/brand.ts';
import { methodNotAllowed, type Reply, text } from './reply.ts';

/** All there is to serve. A table and not a directory, so a path can never lead anywhere else. */
const TYPES = {
  'portico.css': 'text/css; charset=utf-8',
  'starting.js': 'text/javascript; charset=utf-8',
  'frame.js': 'text/javascript; charset=utf-8',
  'framed.js': 'text/javascript; charset=utf-8',
  'logo.svg': 'image/svg+xml',
  'colonnade.svg': 'image/svg+xml',
} as const;

type AssetName = keyof typeof TYPES;

const loaded = new Map<AssetName, Asset>();

/** Read on first use and kept; the same relative place from `src` and from `dist`. */
function load(name: AssetName): Asset {
  let asset = loaded.get(name);
  if (asset === undefined) {
    asset = assetOf(readFileSync(new URL(`../../assets/${name}`, import.meta.url)));
    loaded.set(name, asset);
  }
  return asset;
}

/** Address of a file of ours. */
export function assetUrl(name: AssetName): string {
  return assetAddress(name, load(name));
}

/** Answers `GET /.auth/assets/<name>`. Public: sign-in pages need these before anybody is known. */
export function assetReply(
  facts: Pick<RequestFacts, 'method' | 'path' | 'query' | 'header'>,
  brand: Brand = PLAIN,
): Reply {
  if (facts.method !== 'GET' && facts.method !== 'HEAD') return methodNotAllowed('GET, HEAD');
  const name = facts.path.slice(ASSET_PREFIX.length);
  const file = facts.path.startsWith(ASSET_PREFIX) ? fileOf(name, brand) : undefined;
  if (file === undefined) return text(404, 'Not found\n');

  const { body, version } = file;
  const etag = `"${version}"`;
  // Without the right version the file may be newer than the page: ask again each time.
  const current = facts.query === `v=${version}`;
  const headers: Reply['headers'] = [
    ...file.headers,
    ['cache-control', current ? 'public, max-age=31536000, immutable' : 'no-cache'],
    ['etag', etag],
    ['x-content-type-options', 'nosniff'],
  ];
  const known = facts
    .header('if-none-match')
    ?.split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''));
  return known?.includes(etag) ? { status: 304, headers, body: '' } : { status: 200, headers, body };
}

/** One of ours, or one that belongs to the look of the site. */
function fileOf(name: string, brand: Brand): (Asset & Pick<Reply, 'headers'>) | undefined {
  if (!isAsset(name)) return brand.files.get(name);
  return { ...load(name), headers: [['content-type', TYPES[name]]] };
}

function isAsset(name: string): name is AssetName {
  return Object.hasOwn(TYPES, name);
}
