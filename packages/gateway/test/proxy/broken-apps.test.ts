import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { httpApp, rawApp, scriptedApp, stopApps, type TestApp } from '../gate/apps.ts';
import { ask, HANDSHAKE, head, NAVIGATION, open, rawClient, socket } from '../gate/client.ts';
import { gatewayWith, ORIGIN, stopAll, type TestGateway, type TestGatewayOptions } from '../gate/gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

async function before(
  app: Pick<TestApp, 'upstream'>,
  options: Partial<TestGatewayOptions> = {},
): Promise<{ gateway: TestGateway; cookie: string }> {
  const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }], ...options });
  return { gateway, cookie: await gateway.signIn() };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

const MALFORMED: Readonly<Record<string, string>> = {
  'no status line': 'hello\r\n\r\n',
  'HTTP/2 in text': 'HTTP/2 200 OK\r\n\r\n',
  'a status of 999': 'HTTP/1.1 999 X\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 20 X\r\n\r\n',
  'a control character in the reason': 'HTTP/1.1 200 O\x00K\r\nContent-Length: 2\r\n\r\nok',
  'a header without a colon': 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n',
  'a header name with a space': 'HTTP/1.1 200 OK\r\nSet-Cookie : a=b\r\nContent-Length: 2\r\n\r\nok',
  'a folded header': 'HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 2\r\n\r\nok',
  'a bare LF in a value':
    'HTTP/1.1 200 OK\r\nX-A: 1\nSet-Cookie: __Host-portico=evil\r\nContent-Length: 2\r\n\r\nok',
  'a bare CR in a value': 'HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\nContent-Length: 2\r\n\r\nok',
  'a NUL in a value': 'HTTP/1.1 200 OK\r\nX-A: 1\x002\r\nContent-Length: 2\r\n\r\nok',
  'both length and chunks':
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok',
  'a list of lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok',
  'a negative length': 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok',
  'a hexadecimal length': 'HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok',
  'an unknown transfer coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'chunks twice':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'another protocol unasked': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n',
  'a head of 200 KB': `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(200_000)}\r\n\r\n`,
};

describe('a malformed answer', () => {
  test.each(Object.entries(MALFORMED))(
    'with %s is a 502 page, and the next answer is whole',
    async (_name, said) => {
      let broken = true;
      const app = await scriptedApp(() => (broken ? said : OK));
      const { gateway, cookie } = await before(app);
      const page = await ask(gateway, '/', { cookie, headers: NAVIGATION });
      expect([page.status, page.headers['content-type']]).toEqual([502, 'text/html; charset=utf-8']);
      expect(page.text).not.toContain('evil');
      expect(page.headers['set-cookie']).toBe(undefined);
      expect(JSON.parse((await ask(gateway, '/', { cookie })).text).error).toBe('app_protocol');
      broken = false;
      expect((await ask(gateway, '/', { cookie })).text).toBe('ok');
    },
  );
});

