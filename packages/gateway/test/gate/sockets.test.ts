import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { httpApp, rawApp, stopApps, type TestApp } from './apps.ts';
import { ask, closed, HANDSHAKE, head, open, openSocket, RawClient, rawClient, socket } from './client.ts';
import { gatewayWith, ORIGIN, stopAll, type TestGateway, type TestGatewayOptions } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

interface Stage {
  readonly app: TestApp;
  readonly gateway: TestGateway;
  /** The app's side of each WebSocket, in the order of their opening. */
  readonly atApp: WebSocket[];
  readonly messages: string[];
}

/** An app that greets every WebSocket and echoes, and streams events at /events. */
async function stage(options: Partial<TestGatewayOptions> = {}): Promise<Stage> {
  const app = await httpApp((request, response) => {
    if (request.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: hello\n\n');
    } else response.end('ok');
  });
  const atApp: WebSocket[] = [];
  const messages: string[] = [];
  const server = new WebSocketServer({ server: app.server });
  server.on('connection', (ws) => {
    atApp.push(ws);
    ws.on('error', () => undefined);
    ws.on('message', (data, binary) => {
      messages.push(String(data));
      ws.send(data, { binary });
    });
  });
  const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }], ...options });
  return { app, gateway, atApp, messages };
}

const signOut = (gateway: TestGateway, cookie: string) =>
  ask(gateway, '/.auth/logout', { method: 'POST', cookie, headers: { origin: ORIGIN } });

const gone = (response: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    response.on('error', () => undefined).on('close', resolve);
  });

describe('when a session ends, its sockets end with it', () => {
  test('sign-out: 1008 and the reason, to browser and app alike', async () => {
    const { gateway, atApp } = await stage();
    const cookie = await gateway.signIn();
    const clients = await Promise.all([1, 2, 3].map(() => openSocket(gateway, '/', { cookie })));
    const ends = [...clients, ...atApp].map(closed);
    await signOut(gateway, cookie);
    for (const end of await Promise.all(ends))
      expect(end).toEqual({ code: 1008, reason: 'session ended: sign-out' });
  });

  test('sockets of other sessions stay', async () => {
    const { gateway } = await stage();
    const [mine, other] = [await gateway.signIn(), await gateway.signIn({ subject: 'bob' })];
    const going = await openSocket(gateway, '/', { cookie: mine });
    const staying = await openSocket(gateway, '/', { cookie: other });
    const end = closed(going);
    await signOut(gateway, mine);
    await end;
    staying.send('still here');
    const [echo] = (await once(staying, 'message')) as [Buffer];
    expect(String(echo)).toBe('still here');
  });

  test('absolute expiry', async () => {
    const { gateway } = await stage();
    const cookie = await gateway.signIn({}, { absolute: 700 });
    const client = await openSocket(gateway, '/', { cookie });
    expect(await closed(client)).toEqual({ code: 1008, reason: 'session ended: expired' });
  });

  test('idle expiry: what the app sends keeps nobody signed in', async () => {
    const { gateway, atApp } = await stage({ session: { absolute: 60_000, idle: 600 } });
    const client = await openSocket(gateway, '/', { cookie: await gateway.signIn() });
    const chatter = setInterval(() => atApp[0]?.send('tick'), 50);
    expect(await closed(client)).toEqual({ code: 1008, reason: 'session ended: idle' });
    clearInterval(chatter);
  });

  test('while what the person sends does', async () => {
    const { gateway } = await stage({ session: { absolute: 60_000, idle: 600 } });
    const cookie = await gateway.signIn();
    const client = await openSocket(gateway, '/', { cookie });
    let ended = false;
    client.on('close', () => {
      ended = true;
    });
    for (let sent = 0; sent < 16; sent++) {
      client.send('still here');
      await once(client, 'message');
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
    expect(ended).toBe(false);
    client.terminate();
  });

  test('an event stream is cut', async () => {
    const { gateway } = await stage();
    const cookie = await gateway.signIn();
    const request = open(gateway, '/events', { cookie });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response, 'data');
    const cut = gone(response);
    await signOut(gateway, cookie);
    await cut;
    expect(response.complete).toBe(false);
  });

  test('an event stream whose head comes after the sign-out is refused', async () => {
    let answer: (() => void) | undefined;
    const app = await httpApp((_request, response) => {
      answer = () =>
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: secret\n\n');
    });
    const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
    const cookie = await gateway.signIn();
    const asked = once(app.server, 'request');
    const outcome = ask(gateway, '/events', { cookie });
    await asked;
    await signOut(gateway, cookie);
    answer?.();
    const { status, text } = await outcome;
    expect(status).toBe(401);
    expect(text).not.toContain('secret');
  });
});

