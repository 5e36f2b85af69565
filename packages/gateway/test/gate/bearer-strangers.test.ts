import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import type { BearerSettings } from '../../src/config/settings.ts';
import { safeFetch } from '../../src/identity/safe-fetch.ts';
import { NOW, worldOf } from '../bearer/issuer.ts';
import { stopApps } from './apps.ts';
import { mirror, productWith, SHOP, withToken } from './bearer.ts';
import { ask } from './client.ts';
import { stopAll } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

const GOOD = { active: true, iss: SHOP.issuer, aud: SHOP.audience[0], sub: 'ada-1' };

/** An endpoint that knows the tokens `good-…`, calls others what the test says, and keeps who waits for `slow-…`. */
async function issuerThatSays(status: number, exp: number) {
  const waiting: ServerResponse[] = [];
  const server = createServer(async (request, response) => {
    const token = new URLSearchParams(await text(request)).get('token') ?? '';
    if (token.startsWith('slow-')) return void waiting.push(response);
    const good = token.startsWith('good-');
    response.writeHead(good ? 200 : status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(good ? { ...GOOD, exp } : { error: 'invalid_request' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`;
  const source: BearerSettings['source'] = {
    kind: 'introspection',
    url,
    clientId: 'portico',
    clientSecret: 's',
  };
  return { waiting, settings: { ...SHOP, source, algorithms: [] } };
}

describe('a stranger who sends made-up tokens', () => {
  test('does not keep out others with one that the issuer’s endpoint cannot read', async () => {
    const { settings } = await issuerThatSays(400, Date.now() / 1000 + 3600);
    const { gateway } = await productWith(
      await mirror(),
      {},
      { bearer: [settings, { ...SHOP, name: 'payroll' }] },
    );
    const statusOf = async (token: string) =>
      (await ask(gateway, '/sales/', { headers: withToken(token) })).status;
    expect(await statusOf('x'.repeat(9000))).toBe(503);
    expect(await statusOf('good-1')).toBe(200);
  });

  test.each([
    ['have an answer outstanding', 'slow-', 200],
    ['made the endpoint fail', 'bad-', 500],
  ])('does not keep out who was in, however many %s', async (_what, made, status) => {
    const { settings } = await issuerThatSays(status, NOW + 3600);
    const { verifier, clock } = worldOf([settings], { fetch: safeFetch() });
    const live = await verifier.verify('sales', 'good-1');
    clock.advance(60_000);
    const all = Array.from({ length: 40 }, async (_, i) => verifier.verify('sales', `${made}${i}`));
    for (const one of all) one.catch(() => undefined);
    // The last of them are turned away by the limit, or all by the failure.
    await expect(all.at(-1)).rejects.toMatchObject({ status: 503 });
    expect(await verifier.verify('sales', 'good-1')).toBe(live);
  });
});
