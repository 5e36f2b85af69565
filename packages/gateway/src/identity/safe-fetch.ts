import { isLoopback } from '../core/loopback.ts';

/** Maps a provider's public URL to where the gateway reaches it; for the embedded development provider. */
export type FetchVia = (url: URL) => URL;

/** As much of `fetch` as the OAuth client and plug-ins use. */
export type SafeFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Key sets and pages of groups stay far below; more would only fill the memory. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** Seconds for a provider’s whole answer. */
export const REQUEST_TIMEOUT_S = 10;

/** https, or http that never leaves this machine (security fact 4). */
export function isSecure(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/**
 * `fetch` as the gateway speaks to providers: https except loopback, no redirects, an end to waiting, an end to bodies.
 *
 * @throws TypeError for an insecure URL, like `fetch` itself for one that cannot be fetched
 */
export function safeFetch(via: FetchVia = (url) => url): SafeFetch {
  return async (url, init = {}) => {
    const target = new URL(url);
    if (!isSecure(target)) throw new TypeError('plain http is only for loopback');
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_S * 1000);
    // Security fact 4: a redirect would let another host speak for the provider.
    const response = await fetch(via(target), {
      ...init,
      redirect: 'manual',
      signal: init.signal ? AbortSignal.any([init.signal, timeout]) : timeout,
    });
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(atMost(MAX_BODY_BYTES)), { status, statusText, headers });
  };
}

function atMost(limit: number): TransformStream<Uint8Array, Uint8Array> {
  let size = 0;
  return new TransformStream({
    transform(chunk, controller) {
      size += chunk.byteLength;
      if (size > limit) controller.error(new TypeError(`the answer is larger than ${limit} bytes`));
      else controller.enqueue(chunk);
    },
  });
}
