import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { freePort, type GatewayProcess, startGateway } from '../../../../test/gateway-process.ts';
import { describeWith } from '../../../../test/support/requires.ts';
import { ensurePython } from '../../src/demo/python.ts';
import { appsReady } from './support/demo.ts';
import { cookieOf, type PersonId } from './support/people.ts';

const APP = join(import.meta.dirname, 'support', 'python_app.py');
/** Seconds that access tokens of the development provider live here: the gateway renews them when three quarters are over. */
const TOKEN_LIFE = 5;

/** A development provider with short-lived tokens. */
const DEV = `
dev:
  token_lifetime: ${TOKEN_LIFE}s
  personas:
    - { id: ana, name: Ana Analyst, email: ana@example.com, roles: [analyst], groups: [finance] }
    - { id: ada, name: Ada Admin, email: ada@example.com, roles: [admin, analyst], groups: [it] }
`;
const CONFIG = `${DEV}
apps:
  lab: { at: /, run: python ${APP}, allow: [everyone] }
`;

interface Me {
  readonly name: string;
  readonly mail: string;
  readonly token: { readonly id: string };
}

describeWith('python')('an app on the Python package, started by the gateway', () => {
  let gateway: GatewayProcess;
  const cookies = new Map<PersonId, string>();

  beforeAll(async () => {
    const python = await ensurePython({ frameworks: [], tests: true, quiet: true });
    const PATH = python + delimiter + (process.env['PATH'] ?? '');
    gateway = await startGateway({ config: CONFIG, env: { PATH } });
    await appsReady(gateway, ['lab']);
    for (const person of ['ana', 'ada'] as const) cookies.set(person, await cookieOf(gateway.url, person));
  });
  afterAll(() => gateway?.stop());

  async function get<T = unknown>(
    path: string,
    person: PersonId = 'ana',
  ): Promise<{ status: number; body: T }> {
    const response = await fetch(gateway.url + path, { headers: { cookie: cookies.get(person) ?? '' } });
    return { status: response.status, body: (await response.json()) as T };
  }

  test('portico.user() is who signed in', async () => {
    expect((await get('/who')).body).toMatchObject({
      name: 'Ana Analyst',
      email: 'ana@example.com',
      roles: ['analyst'],
      groups: ['finance'],
    });
    expect((await get('/who', 'ada')).body).toMatchObject({ name: 'Ada Admin', roles: ['admin', 'analyst'] });
  });

  test('a role that is not there is 403', async () => {
    expect(await get('/admin')).toEqual({ status: 403, body: { error: 'Forbidden' } });
    expect(await get('/admin', 'ada')).toEqual({ status: 200, body: 'secret' });
  });

  test('user.token() is a token of this person for that API, with the scopes asked for', async () => {
    const { body: whole } = await get<{ sub: string; aud: string; scope: string }>('/token');
    expect(whole).toMatchObject({ sub: 'ana', aud: `${gateway.url}/.auth/dev/graph` });
    expect(whole.scope.split(' ')).toContain('Mail.Read');
    const { body: narrow } = await get<{ scope: string }>('/token?scope=User.Read');
    expect(narrow.scope).toBe('User.Read');
  });

  test('an API that is not declared gives no token, and says so', async () => {
    expect((await get('/no-token?api=payroll')).body).toMatchObject({ code: 'invalid_target' });
    expect((await get('/not-an-api')).body).toBe('invalid_target');
  });

  test('the gateway gives a fresh assertion of the same session for the one at hand', async () => {
    const { body } = await get('/fresh');
    expect(body).toMatchObject({ iss: gateway.url, aud: 'lab', sub: 'ana', name: 'Ana Analyst' });
  });

  test('portico.api() calls as the person, and the app sees neither token nor credential', async () => {
    const { body } = await get<{ status: number; body: Me; sent: string[] }>('/graph/me');
    expect(body).toMatchObject({ status: 200, body: { mail: 'ana@example.com' } });
    expect(body.sent).not.toContain('authorization');
    expect(body.sent).not.toContain('portico-assertion');
    expect((await get<{ body: Me }>('/graph/me', 'ada')).body.body.mail).toBe('ada@example.com');
    expect((await get<{ status: number }>('/graph/nowhere')).body.status).toBe(404);
  });

  test('a WebSocket reads fresh data as the same person across three token expiries', async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/ws`, {
      origin: gateway.url,
      headers: { cookie: cookies.get('ana') ?? '' },
    });
    try {
      await once(socket, 'open');
      const tokens = new Set<string>();
      while (tokens.size < 4) {
        socket.send('who?');
        const [data] = await once(socket, 'message');
        const me: Me = JSON.parse(String(data));
        expect(me, JSON.stringify(me)).toMatchObject({ name: 'Ana Analyst', mail: 'ana@example.com' });
        tokens.add(me.token.id);
        await pause(100);
      }
    } finally {
      socket.close();
    }
  });

  test('a role that is taken away is gone at the next renewal, in a session that goes on', async () => {
    const form = new URLSearchParams({ person: 'ada', roles: 'analyst', groups: 'it', do: 'end' });
    const headers = { origin: gateway.url, 'sec-fetch-site': 'same-origin' };
    const saved = await fetch(`${gateway.url}/.auth/dev/people`, {
      method: 'POST',
      body: form,
      headers,
      redirect: 'manual',
    });
    expect(saved.status).toBe(303);
    await expect.poll(() => get('/admin', 'ada'), { timeout: 20_000 }).toMatchObject({ status: 403 });
    expect((await get('/who', 'ada')).body).toMatchObject({ roles: ['analyst'] });
  });
});

describeWith('python')('an app on the Python package that somebody else started', () => {
  test('goes on with whoever it knows when the gateway is killed and started again', async ({
    onTestFinished,
  }) => {
    const credential = 'a-credential-for-the-tests-of-more-than-32-characters';
    const [port, publicPort] = [await freePort(), await freePort()];
    const python = await ensurePython({ frameworks: [], tests: true, quiet: true });
    const directory = await mkdtemp(join(tmpdir(), 'portico-python-'));
    const url = `http://localhost:${publicPort}`;
    const app = spawn(join(python, 'python'), [APP], {
      env: {
        ...process.env,
        PORT: String(port),
        PORTICO_ISSUER: url,
        PORTICO_AUDIENCE: 'lab',
        PORTICO_APP_SECRET: credential,
      },
      stdio: 'inherit',
    });
    const config = `${DEV}
apps:
  lab: { at: /, upstream: 'http://127.0.0.1:${port}', allow: [everyone], credential: ${credential} }
`;
    const start = () => startGateway({ config, directory, port: publicPort });
    let gateway = await start();
    onTestFinished(async () => {
      app.kill();
      await gateway.stop();
      await rm(directory, { recursive: true, force: true });
    });
    const cookie = await cookieOf(url, 'ana');
    const get = async (path: string) => {
      const response = await fetch(url + path, { headers: { cookie } });
      return { status: response.status, body: await response.text() };
    };
    await expect.poll(() => get('/keep'), { timeout: 30_000 }).toEqual({ status: 200, body: '"ana"' });
    const known = { status: 200, body: '["ana","ana@example.com"]' };
    expect(await get('/kept')).toEqual(known);
    await gateway.stop('SIGKILL');
    gateway = await start();
    expect(await get('/kept')).toEqual(known);
  });
});
