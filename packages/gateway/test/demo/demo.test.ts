import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { apiReader } from '../../src/demo/app/api.ts';
import { assertionVerifier } from '../../src/demo/app/identity.ts';
import { demoServer } from '../../src/demo/app/server.ts';

const ISSUER = 'http://localhost:8000';
const keys = await generateKeyPair('ES256');
const otherKeys = await generateKeyPair('ES256');

let jwks: Server;
let app: Server;
let gateway: Server;
let origin = '';

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** How the gateway answers the app's calls. */
let refusing = false;
const called: string[] = [];
const answerCall: RequestListener = (request, response) => {
  called.push(`${request.url} ${request.headers.authorization}`);
  if (refusing) {
    const refusal = { error: 'invalid_grant', error_description: 'The session is over.' };
    return void response.writeHead(400, { 'portico-error': 'invalid_grant' }).end(JSON.stringify(refusal));
  }
  const token = { issuedAt: '2026-01-01T10:00:00.000Z', expiresAt: '2026-01-01T11:00:00.000Z' };
  const body = request.url?.endsWith('/me')
    ? { displayName: 'Ana Analyst', token }
    : { value: [{ region: 'Europe', revenue: 7 }], token };
  response.end(JSON.stringify(body));
};

beforeAll(async () => {
  const published = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }] };
  jwks = createServer((_request, response) => response.end(JSON.stringify(published)));
  const jwksUrl = await listen(jwks);
  gateway = createServer(answerCall);
  app = demoServer({
    basePath: '/demo',
    verify: assertionVerifier({ jwksUrl, issuer: ISSUER, audience: 'demo', log: () => undefined }),
    askApi: apiReader({ gatewayUrl: await listen(gateway), app: 'demo', secret: 'canary-secret' }),
    random: Math.random,
    now: Date.now,
  });
  origin = await listen(app);
});

afterAll(() => {
  for (const server of [jwks, app, gateway]) {
    server.close();
    server.closeAllConnections();
  }
});

interface Claims {
  iss?: string;
  aud?: string;
  typ?: string;
  exp?: string;
  key?: typeof keys.privateKey;
  [claim: string]: unknown;
}

function assertion({
  iss = ISSUER,
  aud = 'demo',
  typ = 'portico+jwt',
  exp = '5m',
  key = keys.privateKey,
  ...more
}: Claims = {}) {
  return new SignJWT({
    sid: 's1',
    name: 'Ana <b>Analyst</b>',
    email: 'ana@example.com',
    roles: ['analyst'],
    groups: ['finance'],
    ...more,
  })
    .setProtectedHeader({ alg: 'ES256', typ, kid: 'k1' })
    .setIssuer(iss)
    .setAudience(aud)
    .setSubject('ana')
    .setIssuedAt()
    .setExpirationTime(exp)
    .sign(key);
}

async function get(path: string, token?: string) {
  const response = await fetch(origin + path, {
    redirect: 'manual',
    headers: token === undefined ? {} : { 'Portico-Assertion': token },
  });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

describe('the sample app', () => {
  test('greets the person of the assertion, with roles and groups, escaped', async () => {
    const { status, body } = await get('/demo/', await assertion());
    expect(status).toBe(200);
    expect(body).toContain('Hello, Ana &lt;b&gt;Analyst&lt;/b&gt;');
    expect(body).toContain('<li>analyst</li>');
    expect(body).toContain('<li>finance</li>');
    expect(body).not.toContain('admin/');
  });

  test('shows nothing without a good assertion', async () => {
    const bad = [
      undefined,
      '',
      'nonsense',
      await assertion({ iss: 'http://evil.example' }),
      await assertion({ aud: 'other' }),
      await assertion({ typ: 'JWT' }),
      await assertion({ exp: '-1m' }),
      await assertion({ key: otherKeys.privateKey }),
    ];
    for (const token of bad) {
      for (const path of ['/demo/', '/demo/admin/', '/demo/demo.js', '/demo/nothing']) {
        expect((await get(path, token)).status).toBe(401);
      }
    }
  });

  test('has an admin page for admins alone', async () => {
    expect((await get('/demo/admin/', await assertion())).status).toBe(403);
    expect((await get('/demo/admin/', await assertion({ roles: ['admin'] }))).body).toContain(
      'Who is watching',
    );
  });

  test('answers below its base path only, and its health to anybody', async () => {
    expect((await get('/demo')).headers.get('location')).toBe('/demo/');
    expect((await get('/demo/healthz')).body).toBe('ok\n');
    expect((await get('/', await assertion())).status).toBe(404);
  });

  test('counts people, not tabs, and sends numbers', async () => {
    const messages = (socket: WebSocket) => {
      const seen: { type: string; watching?: number; samples?: unknown[] }[] = [];
      socket.on('message', (data) => seen.push(JSON.parse(String(data))));
      return seen;
    };
    const open = async (sub: string) => {
      const token = await assertion({ sid: sub });
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/demo/live`, {
        headers: { 'Portico-Assertion': token },
      });
      const seen = messages(socket);
      await once(socket, 'open');
      return { socket, seen };
    };
    const first = await open('one');
    const second = await open('two');
    while (!second.seen.some((message) => message.type === 'sample')) await once(second.socket, 'message');
    expect(second.seen[0]?.type).toBe('hello');
    expect(second.seen[0]?.samples?.length).toBeGreaterThan(100);
    expect(second.seen.findLast((message) => message.type === 'watching')?.watching).toBe(1);
    first.socket.terminate();
    second.socket.terminate();
  });

  test('tells what an API says to the person, asked through the gateway with the assertion of the WebSocket', async () => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/demo/live`, {
      headers: { 'Portico-Assertion': await assertion({ sid: 'api' }) },
    });
    const said: unknown[] = [];
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { type: string; answer?: unknown };
      if (message.type === 'api') said.push(message.answer);
    });
    await expect.poll(() => said).toHaveLength(1);
    expect(said[0]).toEqual({
      as: 'Ana Analyst',
      regions: [{ region: 'Europe', revenue: 7 }],
      issuedAt: '2026-01-01T10:00:00.000Z',
      expiresAt: '2026-01-01T11:00:00.000Z',
    });
    const credential = Buffer.from('demo:canary-secret').toString('base64');
    expect(called).toContain(`/.auth/api/graph/me Basic ${credential}`);
    expect(called).toContain(`/.auth/api/graph/reports Basic ${credential}`);

    refusing = true;
    socket.send('ask');
    await expect.poll(() => said).toHaveLength(2);
    expect(said[1]).toEqual({ problem: 'The session is over.' });
    refusing = false;
    socket.terminate();
  });

  test('refuses a WebSocket without an assertion, or at another path', async () => {
    const refused = async (path: string, token?: string) => {
      const socket = new WebSocket(origin.replace('http', 'ws') + path, {
        headers: token === undefined ? {} : { 'Portico-Assertion': token },
      });
      socket.on('error', () => undefined);
      const [, response] = (await once(socket, 'unexpected-response')) as [
        unknown,
        { statusCode: number; destroy(): void },
      ];
      response.destroy();
      return response.statusCode;
    };
    expect(await refused('/demo/live')).toBe(401);
    expect(await refused('/demo/other', await assertion())).toBe(404);
  });
});
