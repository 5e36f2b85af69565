import { within } from '../deadline.ts';
import { EmbedError } from '../errors.ts';
import { gatewayAt } from '../gateway.ts';
import { appOf } from '../url.ts';
import { credentials, type GetToken } from './credentials.ts';
import { bearingFetch } from './fetch.ts';
import { matcher } from './match.ts';
import { bearingWebSocket } from './websocket.ts';
import { bearingXhr } from './xhr.ts';

export interface InterceptorOptions {
  /** Addresses of apps: what lies below one of them gets the token, and nothing else does. */
  readonly match: string | readonly string[];
  readonly getToken: GetToken;
  /** The app's name in the gateway's configuration, for WebSockets; without it, the first part of the path. */
  readonly app?: string;
}

/** How long, in milliseconds, a page may take to come up with a token. */
const PATIENCE_MS = 15_000;

/**
 * Puts the token on requests of `fetch`, `XMLHttpRequest` and `WebSocket` that go to an app, and repeats a refused one
 * once with a newer token. `Authorization` that the page sets itself is left alone.
 *
 * @returns takes it off again
 * @throws EmbedError when `match` is no address
 */
export function installFetchInterceptor({ match, getToken, app }: InterceptorOptions): () => void {
  let installed = true;
  const isBelow = matcher(match);
  const original = {
    fetch: window.fetch,
    XMLHttpRequest: window.XMLHttpRequest,
    WebSocket: window.WebSocket,
  };
  const send = original.fetch.bind(window);
  const known = credentials(
    (address) => (installed ? isBelow(address) : undefined),
    (need) =>
      within(PATIENCE_MS, Promise.resolve(getToken(need)), () => {
        return new EmbedError('token_failed', 'The page could not get a token.', 'sign_in');
      }),
    (url, token) => gatewayAt(url.origin, app ?? appOf(url), send).ticket(token),
  );
  const ours = {
    fetch: bearingFetch(send, known),
    XMLHttpRequest: bearingXhr(original.XMLHttpRequest, known),
    WebSocket: bearingWebSocket(original.WebSocket, known),
  };
  Object.assign(window, ours);
  return () => {
    installed = false;
    // Who came after us has ours inside; without a match it does nothing.
    const still = Object.entries(ours).filter(([name, value]) => Reflect.get(window, name) === value);
    for (const [name] of still) Object.assign(window, { [name]: Reflect.get(original, name) });
  };
}
