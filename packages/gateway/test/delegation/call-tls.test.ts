import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, expect, test } from 'vitest';
import { ask } from '../gate/client.ts';
import { ASSERTION, CREDENTIAL, startCaller, stopCallers } from './caller.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
const cert = fixture('localhost.cert.pem');
const server = createServer({ cert, key: fixture('localhost.key.pem') }, (request, response) =>
  response.end(`${request.headers.host} ${request.headers.authorization}`),
);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const trusted = getCACertificates('default');

afterEach(async () => {
  setDefaultCACertificates(trusted);
  await stopCallers();
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const call = async (host: string) =>
  ask(await startCaller({ url: `https://${host}:${port}` }), '/.auth/api/graph/me', {
    headers: { authorization: CREDENTIAL, 'portico-assertion': ASSERTION },
  });

test('an API is called over TLS', async () => {
  setDefaultCACertificates([...trusted, cert]);
  expect((await call('localhost')).text).toBe(`localhost:${port} Bearer canary-token-1`);
});

test('no token goes to who cannot prove to be the API', async () => {
  const answer = await call('localhost');
  expect(answer).toMatchObject({ status: 502, headers: { 'portico-error': 'api_unreachable' } });
});
