import { EmbedError, toEmbedError } from '../errors.ts';
import type { Gateway } from '../gateway.ts';
import { credentials } from '../interceptor/credentials.ts';
import { bearingFetch } from '../interceptor/fetch.ts';
import type { Match } from '../interceptor/match.ts';
import { bearingWebSocket } from '../interceptor/websocket.ts';
import { bearingXhr } from '../interceptor/xhr.ts';
import { expiryOf, type TokenSource } from '../tokens.ts';
import type { AppAddress } from './address.ts';
import type { Callers } from './callers.ts';
import { bearingEventSource } from './event-source.ts';
import type { Patches } from './patches.ts';

/** How long before its end, in milliseconds, a token is not used again. */
const MARGIN_MS = 30_000;
const ABSOLUTE = /^\s*(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

export interface NetworkOptions {
  readonly address: AppAddress;
  readonly callers: Callers;
  readonly gateway: Gateway;
  readonly tokens: TokenSource;
  /** The gateway takes no token of this person any more, or there is none. */
  readonly lost: (error: EmbedError) => void;
}

/** The app's ways out, each with the token. */
export interface Network {
  readonly fetch: typeof fetch;
  /** Forgets the token that was used last. */
  renew(): void;
}

/** Requests to the app carry the token, whoever makes them; addresses without a host are the app's when the app asks. */
export function patchNetwork(patches: Patches, options: NetworkOptions): Network {
  const { address, callers, gateway, tokens, lost } = options;
  let active = true;
  let last: { readonly token: string; readonly until: number } | undefined;

  const match: Match = (to) =>
    active && (ABSOLUTE.test(String(to)) || callers.isApp()) ? address.own(to) : undefined;
  const watched = <T>(promise: Promise<T>): Promise<T> =>
    promise.catch((error) => {
      const problem = toEmbedError(error);
      if (problem.remedy === 'sign_in') lost(problem);
      throw problem;
    });
  const getToken = async ({ renew }: { readonly renew: boolean }): Promise<string> => {
    if (!renew && tokens.provider && last && Date.now() < last.until) return last.token;
    const token = await watched(tokens.get(renew));
    last = { token, until: (expiryOf(token) ?? 0) - MARGIN_MS };
    return token;
  };
  const known = credentials(match, getToken, (_url, token) => gateway.ticket(token));

  const original = window.fetch.bind(window);
  const borne = bearingFetch((input, init) => original(input, { ...init, credentials: 'omit' }), known);
  const send: typeof fetch = async (input, init) => {
    const url = match(input instanceof Request ? input.url : input);
    if (!url) return original(input, init);
    const response = await borne(input instanceof Request ? input : url, init);
    if (response.status === 401)
      lost(new EmbedError('token_refused', 'The app refuses the token.', 'sign_in'));
    return response;
  };

  const sockets = new Set<WebSocket>();
  patches.define(window, 'fetch', { value: send, writable: true, enumerable: true });
  patches.wrap(window, 'XMLHttpRequest', (Original) => bearingXhr(withoutCookies(Original, match), known));
  patches.wrap(window, 'WebSocket', (Original) =>
    bearingWebSocket(
      kept(
        Original,
        sockets,
        (url) => address.own(url),
        () => active,
      ),
      known,
    ),
  );
  patches.wrap(window, 'EventSource', (Original) => bearingEventSource(Original, send, match));
  patches.later(() => {
    active = false;
    for (const socket of sockets) {
      // What is still under way in the app must not be told of, or it would connect again.
      socket.send = () => {};
      socket.close();
    }
  });
  return {
    fetch: send,
    renew() {
      last = undefined;
    },
  };
}

/** The token says who asks; a cookie beside it would only make the answer wait for permission to send it. */
function withoutCookies(Original: typeof XMLHttpRequest, match: Match): typeof XMLHttpRequest {
  return class AppXMLHttpRequest extends Original {
    #own = false;

    override open(
      method: string,
      to: string | URL,
      ...rest: [async?: boolean, user?: string, password?: string]
    ): void {
      const url = match(to);
      this.#own = url !== undefined;
      Reflect.apply(super.open, this, [method, url ?? to, ...(rest.length > 0 ? rest : [true])]);
    }

    override send(body?: Document | XMLHttpRequestBodyInit | null): void {
      if (this.#own) this.withCredentials = false;
      super.send(body);
    }
  };
}

/** Notes the sockets that are open to the app. */
function kept(
  Original: typeof WebSocket,
  sockets: Set<WebSocket>,
  match: Match,
  active: () => boolean,
): typeof WebSocket {
  return new Proxy(Original, {
    construct(target, args, as) {
      const socket: WebSocket = Reflect.construct(target, args, as);
      if (!match(socket.url)) return socket;
      sockets.add(socket);
      for (const name of ['message', 'error', 'close'])
        socket.addEventListener(name, (event) => {
          if (name === 'close') sockets.delete(socket);
          if (!active()) event.stopImmediatePropagation();
        });
      // Its ticket came when the app was gone.
      if (!active()) socket.close();
      return socket;
    },
  });
}
