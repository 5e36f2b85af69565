import { createHash } from 'node:crypto';

/** Where our own files and those of the operator's look are. */
export const ASSET_PREFIX = '/.auth/assets/';

/** A file as it is served. */
export interface Asset {
  readonly body: Uint8Array;
  /** Changes with the contents. */
  readonly version: string;
}

/** A file with its version, the first 72 bits of its SHA-256. */
export function assetOf(body: Uint8Array): Asset {
  return { body, version: createHash('sha256').update(body).digest('base64url').slice(0, 12) };
}

/** Address of a file that changes with its contents, so browsers may keep it for ever. */
export function assetAddress(name: string, { version }: Asset): string {
  return `${ASSET_PREFIX}${name}?v=${version}`;
}
