import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { BearerEnds } from '../../src/bearer/ends.ts';
import { Sealer } from '../../src/session/seal.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { SqliteStore } from '../../src/session/stores/sqlite.ts';
import { ANN } from '../gate/gateway.ts';
import { cleanUp, folder, portico, start } from './portico.ts';

afterEach(cleanUp);

const SECRET = 'q8Jw2nR5tYc7Vb1Zx3Lk9Mp4Ds6Fg0Ha';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

describe('small commands', () => {
  test('version', async () => {
    const { code, out } = await portico(['--version']);
    expect([code, /^\d+\.\d+\.\d+\n$/.test(out)]).toEqual([0, true]);
  });

  test('help', async () => {
    const { code, out } = await portico(['--help']);
    expect(code).toBe(0);
    for (const command of ['serve', 'demo', 'check', 'secret', 'sessions', 'completion'])
      expect(out).toContain(command);
  });

  test('secret is another one each time', async () => {
    const [one, two] = await Promise.all([portico(['secret']), portico(['secret'])]);
    expect(one.out).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
    expect(one.out).not.toBe(two.out);
  });

  test.each(['bash', 'zsh', 'fish'])('completion for %s', async (shell) => {
    const { code, out } = await portico(['completion', shell]);
    expect(code).toBe(0);
    expect(out).toContain('sessions');
  });
});

describe('what is wrong is said, with exit code 2 and no stack', () => {
  test.each([
    ['an unknown command', ['srve'], 'srve'],
    ['an unknown option', ['serve', '--upstreem', 'x'], '--upstreem'],
    ['no app', ['serve', '--dev'], 'upstream'],
    ['no provider', ['serve', '--upstream', 'http://127.0.0.1:1'], '--dev'],
    [
      '--dev for the network',
      ['serve', '--dev', '--address', '0.0.0.0', '--upstream', 'http://127.0.0.1:1'],
      'without a password',
    ],
  ])('%s', async (_name, args, named) => {
    const { code, out, err } = await portico(args);
    expect(code).toBe(2);
    expect(err).toContain(named);
    expect(out + err).not.toMatch(/\n\s+at /);
  });

  test('every problem of a file at once, each with its path', async () => {
    const cwd = folder({
      'portico.yaml':
        'public_url: nonsense\nprt: 1\napps:\n  a: { at: sales, upstream: "ftp://x" }\n  b: { at: /b }\n',
    });
    const { code, err } = await portico(['check', '--config', 'portico.yaml'], cwd);
    expect(code).toBe(2);
    for (const path of ['public_url', 'prt', 'apps.a.at', 'apps.a.upstream', 'apps.b'])
      expect(err).toContain(path);
  });

  test('a provider that does not answer fails the check', async () => {
    const port = await freePort();
    const cwd = folder({
      'portico.yaml': `providers:\n  corp: { type: oidc, issuer: "http://127.0.0.1:${port}", client_id: x, client_secret: ${SECRET} }\napps:\n  a: { at: /a, upstream: "http://127.0.0.1:1" }\n`,
    });
    const { code, out, err } = await portico(['check', '--config', 'portico.yaml'], cwd);
    expect(code).not.toBe(0);
    expect(out + err).toContain('corp');
    expect(out + err).not.toContain(SECRET);
  });
});

