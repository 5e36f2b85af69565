import { isObject } from '../core/object.ts';
import type { JsonObject } from './api.ts';
import type { SafeFetch } from './safe-fetch.ts';

/**
 * Lets answers of one token endpoint pass in the words of RFC 6749 section 5, so that the OAuth client can judge them:
 * an error is not a success, whatever its status says (GitHub answers errors with 200), and an ID token, which nobody
 * here could verify, does not come through at all.
 */
export function tokenFetch(
  fetch: SafeFetch,
  tokenUrl: string,
  tidy: (body: JsonObject) => JsonObject = (body) => body,
): SafeFetch {
  const endpoint = new URL(tokenUrl).href;
  return async (url, init) => {
    const response = await fetch(url, init);
    if (new URL(url).href !== endpoint || !response.headers.get('content-type')?.includes('json'))
      return response;
    const text = await response.text();
    const { statusText, headers } = response;
    const body = parse(text);
    if (body === undefined) return new Response(text, { status: response.status, statusText, headers });
    const { id_token: _, ...tidied } = tidy(body);
    const status = response.status === 200 && typeof tidied['error'] === 'string' ? 400 : response.status;
    return new Response(JSON.stringify(tidied), { status, headers: { 'content-type': 'application/json' } });
  };
}

function parse(text: string): JsonObject | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
