import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { LookupFunction } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Exchange } from '../../src/wire/exchange.ts';
import type { Timeouts } from '../../src/wire/limits.ts';
import { sendReply } from '../../src/wire/send.ts';
import { certificate } from './support/certificate.ts';
import { END_HEADERS, FRAME, frame, framesTo, postHeaders } from './support/http2-frames.ts';
import { answerOk, eventually, type Listening, listening, open } from './support/listening.ts';

const tls = certificate();

function session(port: number): ClientHttp2Session {
  const client = connect(`https://localhost:${port}`, { ca: tls.cert, lookup: loopback });
  client.on('error', () => {});
  onTestFinished(() => client.destroy());
  return client;
}

const loopback: LookupFunction = (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);

interface Answer {
  status: number | undefined;
  headers: Record<string, unknown>;
  body: Buffer;
  trailers: Record<string, unknown>;
  code: number;
}

function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  const answer: Answer = { status: undefined, headers: {}, body: Buffer.alloc(0), trailers: {}, code: -1 };
  const chunks: Buffer[] = [];
  stream.on('response', (headers) => {
    answer.status = headers[':status'];
    answer.headers = headers;
  });
  stream.on('trailers', (trailers) => {
    answer.trailers = trailers;
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => {});
  return new Promise((resolve) => {
    stream.on('close', () => {
      answer.body = Buffer.concat(chunks);
      answer.code = stream.rstCode;
      resolve(answer);
    });
  });
}

const serve = (
  answer?: Parameters<typeof listening>[0],
  timeouts: Partial<Timeouts> = {},
): Promise<Listening> => listening(answer, { tls, timeouts });