describe('bytes behind the end of an answer never become another answer', () => {
  const EVIL = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';
  test.each([
    ['a body longer than its length', `${OK}${EVIL}`],
    ['a body after 204', `HTTP/1.1 204 No Content\r\n\r\n${EVIL}`],
    ['a body after 304', `HTTP/1.1 304 Not Modified\r\n\r\n${EVIL}`],
    [
      'bytes after the last chunk',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n${EVIL}`,
    ],
    ['a body after an empty one', `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n${EVIL}`],
  ])('%s', async (_name, said) => {
    const app = await scriptedApp((_head, count) => (count === 1 ? said : OK));
    const { gateway, cookie } = await before(app);
    await ask(gateway, '/', { cookie });
    expect((await ask(gateway, '/', { cookie })).text).toBe('ok');
    expect(app.connections).toBe(2);
  });

  test('a body after HEAD', async () => {
    const app = await scriptedApp((_head, count) => (count === 1 ? EVIL : OK));
    const { gateway, cookie } = await before(app);
    await ask(gateway, '/', { method: 'HEAD', cookie });
    expect((await ask(gateway, '/', { cookie })).text).toBe('ok');
    expect(app.connections).toBe(2);
  });

  test('bytes that come later, while the connection waits', async () => {
    const app = await scriptedApp(() => OK);
    const { gateway, cookie } = await before(app);
    await ask(gateway, '/', { cookie });
    const [waiting] = [...app.sockets];
    const hungUp = once(waiting as NonNullable<typeof waiting>, 'close');
    waiting?.write(EVIL);
    await hungUp;
    expect((await ask(gateway, '/', { cookie })).text).toBe('ok');
  });
});

describe('an answer that breaks off', () => {
  test.each([
    ['within its length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'],
    ['within its chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\npart'],
    ['with a malformed chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\nzz\r\n'],
  ])('%s is visibly incomplete for the browser', async (_name, said) => {
    const app = await rawApp((connection) => {
      connection.once('data', () => connection.end(said, 'latin1'));
    });
    const { gateway, cookie } = await before(app);
    const client = await rawClient(gateway);
    client.send(head('GET /', cookie));
    const text = await client.until(undefined);
    expect(text).not.toContain('\r\n0\r\n\r\n');
    expect(text).not.toContain('HTTP/1.1 502');
  });

  test('before its head is a 502', async () => {
    const app = await rawApp(
      (connection) => void connection.once('data', () => connection.end('HTTP/1.1 200 OK\r\nX')),
    );
    const { gateway, cookie } = await before(app);
    expect((await ask(gateway, '/', { cookie })).status).toBe(502);
  });

  test('without a length ends where the app ends it', async () => {
    const app = await rawApp((connection) => {
      connection.once('data', () => connection.end('HTTP/1.0 200 OK\r\n\r\nall of it'));
    });
    const { gateway, cookie } = await before(app);
    expect((await ask(gateway, '/', { cookie })).text).toBe('all of it');
  });

  test('without a length, by a reset, is incomplete', async () => {
    const app = await rawApp((connection) => {
      connection.once('data', () => {
        connection.write('HTTP/1.1 200 OK\r\n\r\npart', () => connection.resetAndDestroy());
      });
    });
    const { gateway, cookie } = await before(app);
    const client = await rawClient(gateway);
    client.send(head('GET /', cookie));
    expect(await client.until(undefined)).not.toContain('\r\n0\r\n\r\n');
  });
});

describe('a kept connection that the app has closed unseen', () => {
  /** The second request on a connection finds it dying. */
  const dying = () =>
    rawApp((connection) => {
      connection.once('data', () => {
        connection.write(OK);
        connection.once('data', () => connection.resetAndDestroy());
      });
    });

  test.each(['GET', 'HEAD', 'OPTIONS'])('is replaced for %s', async (method) => {
    const app = await dying();
    const { gateway, cookie } = await before(app);
    await ask(gateway, '/', { cookie });
    expect((await ask(gateway, '/', { method, cookie })).status).toBe(200);
    expect(app.connections).toBe(2);
  });

  test.each([
    ['POST', undefined],
    ['POST', 'body'],
    ['GET', 'body'],
    ['DELETE', undefined],
  ])('is an error for %s with %s, which might be done twice', async (method, body) => {
    const app = await dying();
    const { gateway, cookie } = await before(app);
    await ask(gateway, '/', { cookie });
    const headers = { origin: ORIGIN, ...(body === undefined ? {} : { 'content-length': body.length }) };
    const answer = await ask(gateway, '/', {
      method,
      cookie,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    expect(answer.status).toBe(502);
    expect(app.connections).toBe(1);
  });

  test('a GET on a new connection is not sent twice', async () => {
    const app = await rawApp(
      (connection) => void connection.once('data', () => connection.resetAndDestroy()),
    );
    const { gateway, cookie } = await before(app);
    expect((await ask(gateway, '/', { cookie })).status).toBe(502);
    expect(app.connections).toBe(1);
  });

  test('what cannot be sent twice takes a new one when the kept one has waited', async () => {
    const app = await httpApp((_request, response) => void response.end('ok'));
    const { gateway, cookie } = await before(app);
    await ask(gateway, '/', { cookie });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await ask(gateway, '/', { method: 'POST', cookie, headers: { origin: ORIGIN } });
    expect(app.connections).toBe(2);
  });
});

describe('an app that is not there', () => {
  const nowhere = async (): Promise<TestApp> => {
    const app = await httpApp(() => undefined);
    await app.stop();
    return app;
  };

  test('is a 502 with words for a person, JSON for data, and nothing of where it is', async () => {
    const app = await nowhere();
    const { gateway, cookie } = await before(app);
    const page = await ask(gateway, '/', { cookie, headers: NAVIGATION });
    expect(page.status).toBe(502);
    expect(page.text).toContain('The app does not answer');
    const data = await ask(gateway, '/', { cookie });
    expect([data.status, JSON.parse(data.text).error]).toEqual([502, 'app_unreachable']);
    for (const text of [page.text, data.text]) expect(text).not.toContain(String(app.upstream.port));
    const client = socket(gateway, '/', { cookie });
    const [error] = (await once(client, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 502');
  });

  test('that does not answer in time is a 504', async () => {
    const app = await httpApp(() => undefined);
    app.server.on('upgrade', () => undefined);
    const timeouts = { connect: 5_000, silence: 200, handshake: 200 };
    const { gateway, cookie } = await before(app, { options: { timeouts } });
    const data = await ask(gateway, '/', { cookie });
    expect([data.status, JSON.parse(data.text).error]).toEqual([504, 'app_timeout']);
    const client = socket(gateway, '/', { cookie });
    const [error] = (await once(client, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 504');
  });

  test('that has begun to answer may take its time', async () => {
    let finish: (() => void) | undefined;
    const app = await httpApp((_request, response) => {
      response.write('a');
      finish = () => response.end('b');
    });
    const timeouts = { connect: 5_000, silence: 100, handshake: 100 };
    const { gateway, cookie } = await before(app, { options: { timeouts } });
    const request = open(gateway, '/', { cookie });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await new Promise((resolve) => setTimeout(resolve, 300));
    finish?.();
    expect(String(Buffer.concat(await response.toArray()))).toBe('ab');
  });
});

describe('an app that answers before it has heard everything', () => {
  test('is heard by the client, and its connection is not used again', async () => {
    const app = await rawApp((connection) => {
      connection.once('data', () =>
        connection.write('HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch'),
      );
    });
    const { gateway, cookie } = await before(app);
    const client = await rawClient(gateway);
    client.send(`${head('POST /', cookie, 'Content-Length: 1000', `Origin: ${ORIGIN}`)}start`);
    expect(await client.until('much')).toMatch(/^HTTP\/1\.1 413 Too Large/);
    const [connection] = [...app.sockets];
    if (connection !== undefined) await once(connection, 'close');
  });
});

describe('a client that goes away', () => {
  test.each([
    ['before the answer', ''],
    ['within a request body', 'Content-Length: 1000'],
  ])('%s frees the app', async (_name, line) => {
    const app = await httpApp(() => undefined);
    const asked = once(app.server, 'request') as Promise<[IncomingMessage]>;
    const { gateway, cookie } = await before(app);
    const client = await rawClient(gateway);
    client.send(
      line === '' ? head('GET /', cookie) : `${head('POST /', cookie, line, `Origin: ${ORIGIN}`)}part of it`,
    );
    const [request] = await asked;
    const freed = new Promise((resolve) => request.socket.on('close', resolve));
    client.socket.resetAndDestroy();
    await freed;
    expect((await ask(gateway, '/.auth/healthz')).status).toBe(200);
  });

  test('within a download frees the app', async () => {
    const app = await httpApp((_request, response) => void response.write('x'.repeat(1_000)));
    const { gateway, cookie } = await before(app);
    const client = await rawClient(gateway);
    client.send(head('GET /', cookie));
    await client.until('xxx');
    const [connection] = [...app.sockets];
    const freed = once(connection as NonNullable<typeof connection>, 'close');
    client.socket.resetAndDestroy();
    await freed;
  });

  test('within a WebSocket handshake, at any byte, leaves the gateway standing', async () => {
    const app = await httpApp(() => undefined);
    app.server.on('upgrade', (_request, connection) => void connection.on('error', () => undefined));
    const { gateway, cookie } = await before(app);
    const text = head('GET /', cookie, ...HANDSHAKE);
    for (let cut = 1; cut <= text.length; cut += 17) {
      const client = await rawClient(gateway);
      client.send(text.slice(0, cut));
      client.socket.resetAndDestroy();
    }
    const whole = await rawClient(gateway);
    whole.send(text);
    await once(app.server, 'upgrade');
    whole.socket.resetAndDestroy();
    expect((await ask(gateway, '/.auth/healthz')).status).toBe(200);
  });
});
