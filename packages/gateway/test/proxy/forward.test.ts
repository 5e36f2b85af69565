import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { httpApp, scriptedApp, stopApps, type TestApp } from '../gate/apps.ts';
import { ask, head, open, rawClient, whole } from '../gate/client.ts';
import { gatewayWith, ORIGIN, stopAll, type TestGateway } from '../gate/gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

async function before(app: TestApp): Promise<{ gateway: TestGateway; cookie: string }> {
  const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
  return { gateway, cookie: await gateway.signIn() };
}

const SIZE = 200 * 1024 * 1024;
const BLOCK = randomBytes(1024 * 1024);

function* blocks(): Generator<Buffer> {
  for (let sent = 0; sent < SIZE; sent += BLOCK.length) yield BLOCK;
}

const CHECKSUM = (() => {
  const hash = createHash('sha256');
  for (const block of blocks()) hash.update(block);
  return hash.digest('hex');
})();

describe('200 MB', () => {
  test.each([
    ['with a length', SIZE],
    ['in chunks', undefined],
  ])('come down whole, %s', async (_how, length) => {
    const app = await httpApp((_request, response) => {
      if (length !== undefined) response.setHeader('content-length', length);
      void pipeline(Readable.from(blocks()), response).catch(() => undefined);
    });
    const { gateway, cookie } = await before(app);
    const request = open(gateway, '/big', { cookie });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const hash = createHash('sha256');
    for await (const chunk of response) hash.update(chunk as Buffer);
    expect([response.headers['content-length'], hash.digest('hex')]).toEqual([length?.toString(), CHECKSUM]);
  });

  test.each([
    ['with a length', SIZE],
    ['in chunks', undefined],
  ])('go up whole, %s', async (_how, length) => {
    const app = await httpApp(async (request, response) => {
      const hash = createHash('sha256');
      for await (const chunk of request) hash.update(chunk as Buffer);
      response.end(JSON.stringify([request.headers['content-length'], hash.digest('hex')]));
    });
    const { gateway, cookie } = await before(app);
    const headers = { origin: ORIGIN, ...(length === undefined ? {} : { 'content-length': length }) };
    const request = open(gateway, '/big', { method: 'POST', cookie, headers });
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    await pipeline(Readable.from(blocks()), request);
    const { text } = await whole((await answered)[0]);
    expect(JSON.parse(text)).toEqual([length === undefined ? null : String(length), CHECKSUM]);
  });
});

describe('back-pressure', () => {
  /** What is in kernel buffers on the way is not ours; loopback sockets hold a few megabytes each. */
  const BOUND = 32 * 1024 * 1024;

  test('a client that reads nothing makes the app wait', async () => {
    let offered = 0;
    const app = await httpApp((_request, response) => {
      const fill = (): void => {
        while (offered < SIZE && response.write(BLOCK)) offered += BLOCK.length;
        offered += BLOCK.length;
      };
      response.on('drain', fill);
      fill();
    });
    const { gateway, cookie } = await before(app);
    const client = await rawClient(gateway);
    client.socket.pause();
    client.send(head('GET /', cookie));
    await quiet(() => offered);
    expect(offered).toBeGreaterThan(0);
    expect(offered).toBeLessThan(BOUND);
  });

  test('an app that reads nothing makes the client wait', async () => {
    const app = await httpApp((request) => void request.pause());
    const { gateway, cookie } = await before(app);
    const client = await rawClient(gateway);
    client.send(head('POST /', cookie, `Content-Length: ${SIZE}`, `Origin: ${ORIGIN}`));
    let sent = 0;
    const fill = (): void => {
      while (sent < SIZE && client.socket.write(BLOCK)) sent += BLOCK.length;
      sent += BLOCK.length;
    };
    client.socket.on('drain', fill);
    fill();
    await quiet(() => sent);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(BOUND);
  });
});

