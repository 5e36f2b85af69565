import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { httpApp, scriptedApp, stopApps } from '../gate/apps.ts';
import { closed, HANDSHAKE, head, openSocket, rawClient, socket } from '../gate/client.ts';
import { gatewayWith, stopAll, type TestGateway } from '../gate/gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

interface Stage {
  readonly gateway: TestGateway;
  readonly cookie: string;
  readonly server: WebSocketServer;
  /** The app's side of the next WebSocket. */
  readonly next: () => Promise<WebSocket>;
}

async function stage(): Promise<Stage> {
  const app = await httpApp((_request, response) => void response.end('page'));
  const server = new WebSocketServer({
    server: app.server,
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (offered) => [...offered][1] ?? [...offered][0] ?? false,
  });
  server.on('connection', (ws) => ws.on('error', () => undefined));
  const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
  return {
    gateway,
    cookie: await gateway.signIn(),
    server,
    next: async () => ((await once(server, 'connection')) as [WebSocket])[0],
  };
}

async function pair(stage: Stage, options = {}): Promise<{ client: WebSocket; app: WebSocket }> {
  const app = stage.next();
  const client = await openSocket(stage.gateway, '/ws?x=1', { cookie: stage.cookie, ...options });
  return { client, app: await app };
}

describe('what goes through unchanged', () => {
  test('subprotocol and compression are for browser and app to agree on', async () => {
    const { client, app } = await pair(await stage(), {
      subprotocols: ['one', 'two'],
      perMessageDeflate: { threshold: 0 },
    });
    expect([client.protocol, app.protocol]).toEqual(['two', 'two']);
    expect(client.extensions).toContain('permessage-deflate');
    const text = 'compress me '.repeat(1_000);
    app.send(text);
    expect(String(((await once(client, 'message')) as [Buffer])[0])).toBe(text);
  });

  test('without compression when the browser offers none', async () => {
    const { client } = await pair(await stage(), { perMessageDeflate: false });
    expect(client.extensions).toBe('');
  });

  test.each([0, 1, 125, 126, 65_535, 65_536, 8 * 1024 * 1024])(
    'messages of %i bytes, both ways',
    async (size) => {
      const { client, app } = await pair(await stage(), { perMessageDeflate: false });
      const data = randomBytes(size);
      for (const [from, to] of [
        [client, app],
        [app, client],
      ] as const) {
        from.send(data);
        expect(((await once(to, 'message')) as [Buffer])[0].equals(data)).toBe(true);
      }
    },
  );

  test('fragments, with a ping between them', async () => {
    const { client, app } = await pair(await stage(), { perMessageDeflate: false });
    const pinged = once(app, 'ping');
    const message = once(app, 'message');
    client.send('one ', { fin: false });
    client.ping('p');
    client.send('two ', { fin: false });
    client.send('three', { fin: true });
    expect(String((await pinged)[0])).toBe('p');
    expect(String((await message)[0])).toBe('one two three');
  });

  test('ping and pong, both ways', async () => {
    const { client, app } = await pair(await stage());
    for (const from of [client, app]) {
      const pong = once(from, 'pong');
      from.ping('hi');
      expect(String((await pong)[0])).toBe('hi');
    }
  });

  test('thousands of small messages in order', async () => {
    const { client, app } = await pair(await stage());
    const got: string[] = [];
    const all = new Promise<void>((resolve) => {
      client.on('message', (data) => {
        if (got.push(String(data)) === 5_000) resolve();
      });
    });
    for (let i = 0; i < 5_000; i++) app.send(String(i));
    await all;
    expect(got).toEqual(Array.from({ length: 5_000 }, (_, i) => String(i)));
  });

  test.each([1000, 1001, 1011, 3000, 4999])('the close code %i, from either side', async (code) => {
    for (const side of ['client', 'app'] as const) {
      const sockets = await pair(await stage());
      const other = side === 'client' ? sockets.app : sockets.client;
      const end = closed(other);
      sockets[side].close(code, 'because');
      expect(await end).toEqual({ code, reason: 'because' });
    }
  });

  test('what the app sends together with its agreement', async () => {
    const app = await scriptedApp(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-App: 1\r\n\r\n\x81\x05early',
    );
    const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
    const client = await rawClient(gateway);
    client.send(head('GET /', await gateway.signIn(), ...HANDSHAKE));
    const text = await client.until('early');
    expect(text.startsWith('HTTP/1.1 101 ')).toBe(true);
    expect(text.endsWith('\r\nX-App: 1\r\n\r\n\x81\x05early')).toBe(true);
  });
});

