/** The standard function; another one for tests and proxies. */
export type Fetch = typeof globalThis.fetch;

/** Milliseconds. */
const PATIENCE = 5_000;
/** Bytes; key sets and metadata are a few KiB. */
const LIMIT = 1_048_576;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * A URL from which keys may come: https, or this machine itself, since whoever can change the answer on its way can sign as anybody.
 * @throws TypeError
 */
export function trustworthy(url: string, what: string): string {
  const { protocol, hostname, username, password } = new URL(url);
  const direct = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  if (direct && username === '' && password === '') return url;
  throw new TypeError(`${what} must be an https URL, or http on this machine: ${protocol}//${hostname}`);
}

/** A JSON object from there and nowhere else: redirects are not followed. @throws Error */
export async function fetchJson(url: string, fetch: Fetch): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}`);
  const value: unknown = JSON.parse(await limitedText(response, url));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${url} is no JSON object`);
  return value as Record<string, unknown>;
}

async function limitedText(response: Response, url: string): Promise<string> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.byteLength;
    if (size > LIMIT) throw new Error(`${url} is too long`);
    pieces.push(piece);
  }
  return new Blob(pieces).text();
}
