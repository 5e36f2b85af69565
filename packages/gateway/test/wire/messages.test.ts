import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../src/wire/exchange.ts';
import { sendReply } from '../../src/wire/send.ts';
import { answerOk, eventually, listening, note, open, RawClient } from './support/listening.ts';

const HOST = 'Host: a.example\r\n';
const get = (target: string, more = ''): string => `GET ${target} HTTP/1.1\r\n${HOST}${more}\r\n`;
const LAST = get('/last', 'Connection: close\r\n');

/** Answers without looking at the body. */
const early = (exchange: Exchange): void => answerOk(exchange);

describe('bodies', () => {
  it('throws away the unread body of an answered request, and goes on with the next', async () => {
    const { port } = await open(early);
    const client = await RawClient.to(port);
    const body = Buffer.alloc(3_000_000, 'G');
    client.send(`POST /a HTTP/1.1\r\n${HOST}Content-Length: ${body.length}\r\n\r\n`);
    await client.until((received) => received.includes('/a'));
    client.send(body);
    await client.send(LAST).end();
    expect(client.statuses()).toEqual([200, 200]);
    expect(client.received).toMatch(/\/last$/);
  });

  it('ends the connection when the unread body is malformed, without losing the answer', async () => {
    const { port } = await open(early);
    const client = await RawClient.to(port);
    client.send(`POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`);
    await client.until((received) => received.includes('/a'));
    await client.send(`nonsense\r\n${LAST}`).end();
    expect(client.statuses()).toEqual([200]);
  });

  it('keeps back what nobody reads: a sender is slowed, and the body arrives whole in the end', async () => {
    const body = randomBytes(8_000_000);
    const exchanges: Exchange[] = [];
    const { port } = await open((exchange) => exchanges.push(exchange));
    const client = await RawClient.to(port);
    client.send(`POST /a HTTP/1.1\r\n${HOST}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n`);
    client.send(body);
    await eventually(() => exchanges.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(client.socket.writableLength).toBeGreaterThan(0);
    const [exchange] = exchanges as [Exchange];
    const received: Buffer[] = [];
    exchange.readBody({
      data: (chunk) => {
        received.push(chunk);
        exchange.pauseBody();
        setImmediate(() => exchange.resumeBody());
      },
      end: () => answerOk(exchange),
    });
    await client.end();
    expect(Buffer.concat(received).equals(body)).toBe(true);
    expect(client.statuses()).toEqual([200]);
  });

  it('never tells the end of a body that was cut off', async () => {
    for (const framing of [
      'Content-Length: 9\r\n\r\nabc',
      'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
    ]) {
      const { port, seen } = await listening();
      const client = await RawClient.to(port);
      client.send(`POST /a HTTP/1.1\r\n${HOST}${framing}`);
      await eventually(() => seen[0]?.body.length === 3);
      client.socket.end();
      await eventually(() => seen[0]?.closed === true);
      expect(seen[0]?.complete).toBe(false);
    }
  });
});

describe('Expect: 100-continue', () => {
  const head = `PUT /a HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`;

  it('asks for the body once somebody reads it', async () => {
    const { port, seen } = await listening();
    const client = await RawClient.to(port);
    client.send(head);
    expect(await client.until((received) => received.length > 0)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    await client.send(`hi${LAST}`).end();
    expect(client.statuses()).toEqual([100, 200, 200]);
    expect(seen[0]?.body.toString()).toBe('hi');
  });

  it('closes after a refusal: the client may send the body or a request now, and nobody could tell which', async () => {
    const handled: string[] = [];
    const { port } = await open((exchange) => {
      handled.push(exchange.head.path);
      answerOk(exchange);
    });
    const client = await RawClient.to(port);
    client.send(head);
    await client.end();
    expect(client.statuses()).toEqual([200]);
    expect(client.received).toContain('\r\nConnection: close\r\n');
    client.send(get('/smuggled'));
    expect(handled).toEqual(['/a']);
  });

  it('is not known to HTTP/1.0', async () => {
    const { port } = await listening();
    const client = await RawClient.to(port);
    await client.send(`${head.replace('1.1', '1.0')}hi`).end();
    expect(client.statuses()).toEqual([200]);
  });
});

describe('answers', () => {
  it('HTTP/1.0 is answered and closed, whatever it asks', async () => {
    for (const more of ['', 'Connection: keep-alive\r\n']) {
      const { port, seen } = await listening();
      const client = await RawClient.to(port);
      const received = await client.send(`GET /a HTTP/1.0\r\n${more}\r\n${get('/b')}`).end();
      expect(received).toContain('\r\nConnection: close\r\n');
      expect(seen.map(({ target }) => target)).toEqual(['/a']);
    }
  });

  const streamed = (exchange: Exchange): void => {
    exchange.informational(103, ['Link', '</x.css>; rel=preload']);
    exchange.respond({ status: 200, reason: '', headers: ['X-A', '1'], body: 'chunked' });
    exchange.write(Buffer.from('hello '));
    exchange.write(Buffer.from('there'));
    exchange.end(['X-Sum', '11']);
  };

  it('streams in chunks with trailers, after an informational answer', async () => {
    const { port } = await listening(streamed);
    const client = await RawClient.to(port);
    expect(await client.send(LAST).end()).toBe(
      'HTTP/1.1 103 Early Hints\r\nLink: </x.css>; rel=preload\r\n\r\n' +
        'HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n' +
        '6\r\nhello \r\n5\r\nthere\r\n0\r\nX-Sum: 11\r\n\r\n',
    );
  });

  it('streams to HTTP/1.0 without chunks, trailers and informational answers', async () => {
    const { port } = await listening(streamed);
    const client = await RawClient.to(port);
    expect(await client.send(`GET / HTTP/1.0\r\n\r\n`).end()).toBe(
      'HTTP/1.1 200 OK\r\nX-A: 1\r\nConnection: close\r\n\r\nhello there',
    );
  });

  it('answers HEAD with the length and no body, and goes on', async () => {
    const { port } = await listening((exchange) =>
      sendReply(exchange, { status: 200, headers: [], body: 'abc' }, 0),
    );
    const client = await RawClient.to(port);
    const received = await client.send(`HEAD / HTTP/1.1\r\n${HOST}\r\n${LAST}`).end();
    expect(received.match(/content-length: 3/g)).toHaveLength(2);
    expect(received.match(/abc/g)).toHaveLength(1);
  });

  it('shows that an answer was cut short, also to HTTP/1.0, where the end of the connection ends it', async () => {
    for (const request of [get('/'), 'GET / HTTP/1.0\r\n\r\n']) {
      const { port } = await open((exchange) => {
        exchange.respond({ status: 200, reason: '', headers: [], body: 'chunked' });
        exchange.write(Buffer.from('half'));
        exchange.flush();
        setTimeout(() => exchange.abort(), 5);
      });
      const client = await RawClient.to(port);
      const failed = new Promise<boolean>((resolve) => client.socket.on('close', resolve));
      client.send(request);
      const hadError = await failed;
      expect(client.received).toContain('half');
      expect(hadError || !client.received.includes('\r\n0\r\n')).toBe(true);
      if (request.includes('1.0')) expect(hadError).toBe(true);
    }
  });

  it('delivers the whole of a large last answer to a slow reader', async () => {
    const body = randomBytes(6_000_000);
    const { port } = await listening(
      (exchange) => sendReply(exchange, { status: 200, headers: [], body }, 0),
      { timeouts: { linger: 20, tick: 10 } },
    );
    const client = await RawClient.to(port);
    client.socket.pause();
    client.send(LAST);
    await new Promise((resolve) => setTimeout(resolve, 150));
    client.socket.resume();
    await client.end();
    expect(client.received.length).toBeGreaterThan(body.length);
  });
});

describe('upgrade', () => {
  const ask = (request: string): Promise<(string | undefined)[]> =>
    new Promise((resolve) => {
      const noted: (string | undefined)[] = [];
      void open((exchange) => {
        noted.push(note(exchange).exchange.head.upgrade);
        answerOk(exchange);
        resolve(noted);
      }).then(async ({ port }) => (await RawClient.to(port)).send(request));
    });
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';

  it('is seen where it is meant', async () => {
    expect(await ask(get('/', upgrade))).toEqual(['websocket']);
  });

  it.each([
    ['without Connection: Upgrade', get('/', 'Upgrade: websocket\r\n')],
    ['by HTTP/1.0', `GET / HTTP/1.0\r\n${upgrade}\r\n`],
    ['with a body', get('/', `${upgrade}Content-Length: 3\r\n`)],
    ['by POST', `POST / HTTP/1.1\r\n${HOST}${upgrade}\r\n`],
  ])('is none %s', async (_case, request) => {
    expect(await ask(request)).toEqual([undefined]);
  });

  it('hands over the socket with what came behind the head, and forgets the connection', async () => {
    const { port, listener } = await open((exchange) => {
      const { socket, rest } = exchange.takeOver();
      socket.write(`switched ${rest.toString()}`);
      socket.on('data', (chunk: Buffer) => socket.end(chunk));
    });
    const client = await RawClient.to(port);
    client.send(`${get('/', upgrade)}first`);
    await client.until((received) => received === 'switched first');
    expect(listener.connections).toBe(0);
    expect(await client.send('GET / second').end()).toBe('switched firstGET / second');
  });
});