describe('serve', () => {
  test('answers, says where, and ends with 0 on SIGTERM', async () => {
    const port = await freePort();
    const running = start(
      ['serve', '--dev', '--upstream', 'http://127.0.0.1:1', '--port', String(port)],
      folder(),
    );
    await running.said(`http://localhost:${port}`);
    expect((await fetch(`http://127.0.0.1:${port}/.auth/healthz`)).status).toBe(200);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });

  test('a port in use is one sentence and exit code 1, and the app that was started does not stay', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const app = ['--', process.execPath, '-e', 'setInterval(() => {}, 1000)'];
    const { code, err } = await portico(['serve', '--dev', '--port', String(port), ...app]);
    server.close();
    expect(code).toBe(1);
    expect(err).toContain(`Port ${port} is in use.`);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test('an app that cannot be served ends the start, and no app that was started before it stays', async () => {
    const yaml = `
dev: true
apps:
  first:
    run: [${JSON.stringify(process.execPath)}, '-e', 'setInterval(() => {}, 1000)']
    allow: [everyone]
  second: { run: shiny run app.py, at: /second, allow: [everyone] }
`;
    const port = String(await freePort());
    const { code, err } = await portico(['serve', '--port', port], folder({ 'portico.yaml': yaml }));
    expect(code).toBe(1);
    expect(err).toContain('Shiny cannot be served below /second');
  });
});

describe('sessions', () => {
  async function twoSessions(): Promise<{ cwd: string; env: Record<string, string>; args: string[] }> {
    const cwd = folder();
    const store = new SqliteStore(join(cwd, 'portico.db'));
    const sessions = new Sessions({
      store,
      sealer: new Sealer([SECRET]),
      clock: Date.now,
      random: randomBytes,
      limits: { absolute: 3_600_000, idle: 3_600_000 },
      maxInMemory: 10,
    });
    await sessions.create({ identity: ANN, tokens: { accessToken: 'canary-token' } });
    await sessions.create({
      identity: { ...ANN, subject: 'bob', email: 'b\u001b[31mob@example.com' },
      tokens: {},
    });
    await store.close();
    const args = ['--store', `sqlite:${join(cwd, 'portico.db')}`];
    return { cwd, env: { PORTICO_COOKIE_SECRET: SECRET, PORTICO_SECRET: SECRET }, args };
  }

  test('are listed without tokens, and no name steers the terminal', async () => {
    const { cwd, env, args } = await twoSessions();
    const { code, out, err } = await portico(['sessions', 'list', ...args], cwd, env);
    expect([code, err]).toEqual([0, '']);
    expect(out.trim().split('\n')).toHaveLength(3);
    expect(out).toContain('ann@example.com');
    expect(out).not.toContain('\u001b');
    expect(out).not.toContain('canary-token');
  });

  test('are revoked by person; nobody of that name is exit code 1', async () => {
    const { cwd, env, args } = await twoSessions();
    const revoked = await portico(['sessions', 'revoke', 'ANN@example.com', ...args], cwd, env);
    expect([revoked.code, revoked.out]).toEqual([0, 'Ended 1 session.\n']);
    const again = await portico(['sessions', 'revoke', 'ann@example.com', ...args], cwd, env);
    expect(again.code).toBe(1);
    expect((await portico(['sessions', 'list', ...args], cwd, env)).out.trim().split('\n')).toHaveLength(2);
  });

  test('that are bearer tokens end too: those of the person until now, which nobody can count', async () => {
    const { cwd, env, args } = await twoSessions();
    const yaml = `
bearer: { shop: { issuer: "https://shop.example.com", audience: apps } }
apps: { sales: { upstream: "http://127.0.0.1:8501", bearer: [shop], allow: [everyone] } }
`;
    writeFileSync(join(cwd, 'portico.yaml'), yaml);
    const { code, out } = await portico(['sessions', 'revoke', 'ada-1', ...args], cwd, env);
    expect(out).toBe(
      'No session of ada-1.\nBearer tokens of ada-1 that were issued until now are refused.\n',
    );
    expect(code).toBe(0);
    const store = new SqliteStore(join(cwd, 'portico.db'));
    const ends = await new BearerEnds(store, new Sealer([SECRET]), Date.now).follow();
    await store.close();
    expect(ends).toEqual([expect.objectContaining({ names: expect.arrayContaining(['["is","ada-1"]']) })]);
  });

  test('in memory cannot be reached, and it says so', async () => {
    const { code, err } = await portico(['sessions', 'list', '--store', 'memory'], folder(), {
      PORTICO_SECRET: SECRET,
      PORTICO_COOKIE_SECRET: SECRET,
    });
    expect(code).not.toBe(0);
    expect(err).toContain('memory');
  });
});