describe('the handshake', () => {
  test('may carry 24 KiB of headers, as Bokeh and Panel do', async () => {
    const running = await stage();
    const asked = once(running.server, 'headers');
    const token = 'x'.repeat(12_000);
    await pair(running, { headers: { 'x-token': token, 'x-other': token } });
    expect((await asked)[1].headers['x-token']).toBe(token);
  });

  test('that the app refuses is refused with its status and its words', async () => {
    const app = await scriptedApp('HTTP/1.1 403 No\r\nContent-Length: 7\r\nX-Why: no\r\n\r\nrefused');
    const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
    const client = await rawClient(gateway);
    client.send(head('GET /', await gateway.signIn(), ...HANDSHAKE));
    expect(await client.until('refused')).toMatch(/^HTTP\/1\.1 403 No\r\nX-Why: no\r\nContent-Length: 7\r\n/);
  });

  test.each([
    ['in chunks', 'HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nrefused\r\n0\r\n\r\n'],
    [
      'after an interim answer',
      'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 7\r\n\r\nrefused',
    ],
  ])('refused %s', async (_how, said) => {
    const app = await scriptedApp(said);
    const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
    const client = await rawClient(gateway);
    client.send(head('GET /', await gateway.signIn(), ...HANDSHAKE));
    expect(await client.until('refused')).toMatch(/^HTTP\/1\.1 403 No\r\nContent-Length: 7\r\n\r\nrefused$/);
  });

  test.each([
    ['nonsense', 'nonsense\r\n\r\n'],
    ['a bad header', 'HTTP/1.1 101 X\r\nUpgrade websocket\r\n\r\n'],
    ['too much', `HTTP/1.1 101 X\r\nX: ${'x'.repeat(200_000)}\r\n\r\n`],
  ])('answered with %s is a 502', async (_what, said) => {
    const app = await scriptedApp(said);
    const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
    const client = socket(gateway, '/', { cookie: await gateway.signIn() });
    const [error] = (await once(client, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 502');
  });

  test('cannot set cookies of the gateway', async () => {
    const app = await scriptedApp(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSet-Cookie: __Host-portico=x\r\nSet-Cookie: a=b\r\n\r\n',
    );
    const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
    const client = await rawClient(gateway);
    client.send(head('GET /', await gateway.signIn(), ...HANDSHAKE));
    const text = await client.until('\r\n\r\n');
    expect(text).toContain('Set-Cookie: a=b');
    expect(text).not.toContain('portico');
  });
});

describe('when one side is gone, so is the other', () => {
  test.each(['client', 'app'] as const)('the %s resets', async (side) => {
    const sockets = await pair(await stage());
    const other = side === 'client' ? sockets.app : sockets.client;
    const end = closed(other);
    sockets[side].terminate();
    expect((await end).code).toBe(1006);
  });
});

test('a client that reads nothing makes the app wait', async () => {
  const running = await stage();
  const { client, app } = await pair(running, { perMessageDeflate: false });
  client.pause();
  const block = Buffer.alloc(1024 * 1024);
  let last = -1;
  for (let sent = 0; sent < 100; sent++) app.send(block);
  while (app.bufferedAmount !== last) {
    last = app.bufferedAmount;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  expect(app.bufferedAmount).toBeGreaterThan(60 * block.length);
  let got = 0;
  client.on('message', () => got++);
  client.resume();
  while (got < 100) await once(client, 'message');
});
