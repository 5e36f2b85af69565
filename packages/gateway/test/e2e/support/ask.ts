import { request } from 'node:http';

/** How a browser asks: by following a link, by a script, or by opening a WebSocket. */
export type Manner = 'page' | 'data' | 'upgrade';

export interface Question {
  readonly method?: string;
  readonly manner: Manner;
  /** The whole Cookie header. */
  readonly cookie?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What arrived until the end, or until an event stream's first piece. */
  readonly body: string;
}

/** Milliseconds after which an answer that has begun and does not end counts as read. */
const STREAM_PATIENCE = 3_000;
const BODY_ENOUGH = 64 * 1024;

/** The headers that Chromium sends from a page of this site; the strongest stranger sends them as well. */
function browserHeaders(url: URL, question: Question): Record<string, string> {
  if (question.manner === 'page') {
    return {
      accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'sec-fetch-site': 'same-origin',
      origin: url.origin,
    };
  }
  if (question.manner === 'data') {
    return {
      accept: '*/*',
      'sec-fetch-mode': 'cors',
      'sec-fetch-dest': 'empty',
      'sec-fetch-site': 'same-origin',
      origin: url.origin,
    };
  }
  return {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    origin: url.origin,
  };
}

/** One request on a connection of its own; no redirect is followed. An upgrade that succeeds is 101 and closed at once. */
export function ask(href: string, question: Question): Promise<Answer> {
  const url = new URL(href);
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: question.method ?? 'GET',
      agent: false,
      headers: {
        ...browserHeaders(url, question),
        ...(question.cookie === undefined ? {} : { cookie: question.cookie }),
        ...(question.body === undefined
          ? {}
          : { 'content-length': String(Buffer.byteLength(question.body)) }),
        ...question.headers,
      },
    });
    outgoing.once('error', reject);
    outgoing.once('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: 101, headers: plain(response.headers), body: '' });
    });
    outgoing.once('response', (response) => {
      const pieces: Buffer[] = [];
      const done = (): void => {
        clearTimeout(timer);
        const body = Buffer.concat(pieces).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: plain(response.headers), body });
        response.destroy();
      };
      const timer = setTimeout(done, STREAM_PATIENCE);
      const stream = response.headers['content-type']?.startsWith('text/event-stream') === true;
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        if (stream || pieces.reduce((sum, one) => sum + one.length, 0) > BODY_ENOUGH) done();
      });
      response.once('end', done);
      response.once('error', done);
    });
    outgoing.end(question.body);
  });
}

function plain(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join('\n') : (value ?? ''),
    ]),
  );
}
