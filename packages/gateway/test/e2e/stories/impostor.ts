import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export type HeaderLines = readonly (readonly [name: string, value: string])[];

export interface Impostor {
  readonly url: string;
  /** Sent along with everything from now on. */
  lines: HeaderLines;
  close(): Promise<void>;
}

interface Target {
  /** Where the app listens. */
  readonly port: number;
  /** What the app takes for its own origin, and WebSockets have to come from. */
  readonly origin: string;
}

/**
 * Somebody who has got past the gateway to an app's own port, with a browser: whatever the browser asks, WebSockets
 * included, goes straight to the app, as if it came from the gateway and with header lines of the impostor's choice.
 */
export async function startImpostor({ port, origin }: Target): Promise<Impostor> {
  const ask = (incoming: IncomingMessage) => {
    const kept = Object.entries(incoming.headersDistinct).flatMap(([name, values]) =>
      (values ?? []).map((value) => [name, name === 'origin' ? origin : value] as const),
    );
    const lines = [...kept, ...impostor.lines].flat();
    const { method, url } = incoming;
    return request({ host: '127.0.0.1', port, method, path: url, headers: lines, agent: false });
  };
  const server = createServer((incoming, response) => {
    const outgoing = ask(incoming);
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  });
  server.on('upgrade', (incoming, socket, early) => {
    const outgoing = ask(incoming);
    outgoing.on('upgrade', (answer, upstream, head) => {
      const lines = Array.from({ length: answer.rawHeaders.length / 2 }, (_, i) =>
        answer.rawHeaders.slice(2 * i, 2 * i + 2).join(': '),
      );
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      socket.write(head);
      upstream.write(early);
      socket.pipe(upstream).pipe(socket);
      for (const one of [socket, upstream])
        one.on('error', () => [socket, upstream].map((each) => each.destroy()));
    });
    outgoing.on('response', () => socket.destroy());
    outgoing.on('error', () => socket.destroy());
    outgoing.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const impostor: Impostor = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lines: [],
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return impostor;
}