describe('a handshake that races with sign-out leaves nothing open', () => {
  test('sign-out before the app has answered: 401, and the app is hung up on', async () => {
    const app = await httpApp(() => undefined);
    const held = once(app.server, 'upgrade') as Promise<[IncomingMessage, Duplex]>;
    const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
    const cookie = await gateway.signIn();
    const client = socket(gateway, '/', { cookie });
    const refused = once(client, 'error') as Promise<[Error]>;
    const [, atApp] = await held;
    const hungUp = once(atApp, 'end');
    atApp.resume();
    await signOut(gateway, cookie);
    expect((await refused)[0].message).toBe('Unexpected server response: 401');
    await hungUp;
  });

  test('a client that leaves during the handshake leaves no pin on its session', async () => {
    const app = await httpApp(() => undefined);
    const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
    const held = once(app.server, 'upgrade') as Promise<[IncomingMessage, Duplex]>;
    const client = socket(gateway, '/', { cookie: await gateway.signIn() });
    client.on('error', () => undefined);
    const [, atApp] = await held;
    const hungUp = once(atApp, 'end');
    atApp.resume();
    client.terminate();
    await hungUp;
    const metrics = await ask(gateway, '/.auth/metrics');
    expect(metrics.text).toContain('portico_sockets_open{app="sales"} 0');
    expect(metrics.text).toContain('portico_connections_held 0');
  });
});

/** A WebSocket server on plain sockets, so that a test decides where a frame is broken. */
async function rawSockets(): Promise<{
  gateway: TestGateway;
  cookie: string;
  client: RawClient;
  app: RawClient;
}> {
  let accepted: (client: RawClient) => void;
  const atApp = new Promise<RawClient>((resolve) => {
    accepted = resolve;
  });
  const app = await rawApp((connection) => {
    const raw = new RawClient(connection);
    void raw.until('\r\n\r\n').then(() => {
      raw.text = '';
      raw.send('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
      accepted(raw);
    });
  });
  const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
  const cookie = await gateway.signIn();
  const client = await rawClient(gateway);
  client.send(head('GET /', cookie, ...HANDSHAKE));
  await client.until('\r\n\r\n');
  client.text = '';
  return { gateway, cookie, client, app: await atApp };
}

const CLOSE_1008 = '\x88\x19\x03\xf0session ended: sign-out';

describe('the Close frame stands at a frame boundary', () => {
  test('between two frames at once', async () => {
    const { gateway, cookie, client } = await rawSockets();
    await signOut(gateway, cookie);
    expect(await client.until(undefined)).toBe(CLOSE_1008);
  });

  test('within a large frame: after its last byte, and nothing of the next frame', async () => {
    const { gateway, cookie, client, app } = await rawSockets();
    const payload = 'x'.repeat(300_000);
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(payload.length));
    app.send(Buffer.concat([Buffer.from([0x82, 127]), length, Buffer.from(payload.slice(0, 100_000))]));
    await client.until(/x{1000}/);
    await signOut(gateway, cookie);
    app.send(`${payload.slice(100_000)}\x81\x06secret`);
    const said = await client.until(undefined);
    expect(said.length).toBe(10 + payload.length + CLOSE_1008.length);
    expect(said.endsWith(`x${CLOSE_1008}`)).toBe(true);
  });

  test('within a frame header', async () => {
    const { gateway, cookie, client, app } = await rawSockets();
    app.send('\x81\x7e\x00');
    await client.until('\x81\x7e\x00');
    await signOut(gateway, cookie);
    app.send('\x03abc\x81\x06secret');
    expect(await client.until(undefined)).toBe(`\x81\x7e\x00\x03abc${CLOSE_1008}`);
  });

  test('an app that never ends its frame is cut off all the same', async () => {
    const { gateway, cookie, client, app } = await rawSockets();
    app.send('\x82\x7e\xff\xffstart');
    await client.until('start');
    await signOut(gateway, cookie);
    expect(await client.until(undefined)).toBe('\x82\x7e\xff\xffstart');
    await app.until(undefined);
  });

  test('a client that never hangs up is hung up on', async () => {
    const { gateway, cookie, client, app } = await rawSockets();
    client.socket.allowHalfOpen = true;
    await signOut(gateway, cookie);
    expect(await app.until(undefined)).toMatch(/^\x88\x99/);
    // Waits for every socket of the listener.
    await gateway.stop();
  });

  test('what the client sends after the end does not reach the app', async () => {
    const { gateway, cookie, client, app } = await rawSockets();
    const out = signOut(gateway, cookie);
    await client.until('\x88');
    client.send('\x81\x86\x00\x00\x00\x00secret');
    await out;
    expect(await app.until(undefined)).not.toContain('secret');
  });
});

describe('when the gateway stops', () => {
  test('sockets get 1001, and what is opened meanwhile is refused', async () => {
    const { gateway, atApp } = await stage();
    const client = await openSocket(gateway, '/', { cookie: await gateway.signIn() });
    const ends = [client, ...atApp].map(closed);
    const stopped = gateway.stop();
    for (const end of await Promise.all(ends))
      expect(end).toEqual({ code: 1001, reason: 'the gateway is restarting' });
    await stopped;
  });

  test('a request under way is finished first', async () => {
    let answer: (() => void) | undefined;
    const app = await httpApp((_request, response) => {
      answer = () => response.end('finished');
    });
    const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
    const asked = once(app.server, 'request');
    const outcome = ask(gateway, '/', { cookie: await gateway.signIn() });
    await asked;
    const stopped = gateway.stop();
    answer?.();
    expect((await outcome).text).toBe('finished');
    await stopped;
  });

  test('an open event stream does not hold it up', async () => {
    const { gateway } = await stage();
    const request = open(gateway, '/events', { cookie: await gateway.signIn() });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    const cut = gone(response);
    await gateway.stop();
    await cut;
  });
});
