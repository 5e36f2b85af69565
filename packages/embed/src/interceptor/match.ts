import { EmbedError } from '../errors.ts';
import { urlOf } from '../url.ts';

/** An address that matched, as http or https. */
export type Match = (address: string | URL) => URL | undefined;

/** A WebSocket's address in the words of HTTP, so that both are compared in one way. */
function asHttp(address: string | URL, base: string): URL | undefined {
  const text = String(address).replace(/^\s*ws(s?):/i, 'http$1:');
  return urlOf(text, base);
}

/**
 * Whether an address lies below one of some others: the same origin, and the same path or one below it. Both are
 * compared as the browser will ask for them, with dots and user names resolved.
 *
 * @param base - what relative addresses are relative to
 * @throws EmbedError when one of `below` is no address
 */
export function matcher(below: string | readonly string[], base = document.baseURI): Match {
  const places = [below].flat().map((text) => {
    const url = urlOf(text, base);
    if (url) return { origin: url.origin, path: url.pathname.replace(/\/+$/, '') };
    throw new EmbedError('bad_src', `${JSON.stringify(text)} is no http or https address.`);
  });
  return (address) => {
    const url = asHttp(address, base);
    const isBelow = places.some(
      ({ origin, path }) => url?.origin === origin && `${url.pathname}/`.startsWith(`${path}/`),
    );
    return isBelow ? url : undefined;
  };
}
