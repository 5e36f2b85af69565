import { urlOf } from '../url.ts';

/** Where an app is, and which addresses are its own. */
export interface AppAddress {
  /** Its page, as it was answered. */
  readonly page: URL;
  /** Below which everything of the app lies; ends in a slash. */
  readonly base: URL;
  /** An address as the app means it: without a host, it is the app's host. */
  resolve(address: string | URL, from?: URL): URL | undefined;
  /** The resolved address when it is the app's own. WebSocket addresses come out in the words of HTTP. */
  own(address: string | URL, from?: URL): URL | undefined;
}

/** @param page - address of the app's page; the first part of its path is the app's place, as with the element's `app` */
export function addressOf(page: URL): AppAddress {
  const first = page.pathname.split('/').filter(Boolean)[0];
  const base = new URL(first === undefined ? '/' : `/${first}/`, page.origin);
  const resolve = (address: string | URL, from = page): URL | undefined =>
    urlOf(String(address).replace(/^\s*ws(s?):/i, 'http$1:'), from.href);
  return {
    page,
    base,
    resolve,
    own(address, from) {
      const url = resolve(address, from);
      const below = url?.origin === base.origin && `${url.pathname}/`.startsWith(base.pathname);
      return below ? url : undefined;
    },
  };
}
