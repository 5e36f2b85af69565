import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Exchange, ExchangeHandler } from '../../../src/wire/exchange.ts';
import { TIMEOUTS, type Timeouts } from '../../../src/wire/limits.ts';
import { Listener } from '../../../src/wire/listener.ts';

/** What the handler of a test saw of one request. */
export interface Seen {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly headers: readonly [name: string, value: string][];
  readonly exchange: Exchange;
  body: Buffer;
  trailers: readonly string[];
  /** The body came whole. */
  complete: boolean;
  /** The client was gone before the answer was out. */
  closed: boolean;
}

export interface Listening {
  readonly listener: Listener;
  readonly port: number;
  readonly seen: Seen[];
}

/** Notes the request, and answers with what the test says when the body has come whole. */
export async function listening(
  answer: (exchange: Exchange, seen: Seen) => void = answerOk,
  options: { tls?: { cert: string; key: string }; timeouts?: Partial<Timeouts> } = {},
): Promise<Listening> {
  const seen: Seen[] = [];
  return { ...(await open((exchange) => receive(exchange, seen, answer), options)), seen };
}

/** A listener with a handler of the test's own. */
export async function open(
  handler: ExchangeHandler,
  options: { tls?: { cert: string; key: string }; timeouts?: Partial<Timeouts> } = {},
): Promise<{ listener: Listener; port: number }> {
  const tls = options.tls === undefined ? {} : { tls: options.tls };
  const listener = new Listener(tls, handler, { ...TIMEOUTS, ...options.timeouts });
  const port = await listener.listen('127.0.0.1', 0);
  onTestFinished(() => listener.drain(0));
  return { listener, port };
}

export function note(exchange: Exchange): Seen {
  const { head } = exchange;
  return {
    method: head.method,
    target: head.target,
    host: head.host,
    headers: head.names.map((name, i) => [name.lower, head.values[i] as string]),
    exchange,
    body: Buffer.alloc(0),
    trailers: [],
    complete: false,
    closed: false,
  };
}

function receive(exchange: Exchange, seen: Seen[], answer: (exchange: Exchange, seen: Seen) => void): void {
  const noted = note(exchange);
  seen.push(noted);
  exchange.onClose = () => {
    noted.closed = true;
  };
  exchange.readBody({
    data: (chunk) => {
      noted.body = Buffer.concat([noted.body, chunk]);
    },
    end: (trailers) => {
      noted.complete = true;
      noted.trailers = trailers;
      answer(exchange, noted);
    },
  });
}

/** 200 with the path as its body. */
export function answerOk(exchange: Exchange): void {
  const body = Buffer.from(exchange.head.path, 'latin1');
  const kind = exchange.head.method === 'HEAD' ? 'none' : 'length';
  exchange.respond({ status: 200, reason: '', headers: ['Content-Length', String(body.length)], body: kind });
  exchange.write(body);
  exchange.end();
}

/** A plain client: bytes out, bytes in, and when the other side ended. */
export class RawClient {
  readonly socket: Socket;
  received = '';
  ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
    });
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('error', () => {});
  }

  /** A client that is gone with the test. */
  static async to(port: number): Promise<RawClient> {
    const client = RawClient.within(port);
    onTestFinished(async () => void (await client).socket.destroy());
    return client;
  }

  /** A client that the test destroys itself, because it needs very many. */
  static async within(port: number): Promise<RawClient> {
    const client = new RawClient(connect({ port, host: '127.0.0.1' }));
    await once(client.socket, 'connect');
    return client;
  }

  send(text: string | Buffer): this {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
    return this;
  }

  /** Waits until what came satisfies `enough`, or the connection is over. */
  async until(enough: (received: string) => boolean): Promise<string> {
    while (!enough(this.received) && !this.socket.destroyed && !this.ended) await settled(this.socket);
    return this.received;
  }

  /** Waits for the other side to end. */
  async end(): Promise<string> {
    while (!this.socket.destroyed && !this.ended) await settled(this.socket);
    return this.received;
  }

  statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
  }
}

function settled(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['data', 'end', 'close']) socket.off(event, done);
      resolve();
    };
    for (const event of ['data', 'end', 'close']) socket.once(event, done);
  });
}

/** Waits for something that no event tells of. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
