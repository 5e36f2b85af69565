import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Timeouts } from '../../src/wire/limits.ts';
import { certificate } from './support/certificate.ts';
import { type Listening, listening, open } from './support/listening.ts';

const tls = certificate();

const serve = (
  answer?: Parameters<typeof listening>[0],
  timeouts: Partial<Timeouts> = {},
): Promise<Listening> => listening(answer, { tls, timeouts });

describe('HTTP/1.1 over TLS', () => {
  const ask = async (port: number, text: string): Promise<string> => {
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: tls.cert,
      ALPNProtocols: ['http/1.1'],
    });
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
    });
    socket.write(text);
    await once(socket, 'close');
    return received;
  };

  it('is answered like plain HTTP/1.1', async () => {
    const { port, seen } = await serve();
    const received = await ask(port, 'GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\/a$/);
    expect(seen[0]?.exchange.remoteAddress).toBe('127.0.0.1');
  });

  it('hands over its socket for a WebSocket', async () => {
    const { port } = await open(
      (exchange) => {
        expect(exchange.head.upgrade).toBe('websocket');
        const { socket, rest } = exchange.takeOver();
        socket.end(`switched ${rest.toString()}`);
      },
      { tls },
    );
    expect(
      await ask(
        port,
        'GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nrest',
      ),
    ).toBe('switched rest');
  });

  it('a handshake that never ends keeps no connection, nor the drain', async () => {
    const { port, listener } = await serve();
    const socket = connectPlain(port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    await new Promise((resolve) => setTimeout(resolve, 10));
    await listener.drain(20);
    expect(listener.connections).toBe(0);
  });

  it('a handshake that fails stops nothing', async () => {
    const { port } = await serve();
    const socket = connectPlain(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await once(socket, 'close');
    expect(await ask(port, 'GET /b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).toContain(
      '200 OK',
    );
  });
});
