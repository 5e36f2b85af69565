import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as plainRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as tlsRequest } from 'node:https';
import type { Exchange } from '../wire/exchange.ts';
import { refused } from './refusal.ts';

/** How long an API may take, in milliseconds. */
export interface ApiTimeouts {
  /** To be connected, TLS included. */
  readonly connect: number;
  /** Without a byte in either direction, until the answer begins; a stream may then be silent as long as it likes. */
  readonly silence: number;
}

/** Milliseconds, see `ApiTimeouts`. */
const API_TIMEOUTS: ApiTimeouts = { connect: 10_000, silence: 120_000 };

/** Bytes of the head of an API's answer. */
const LARGEST_HEAD = 64 * 1024;

/** One request to an API, without its body. */
interface ApiRequest {
  /** Origin to connect to. */
  readonly origin: URL;
  readonly method: string;
  /** Path and query, sent as they are. */
  readonly path: string;
  /** Flat list of names and values, `Host` and the framing included. */
  readonly headers: readonly string[];
  /** Cuts the request and its answer short. */
  readonly signal: AbortSignal;
}

/** Connections to APIs, kept open between calls. */
export class ApiConnections {
  readonly #plain = new HttpAgent({ keepAlive: true });
  readonly #tls = new HttpsAgent({ keepAlive: true, ALPNProtocols: ['http/1.1'] });
  readonly #timeouts: ApiTimeouts;

  constructor(timeouts = API_TIMEOUTS) {
    this.#timeouts = timeouts;
  }

  /**
   * Sends a request, its body from the exchange as it comes, and waits for the head of the answer. Redirects are answers.
   *
   * @throws GatewayError `api_unreachable` (502), `api_timeout` (504)
   */
  async send(request: ApiRequest, exchange: Exchange): Promise<IncomingMessage> {
    const bodyless = exchange.head.framing.kind === 'none';
    const outgoing = this.#open(request, true);
    if (!bodyless) pipeBody(exchange, outgoing);
    else outgoing.end();
    try {
      return await this.#answerTo(outgoing);
    } catch (error) {
      // A kept connection that the API had closed; nothing is done twice by asking again.
      const stale = outgoing.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      if (!stale || !bodyless || !['GET', 'HEAD', 'OPTIONS'].includes(request.method))
        throw unreachable(error);
    }
    const again = this.#open(request, false);
    again.end();
    return this.#answerTo(again).catch((error: unknown) => {
      throw unreachable(error);
    });
  }

  close(): void {
    this.#plain.destroy();
    this.#tls.destroy();
  }

  #open({ origin, method, path, headers, signal }: ApiRequest, kept: boolean): ClientRequest {
    const secure = origin.protocol === 'https:';
    const agent = secure ? this.#tls : this.#plain;
    const outgoing = (secure ? tlsRequest : plainRequest)({
      agent: kept ? agent : false,
      hostname: origin.hostname.replace(/^\[|\]$/g, ''),
      port: origin.port === '' ? (secure ? 443 : 80) : Number(origin.port),
      method,
      path,
      headers,
      signal,
      maxHeaderSize: LARGEST_HEAD,
      timeout: this.#timeouts.connect,
    });
    // Takes the place of the time to connect, once connected.
    outgoing.once('socket', () => outgoing.setTimeout(this.#timeouts.silence));
    return outgoing;
  }

  #answerTo(outgoing: ClientRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      outgoing.on('timeout', () => {
        const connecting = outgoing.socket?.connecting !== false;
        outgoing.destroy(connecting ? unreachable(new Error('no connection in time')) : timedOut());
      });
      outgoing.on('error', reject);
      outgoing.once('response', (response: IncomingMessage) => {
        outgoing.setTimeout(0);
        // An answer before the whole request: the rest of that would be the next request on a kept connection.
        response.once('end', () => {
          if (!outgoing.writableEnded) outgoing.destroy();
        });
        resolve(response);
      });
    });
  }
}

function pipeBody(exchange: Exchange, outgoing: ClientRequest): void {
  outgoing.on('drain', () => exchange.resumeBody());
  exchange.readBody({
    data(chunk) {
      if (!outgoing.destroyed && !outgoing.write(chunk)) exchange.pauseBody();
    },
    end() {
      outgoing.end();
    },
  });
}

/**
 * Streams the body of an answer to the app, each side waiting for the other. Resolves when it is through, or cut short.
 */
export function pipeAnswer(response: IncomingMessage, exchange: Exchange): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) {
      exchange.abort();
      return resolve();
    }
    exchange.onDrain = () => response.resume();
    response.on('data', (chunk: Buffer) => {
      if (!exchange.write(chunk)) response.pause();
      exchange.flush();
    });
    response.on('end', () => exchange.end());
    // The app has to see that it is not whole; the reason is nobody's business but the log's.
    response.on('error', () => exchange.abort());
    response.on('close', () => {
      if (!response.complete) exchange.abort();
      resolve();
    });
  });
}

function unreachable(cause: unknown): Error {
  if (cause instanceof Error && cause.name === 'GatewayError') return cause;
  return refused('api_unreachable', 502, 'the API does not answer', {
    say: 'The API does not answer.',
    cause,
  });
}

function timedOut(): Error {
  return refused('api_timeout', 504, 'the API did not answer in time', {
    say: 'The API did not answer in time.',
  });
}
