import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { withDevGraph } from '../../src/config/dev-graph.ts';
import { httpApp, stopApps, type TestApp } from '../gate/apps.ts';
import { closed, openSocket } from '../gate/client.ts';
import { gatewayWith, stopAll, type TestGateway } from '../gate/gateway.ts';
import { Browser } from '../login/browser.ts';
import { sqliteStore, temporaryFile } from '../session/fixtures.ts';

const CREDENTIAL = 'canary-credential-of-sales-0123456789';
/** Milliseconds; whole seconds are what tokens have. */
const TOKEN_LIFETIME = 2_000;

let app: TestApp;
/** The assertion with which the app was last opened. */
let assertion = '';
let origin: string;
let start: () => Promise<TestGateway>;

beforeEach(async () => {
  app = await httpApp((_request, response) => void response.end('the app'));
  const sockets = new WebSocketServer({ noServer: true });
  app.server.on('upgrade', (request, socket, head) => {
    assertion = String(request.headers['portico-assertion']);
    sockets.handleUpgrade(request, socket, head, () => undefined);
  });
  const port = await freePort();
  origin = `http://localhost:${port}`;
  const path = temporaryFile();
  start = () =>
    gatewayWith({
      publicUrl: origin,
      port,
      dev: {
        tokenLifetime: TOKEN_LIFETIME,
        personas: [
          {
            id: 'ann',
            name: 'Ann Analyst',
            email: 'ann@example.com',
            roles: ['analyst'],
            groups: ['finance'],
          },
        ],
      },
      apis: withDevGraph([], origin, ['sales']),
      apps: [
        {
          name: 'sales',
          at: '/sales',
          upstream: app.upstream,
          credential: CREDENTIAL,
          allow: [{ kind: 'role', value: 'analyst' }],
        },
      ],
      options: { store: sqliteStore(path) },
    });
});
afterEach(async () => {
  await stopAll();
  await stopApps();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** What the app would do: a call with its credential and the assertion it was opened with. */
async function ask(path: string): Promise<{
  status: number;
  error: string | null;
  body: { readonly [name: string]: unknown; readonly token: { readonly id: string } };
}> {
  const response = await fetch(`${origin}/.auth/api/graph${path}`, {
    headers: {
      authorization: `Basic ${Buffer.from(`sales:${CREDENTIAL}`).toString('base64')}`,
      'portico-assertion': assertion,
    },
  });
  return {
    status: response.status,
    error: response.headers.get('portico-error'),
    body: (await response.json()) as Awaited<ReturnType<typeof ask>>['body'],
  };
}

function opened(gateway: TestGateway, browser: Browser): Promise<WebSocket> {
  const cookie = browser.cookie('portico').map(({ name, value }) => `${name}=${value}`);
  return openSocket(gateway, '/sales/live', {
    cookie: cookie.join('; '),
    origin,
    headers: { host: new URL(origin).host },
  });
}

test('a WebSocket outlives three tokens and a restart with fresh data all the while, and closes when the role is gone', async () => {
  const gateway = await start();
  const browser = new Browser();
  expect((await browser.signIn(origin, 'ann', '/sales/')).body).toBe('the app');
  await opened(gateway, browser);

  const tokens = new Set<string>();
  await expect
    .poll(
      async () => {
        const { status, body } = await ask('/me');
        expect([status, body['id']]).toEqual([200, 'ann']);
        return tokens.add(body.token.id).size;
      },
      { interval: 200, timeout: 15_000 },
    )
    .toBe(3);
  const [many] = new Set(
    (await Promise.all(Array.from({ length: 20 }, () => ask('/reports')))).map(({ status }) => status),
  );
  expect(many).toBe(200);

  await gateway.stop();
  const again = await start();
  expect((await ask('/me')).status).toBe(200);
  const socket = await opened(again, browser);
  const closing = closed(socket);

  const people = await browser.fetch(`${origin}/.auth/dev/people`);
  await browser.submit(people, { roles: 'viewer', groups: '', do: 'end' });
  expect(await closing).toEqual({ code: 1008, reason: 'access changed' });
  expect(await ask('/me')).toMatchObject({ status: 400, error: 'invalid_grant' });
  expect((await browser.fetch(`${origin}/sales/`)).status).toBe(403);
  expect(again.log.join('\n')).not.toContain(CREDENTIAL);
});

test('what the API refuses to this person is the API’s own word', async () => {
  await opened(await start(), await signedIn());
  expect(await ask('/users')).toMatchObject({
    status: 404,
    error: null,
    body: { error: { code: 'ResourceNotFound' } },
  });
});

async function signedIn(): Promise<Browser> {
  const browser = new Browser();
  await browser.signIn(origin, 'ann', '/sales/');
  return browser;
}