describe('HTTP/2', () => {
  it('makes the same of a request as HTTP/1.1 does', async () => {
    const { port, seen } = await serve();
    const client = session(port);
    const answer = await answerOf(
      client.request({
        ':path': '/a?b',
        cookie: ['x=1', 'y=2'],
        'x-forwarded-user': 'mallory',
        accept: '*/*',
      }),
    );
    expect([answer.status, answer.body.toString()]).toEqual([200, '/a']);
    expect(seen[0]).toMatchObject({ method: 'GET', target: '/a?b', host: 'localhost' });
    expect(seen[0]?.exchange.head.cookie).toBe('x=1; y=2');
    expect(seen[0]?.exchange.remoteAddress).toBe('127.0.0.1');
    expect(seen[0]?.exchange.head.names.find(({ lower }) => lower === 'x-forwarded-user')?.kind).toBe(
      'identity',
    );
  });

  it.each([
    ['encoded slash', { ':path': '/a%2fb' }, 400],
    ['dot segments', { ':path': '/a/../b' }, 400],
    ['fragment', { ':path': '/a#b' }, 400],
    ['asterisk', { ':path': '*', ':method': 'OPTIONS' }, 400],
    ['TRACE', { ':path': '/', ':method': 'TRACE' }, 405],
    ['lower-case method', { ':path': '/', ':method': 'get' }, 400],
    ['two hosts in the authority', { ':path': '/', ':authority': 'a.example,b.example' }, 400],
    ['another Host', { ':path': '/', host: 'b.example', ':authority': 'a.example' }, 400],
  ])('refuses %s, and the session goes on', async (_name, headers, status) => {
    const { port, seen } = await serve();
    const client = session(port);
    expect((await answerOf(client.request(headers))).status).toBe(status);
    expect(seen).toEqual([]);
    expect((await answerOf(client.request({ ':path': '/' }))).status).toBe(200);
  });

  it('passes bodies and trailers both ways', async () => {
    const { port, seen } = await serve((exchange, noted) => {
      exchange.informational(103, ['Link', '</x.css>']);
      exchange.respond({
        status: 201,
        reason: 'Made',
        headers: ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Vary', 'a', 'Vary', 'b', 'Constructor', 'x'],
        body: 'chunked',
      });
      exchange.write(noted.body);
      exchange.end(['X-Sum', String(noted.body.length)]);
    });
    const body = randomBytes(300_000);
    const stream = session(port).request({ ':path': '/', ':method': 'POST' }, { waitForTrailers: true });
    const hints = once(stream, 'headers');
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-check': 'y' }));
    stream.end(body);
    const answer = await answerOf(stream);
    expect((await hints)[0]).toMatchObject({ ':status': 103 });
    expect(answer.body.equals(body)).toBe(true);
    expect(answer.headers).toMatchObject({
      ':status': 201,
      'set-cookie': ['a=1', 'b=2'],
      vary: 'a, b',
      constructor: 'x',
    });
    expect(answer.trailers).toMatchObject({ 'x-sum': '300000' });
    expect(seen[0]?.trailers).toEqual(['x-check', 'y']);
  });

  it('answers HEAD, 204 and 304 without a body', async () => {
    const { port } = await serve((exchange) =>
      sendReply(exchange, { status: Number(exchange.head.path.slice(1)), headers: [], body: 'abc' }, 0),
    );
    const client = session(port);
    for (const [method, status] of [
      ['HEAD', 200],
      ['GET', 204],
      ['GET', 304],
    ] as const) {
      const answer = await answerOf(client.request({ ':method': method, ':path': `/${status}` }));
      expect([answer.status, answer.body.length]).toEqual([status, 0]);
    }
  });

  it('slows the sender while nobody reads, and the receiver while it does not read', async () => {
    const body = randomBytes(6_000_000);
    const waits: number[] = [];
    const { port } = await open(
      (exchange) => {
        exchange.respond({ status: 200, reason: '', headers: [], body: 'chunked' });
        let ended = false;
        exchange.onDrain = () => {
          exchange.resumeBody();
          if (ended) exchange.end();
        };
        exchange.readBody({
          data: (chunk) => {
            if (exchange.write(chunk)) return;
            waits.push(chunk.length);
            exchange.pauseBody();
          },
          end: () => {
            ended = true;
            exchange.end();
          },
        });
      },
      { tls },
    );
    const stream = session(port).request({ ':path': '/', ':method': 'POST' });
    const answered = answerOf(stream);
    stream.pause();
    stream.end(body);
    await eventually(() => waits.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(stream.writableFinished).toBe(false);
    stream.resume();
    expect((await answered).body.equals(body)).toBe(true);
  });

  it.each([
    ['CANCEL', constants.NGHTTP2_CANCEL],
    ['NO_ERROR', constants.NGHTTP2_NO_ERROR],
  ])('a body that is reset with %s is never taken for whole', async (_name, code) => {
    for (const length of [undefined, '9']) {
      const { port, seen } = await serve();
      const socket = await framesTo(port, tls.cert);
      socket.write(frame(FRAME.headers, END_HEADERS, 1, postHeaders(length)));
      socket.write(frame(FRAME.data, 0, 1, Buffer.from('abc')));
      await eventually(() => seen[0]?.body.length === 3);
      socket.write(frame(FRAME.rstStream, 0, 1, Buffer.from([0, 0, 0, code])));
      await eventually(() => seen[0]?.closed === true);
      expect(seen[0]?.complete).toBe(false);
    }
  });

  it('a body that ends with its connection is never taken for whole', async () => {
    const { port, seen } = await serve();
    const socket = await framesTo(port, tls.cert);
    socket.write(frame(FRAME.headers, END_HEADERS, 1, postHeaders()));
    socket.write(frame(FRAME.data, 0, 1, Buffer.from('abc')));
    await eventually(() => seen[0]?.body.length === 3);
    socket.end();
    await eventually(() => seen[0]?.closed === true);
    expect(seen[0]?.complete).toBe(false);
  });

  it('ends a session whose head never ends (CVE-2024-27983: CONTINUATION flood)', async () => {
    const { port, listener, seen } = await serve();
    const socket = await framesTo(port, tls.cert);
    const gone = new Promise((resolve) => socket.on('close', resolve));
    socket.write(frame(FRAME.headers, 0, 1, postHeaders()));
    const flood = setInterval(() => socket.write(frame(FRAME.continuation, 0, 1, Buffer.alloc(0))), 1);
    await gone;
    clearInterval(flood);
    await eventually(() => listener.connections === 0);
    expect(seen).toEqual([]);
  });

  it.each([
    ['short', 'abc', '9'],
    ['long', 'abcdefghijk', '9'],
  ])('a body too %s for its Content-Length is never taken for whole', async (_name, body, length) => {
    const { port, seen } = await serve();
    const stream = session(port).request({ ':path': '/', ':method': 'POST', 'content-length': length });
    stream.end(body);
    await answerOf(stream);
    expect(seen.filter(({ complete }) => complete)).toEqual([]);
  });

  it('an early answer asks the client to stop sending', async () => {
    const { port } = await open(answerOk, { tls });
    const stream = session(port).request({ ':path': '/early', ':method': 'POST' });
    const answered = answerOf(stream);
    stream.write('abc');
    expect(await answered).toMatchObject({ status: 200, code: constants.NGHTTP2_NO_ERROR });
    expect((await answered).body.toString()).toBe('/early');
  });

  it('shows that an answer was cut short', async () => {
    const { port } = await serve((exchange) => {
      exchange.respond({ status: 200, reason: '', headers: [], body: 'chunked' });
      exchange.write(Buffer.from('half'));
      setTimeout(() => exchange.abort(), 5);
    });
    const answer = await answerOf(session(port).request({ ':path': '/' }));
    expect(answer.code).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  });

  it('answers 1000 concurrent streams', async () => {
    const { port } = await serve((exchange) => void setTimeout(() => answerOk(exchange), 1));
    const client = session(port);
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => answerOf(client.request({ ':path': `/${i}` }))),
    );
    expect(answers.map(({ body }) => body.toString())).toEqual(answers.map((_, i) => `/${i}`));
  });

  it('survives a reset, or the end of the session, at any moment of an exchange', async () => {
    const exchanges: Exchange[] = [];
    const { port, listener } = await open(
      (exchange) => {
        exchanges.push(exchange);
        exchange.readBody({ data: () => {}, end: () => {} });
        setTimeout(() => {
          exchange.informational(103, []);
          setImmediate(() => {
            exchange.respond({ status: 200, reason: '', headers: [], body: 'chunked' });
            exchange.write(Buffer.alloc(50_000));
            setImmediate(() => exchange.end(['x-t', 'y']));
          });
        }, 3);
      },
      { tls },
    );
    for (let i = 0; i < 60; i++) {
      const client = session(port);
      const stream = client.request({ ':path': '/', ':method': 'POST' });
      stream.on('error', () => {});
      stream.resume();
      stream.write('abc');
      await new Promise((resolve) => setTimeout(resolve, i % 10));
      if (i % 3 === 0) stream.close(constants.NGHTTP2_CANCEL);
      else if (i % 3 === 1) client.destroy();
      client.close();
    }
    expect(exchanges.length).toBeGreaterThan(10);
    await eventually(() => listener.connections === 0);
  });

  it('ends a session that floods it with resets (CVE-2023-44487)', async () => {
    const { port, listener, seen } = await serve(() => {});
    const socket = await framesTo(port, tls.cert);
    const gone = new Promise((resolve) => socket.on('close', resolve));
    const cancel = Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL]);
    const flood = Array.from({ length: 10_000 }, (_, i) => [
      frame(FRAME.headers, END_HEADERS, 2 * i + 1, postHeaders()),
      frame(FRAME.rstStream, 0, 2 * i + 1, cancel),
    ]);
    socket.write(Buffer.concat(flood.flat()));
    await gone;
    await eventually(() => listener.connections === 0);
    expect(seen.length).toBeLessThan(5_000);
    expect(seen.filter(({ complete }) => complete)).toEqual([]);
  });

  it('a stream whose body stops coming is cancelled, one that the app keeps waiting is not', async () => {
    const { port, seen } = await serve(() => {}, { body: 30 });
    const client = session(port);
    const waiting = client.request({ ':path': '/waiting' });
    waiting.on('error', () => {});
    const slow = client.request({ ':path': '/slow', ':method': 'POST' });
    slow.write('abc');
    expect((await answerOf(slow)).code).toBe(constants.NGHTTP2_CANCEL);
    expect(seen.find(({ target }) => target === '/slow')).toMatchObject({ complete: false, closed: true });
    expect(waiting.closed).toBe(false);
  });

  it('a client that never reads its answer is cancelled', async () => {
    const { port, seen } = await serve(
      (exchange) => {
        exchange.respond({ status: 200, reason: '', headers: [], body: 'chunked' });
        exchange.write(Buffer.alloc(2_000_000));
      },
      { send: 50 },
    );
    const stream = session(port).request({ ':path': '/' });
    stream.on('error', () => {});
    stream.pause();
    await eventually(() => seen[0]?.closed === true);
  });

  it('ends after its last stream when it drains', async () => {
    let answer = (): void => {};
    const { port, listener } = await open(
      (exchange) => {
        answer = () => answerOk(exchange);
      },
      { tls },
    );
    const client = session(port);
    const answered = answerOf(client.request({ ':path': '/last' }));
    await eventually(() => listener.connections === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const drained = listener.drain(5_000);
    answer();
    expect((await answered).body.toString()).toBe('/last');
    await drained;
  });
});