/** Resolves when a number has stood still for a while: nothing flows any more. */
async function quiet(read: () => number): Promise<void> {
  for (let last = -1; last !== read(); ) {
    last = read();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

describe('bytes go on as they are', () => {
  const PLAIN = Buffer.from('a'.repeat(5_000));
  test.each([
    ['gzip', gzipSync(PLAIN)],
    ['br', brotliCompressSync(PLAIN)],
  ])('compressed with %s', async (coding, bytes) => {
    const app = await httpApp((_request, response) => {
      response.writeHead(200, { 'content-encoding': coding, vary: 'accept-encoding' }).end(bytes);
    });
    const { gateway, cookie } = await before(app);
    const answer = await ask(gateway, '/', { cookie, headers: { 'accept-encoding': coding } });
    expect(answer.headers['content-encoding']).toBe(coding);
    expect(answer.body.equals(bytes)).toBe(true);
  });

  test('a range', async () => {
    const app = await httpApp((request, response) => {
      expect(request.headers.range).toBe('bytes=2-4');
      response.writeHead(206, { 'content-range': 'bytes 2-4/10', 'content-length': 3 }).end('234');
    });
    const { gateway, cookie } = await before(app);
    const answer = await ask(gateway, '/', { cookie, headers: { range: 'bytes=2-4' } });
    expect([answer.status, answer.headers['content-range'], answer.text]).toEqual([
      206,
      'bytes 2-4/10',
      '234',
    ]);
  });

  test('path and query', async () => {
    const app = await httpApp((request, response) => void response.end(request.url));
    const { gateway, cookie } = await before(app);
    for (const target of ['/a/b;v=1/%E2%82%AC?x=%2F%2F&y=a+b', '/?', '/@x/:y/!$&()*+,=~'])
      expect((await ask(gateway, target, { cookie })).text).toBe(target);
  });
});

describe('answers without a body', () => {
  test('HEAD keeps the length and the connection', async () => {
    const app = await scriptedApp((_head, count) =>
      count === 1
        ? 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n'
        : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    );
    const { gateway, cookie } = await before(app);
    const answer = await ask(gateway, '/', { method: 'HEAD', cookie });
    expect([answer.headers['content-length'], answer.body.length]).toEqual(['1234', 0]);
    expect((await ask(gateway, '/', { cookie })).text).toBe('ok');
    expect(app.connections).toBe(1);
  });

  test.each([
    ['204 without a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', 204, undefined],
    ['304 with its validators', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', 304, '"a"'],
  ])('%s', async (_name, said, status, etag) => {
    const app = await scriptedApp(said);
    const { gateway, cookie } = await before(app);
    const answer = await ask(gateway, '/', { cookie });
    expect([answer.status, answer.headers.etag, answer.headers['content-length']]).toEqual([
      status,
      etag,
      undefined,
    ]);
    expect(answer.headers['transfer-encoding']).toBe(undefined);
  });
});

describe('what comes before and after', () => {
  test('103 Early Hints go on, 100 Continue does not, and both leave the answer alone', async () => {
    const app = await scriptedApp(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    );
    const { gateway, cookie } = await before(app);
    const client = await rawClient(gateway);
    client.send(head('GET /', cookie, 'Connection: close'));
    const text = await client.until(undefined);
    expect(
      text.startsWith('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n'),
    ).toBe(true);
    expect(text.endsWith('\r\n\r\nok')).toBe(true);
  });

  test('trailers of the app, but none that would set a cookie or a length', async () => {
    const app = await scriptedApp(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\nSet-Cookie: __Host-portico=x\r\nContent-Length: 9\r\nConnection: x\r\n\r\n',
    );
    const { gateway, cookie } = await before(app);
    const answer = await ask(gateway, '/', { cookie });
    expect([answer.text, answer.trailers]).toEqual(['ok', { 'x-sum': '7' }]);
  });

  test('a client that expects 100 Continue gets it once the gate has let it in', async () => {
    const app = await httpApp(async (request, response) => {
      expect(request.headers.expect).toBe(undefined);
      response.end(Buffer.concat(await request.toArray()));
    });
    const { gateway, cookie } = await before(app);
    const client = await rawClient(gateway);
    client.send(head('POST /', cookie, 'Expect: 100-continue', 'Content-Length: 5', `Origin: ${ORIGIN}`));
    await client.until('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('hello');
    expect(await client.until('hello')).toContain('HTTP/1.1 200');
  });

  test('and no 100 Continue without a session', async () => {
    const app = await httpApp((_request, response) => void response.end());
    const { gateway } = await before(app);
    const client = await rawClient(gateway);
    client.send(head('POST /', 'a=b', 'Expect: 100-continue', 'Content-Length: 5'));
    expect(await client.until('login_required')).toMatch(/^HTTP\/1\.1 401 /);
    expect(app.connections).toBe(0);
  });
});

test('an event is delivered when it is sent, not when a buffer is full', async () => {
  let send: ((text: string) => void) | undefined;
  const app = await httpApp((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    send = (text) => response.write(text);
  });
  const { gateway, cookie } = await before(app);
  const request = open(gateway, '/', { cookie });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
    const arrived = once(response, 'data');
    send?.(event);
    expect(String((await arrived)[0])).toBe(event);
  }
});

test('a request body is delivered as it comes', async () => {
  const chunks: string[] = [];
  const app = await httpApp((request, response) => {
    request.on('data', (chunk) => {
      chunks.push(String(chunk));
      app.server.emit('chunk');
    });
    request.on('end', () => response.end());
  });
  const { gateway, cookie } = await before(app);
  const request = open(gateway, '/', { method: 'POST', cookie, headers: { origin: ORIGIN } });
  for (const chunk of ['one', 'two']) {
    const arrived = once(app.server, 'chunk');
    request.write(chunk);
    await arrived;
  }
  request.end();
  await once(request, 'response');
  expect(chunks).toEqual(['one', 'two']);
});
