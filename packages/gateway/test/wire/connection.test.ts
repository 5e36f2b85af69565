import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../src/wire/exchange.ts';
import { sendReply } from '../../src/wire/send.ts';
import { answerOk, eventually, listening, open, RawClient } from './support/listening.ts';

const HOST = 'Host: a.example\r\n';
const get = (target: string, more = ''): string => `GET ${target} HTTP/1.1\r\n${HOST}${more}\r\n`;
const LAST = get('/last', 'Connection: close\r\n');

describe('one connection, many requests', () => {
  it('answers pipelined requests in their order, however late each answer is', async () => {
    const { port } = await listening((exchange) => {
      const delay = exchange.head.path === '/0' ? 20 : 1;
      setTimeout(() => answerOk(exchange), delay);
    });
    const client = await RawClient.to(port);
    const received = await client.send(get('/0') + get('/1') + get('/2') + LAST).end();
    expect(received.match(/\r\n\r\n(\/[a-z0-9]+)/g)).toEqual(
      ['/0', '/1', '/2', '/last'].map((path) => `\r\n\r\n${path}`),
    );
  });

  it.each([
    ['at once', answerOk],
    ['later', (exchange: Exchange) => void setImmediate(() => answerOk(exchange))],
  ])('answers 1000 pipelined requests %s without growing the stack', async (_when, answer) => {
    const { port, seen } = await listening(answer);
    const client = await RawClient.to(port);
    await client.send(get('/x').repeat(999) + LAST).end();
    expect(client.statuses()).toHaveLength(1000);
    expect(seen).toHaveLength(1000);
    expect(client.received.endsWith('/last')).toBe(true);
  });

  it('takes no request after one that said close, not even when the answer comes with the end of the body', async () => {
    const { port, seen } = await listening();
    const client = await RawClient.to(port);
    const request = `POST /a HTTP/1.1\r\n${HOST}Connection: close\r\nContent-Length: 2\r\n\r\nhi`;
    await client.send(request + get('/b')).end();
    expect(seen.map(({ target }) => target)).toEqual(['/a']);
    expect(client.statuses()).toEqual([200]);
  });

  it('reads a request that comes byte by byte', async () => {
    const { port, seen } = await listening();
    const client = await RawClient.to(port);
    const request = `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-T: t\r\n\r\n${LAST}`;
    for (const byte of request) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.end();
    expect(client.statuses()).toEqual([200, 200]);
    expect(seen[0]?.body.toString()).toBe('abc');
    expect(seen[0]?.trailers).toEqual(['X-T', 't']);
  });

  it('ignores an empty line before a request', async () => {
    const { port } = await listening();
    const client = await RawClient.to(port);
    await client.send(`\r\n${get('/')}\r\n${LAST}`).end();
    expect(client.statuses()).toEqual([200, 200]);
  });

  it('makes a pipelining client that reads no answers wait, instead of keeping them all', async () => {
    const { port, seen } = await listening((exchange) => {
      sendReply(exchange, { status: 200, headers: [], body: Buffer.alloc(64 * 1024) }, 0);
    });
    const client = await RawClient.to(port);
    client.socket.pause();
    client.send(get('/').repeat(2000));
    await eventually(() => seen.length > 4);
    let before = -1;
    while (before !== seen.length) {
      before = seen.length;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(seen.length).toBeLessThan(500);
    client.socket.resume();
    await eventually(() => seen.length === 2000);
  });

  it('counts a client that ends its side before the answer as gone', async () => {
    const { port, seen, listener } = await listening(() => {});
    const client = await RawClient.to(port);
    client.send(get('/'));
    await eventually(() => seen.length === 1);
    client.socket.end();
    await eventually(() => seen[0]?.closed === true && listener.connections === 0);
  });

  it('tells a handler that asks only after the client is gone', async () => {
    const exchanges: Exchange[] = [];
    const { port, listener } = await open((exchange) => exchanges.push(exchange));
    const client = await RawClient.to(port);
    client.send(get('/'));
    await eventually(() => exchanges.length === 1);
    client.socket.destroy();
    await eventually(() => listener.connections === 0);
    const [exchange] = exchanges as [Exchange];
    await new Promise<void>((resolve) => {
      exchange.onClose = resolve;
    });
    expect(() => answerOk(exchange)).not.toThrow();
  });
});

describe('Host', () => {
  it.each([
    ['a.example', 'a.example'],
    ['A.Example', 'a.example'],
    ['A.EXAMPLE.:8443', 'a.example'],
    ['a.example.', 'a.example'],
    ['a.example:80', 'a.example'],
    ['[::1]:8000', '[::1]'],
    ['127.0.0.1', '127.0.0.1'],
  ])('%s is the host %s, with and without an absolute target (CVE-2026-48794)', async (spelled, host) => {
    const { port, seen } = await listening();
    const client = await RawClient.to(port);
    client.send(`GET /a?b HTTP/1.1\r\nHost: ${spelled}\r\n\r\n`);
    await client
      .send(`GET http://${spelled}/a?b HTTP/1.1\r\nHost: ${spelled}\r\nConnection: close\r\n\r\n`)
      .end();
    expect(seen.map((one) => [one.host, one.target])).toEqual([
      [host, '/a?b'],
      [host, '/a?b'],
    ]);
  });
});

describe('cookies', () => {
  it('reads thousands of cookies, and several Cookie lines as one', async () => {
    const { port, seen } = await listening();
    const many = Array.from({ length: 3000 }, (_, i) => `c${i}=${i}`).join('; ');
    const client = await RawClient.to(port);
    await client.send(get('/', `Cookie: ${many}\r\nCookie: last=1\r\nConnection: close\r\n`)).end();
    expect(client.statuses()).toEqual([200]);
    expect(seen[0]?.exchange.head.cookie).toBe(`${many}; last=1`);
  });
});
