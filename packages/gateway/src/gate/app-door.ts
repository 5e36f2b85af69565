import type { ApiCaller, AppRequest, AppRequestEnd } from '../delegation/delegation.ts';
import { answerToken, type TokenEndpointParts } from '../delegation/token-endpoint.ts';
import { PLAIN } from '../http/pages/index.ts';
import { drawn, type Reply, text } from '../http/reply.ts';
import type { Access } from '../telemetry/access.ts';
import type { Log } from '../telemetry/log.ts';
import type { AppMetrics } from '../telemetry/metrics.ts';
import type { Exchange } from '../wire/exchange.ts';
import { headerValue } from '../wire/request-head.ts';
import { sendReply } from '../wire/send.ts';
import type { AddressList } from './addresses.ts';
import { readForm } from './form.ts';
import { clientAddress } from './request.ts';

interface AppDoorParts {
  readonly tokens: TokenEndpointParts;
  /** Answers `/.auth/api/…`. */
  readonly api: ApiCaller;
  /** Answers `/.auth/jwks.json`. */
  readonly jwks: () => Promise<Reply>;
  readonly trustedProxies: AddressList;
  readonly metrics: AppMetrics;
  readonly log: Log;
  readonly access: ((access: Access) => void) | undefined;
  readonly nextRequestId: () => string;
}

const TOKEN = '/.auth/token';
const API = '/.auth/api/';
const JWKS = '/.auth/jwks.json';
/** What nginx logs when nobody waits for the answer any more; never sent. */
const CLIENT_GONE = 499;
/** Bytes of a token request; an assertion has at most 2048. */
const LARGEST_FORM = 16 * 1024;
const NOT_FOUND = text(404, 'There is nothing here for an app.\n');

/**
 * The door for apps: what they ask of the gateway, with a credential of their own. No cookie counts here, and neither does
 * the host, since an app may know the gateway by an internal address.
 */
export class AppDoor {
  readonly #parts: AppDoorParts;

  constructor(parts: AppDoorParts) {
    this.#parts = parts;
  }

  /** Whether this is a path for apps, at whatever address. */
  takes(path: string): boolean {
    return path === TOKEN || path.startsWith(API);
  }

  /** Answers a request for a path that this `takes`. */
  handle(exchange: Exchange): void {
    const { head } = exchange;
    const request: AppRequest = {
      exchange,
      requestId: this.#parts.nextRequestId(),
      clientAddress: clientAddress(exchange.remoteAddress, head, this.#parts.trustedProxies),
    };
    const startedAt = performance.now();
    const done = (end: AppRequestEnd): void => this.#done(request, startedAt, end);
    if (head.path !== TOKEN) return this.#parts.api(request, done);
    const facts = { method: head.method, authorization: headerValue(head, 'authorization') };
    answerToken(this.#parts.tokens, facts, () => readForm(exchange, LARGEST_FORM))
      .then(({ reply, ...about }) => {
        send(exchange, reply);
        done({ status: reply.status, ...about });
      })
      .catch((error: unknown) => {
        exchange.abort();
        done({ status: 0, error });
      });
  }

  /** Everything at the internal address: what this `takes`, and the keys. */
  readonly handleInternal = (exchange: Exchange): void => {
    try {
      if (this.takes(exchange.head.path)) this.handle(exchange);
      else if (exchange.head.path === JWKS)
        this.#parts
          .jwks()
          .then((reply) => send(exchange, reply))
          .catch((error: unknown) => this.#broken(exchange, error));
      else send(exchange, NOT_FOUND);
    } catch (error) {
      this.#broken(exchange, error);
    }
  };

  #broken(exchange: Exchange, error: unknown): void {
    this.#parts.log.error({ err: error }, 'a request of an app failed');
    exchange.abort();
  }

  #done({ requestId, exchange: { head } }: AppRequest, startedAt: number, end: AppRequestEnd): void {
    const { log, metrics, access } = this.#parts;
    const milliseconds = performance.now() - startedAt;
    const status = end.status === 0 ? CLIENT_GONE : end.status;
    const { app, sid, error } = end;
    if (error !== undefined) {
      const level = status >= 500 ? 'error' : 'warn';
      log[level]({ err: error, request_id: requestId, app, sid }, 'a request of an app was turned down');
    }
    metrics.request(status, milliseconds / 1000);
    access?.({ requestId, method: head.method, path: head.path, status, milliseconds, app, sid });
  }
}

function send(exchange: Exchange, reply: Reply): void {
  sendReply(exchange, drawn(reply, PLAIN), Date.now());
}
