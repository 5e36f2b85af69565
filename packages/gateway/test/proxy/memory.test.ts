import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import { rawApp, stopApps } from '../gate/apps.ts';
import { ask, HANDSHAKE, head, type RawClient, rawClient } from '../gate/client.ts';
import { gatewayWith, stopAll } from '../gate/gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function heap(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().heapUsed;
}

const SOCKETS = 200;
const HEAD = 20_000;

test('an open WebSocket keeps nothing of its handshake: 20 KB of headers cost no more than none', async () => {
  const app = await rawApp((connection) => {
    connection.once('data', () =>
      connection.write(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      ),
    );
  });
  const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream }] });
  const cookie = await gateway.signIn();
  await ask(gateway, '/.auth/session', { cookie });
  const clients: RawClient[] = [];
  const before = await heap();
  for (let i = 0; i < SOCKETS; i++) {
    const client = await rawClient(gateway);
    const padding = `X-Number: ${i} ${String(i % 10).repeat(HEAD)}`;
    client.send(head('GET /', cookie, ...HANDSHAKE, padding));
    await client.until('\r\n\r\n');
    clients.push(client);
  }
  const each = ((await heap()) - before) / SOCKETS;
  // Of this, the test's own two ends of each socket are about half.
  expect(each).toBeLessThan(HEAD * 0.75);
  for (const client of clients) client.socket.destroy();
});
