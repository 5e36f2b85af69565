import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../src/apps/readiness.ts';
import { type AppProcess, type AppSpec, type SupervisorParts, supervise } from '../../src/apps/supervisor.ts';

const running: AppProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.stop(100)));
});

/** A small app that answers, with its pid, its child's pid and its environment. */
const SERVER = `
  const child = process.env.WITH_CHILD
    ? require('node:child_process').spawn(process.execPath, ['-e', 'process.on("SIGTERM",()=>{});setInterval(()=>{},1e6)'])
    : undefined;
  require('node:http').createServer((request, response) => {
    if (request.url.endsWith('/crash')) process.exit(3);
    response.end(JSON.stringify({ pid: process.pid, child: child?.pid, env: process.env }));
  }).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
  process.on('uncaughtException', (error) => { console.error(error.message); process.exit(1); });
`;

function start(argv: readonly string[], spec: Partial<AppSpec> = {}, parts: Partial<SupervisorParts> = {}) {
  const lines: string[] = [];
  const app = supervise(
    {
      name: 'sales',
      type: 'command',
      argv,
      cwd: tmpdir(),
      basePath: '/sales',
      publicOrigin: 'http://localhost:8000',
      issuer: 'http://localhost:8000',
      gatewayUrl: 'http://127.0.0.1:5000',
      credential: 'c'.repeat(43),
      signingSecret: 'x'.repeat(43),
      ...spec,
    },
    {
      writeLine: (line) => lines.push(line),
      colour: false,
      environment: process.env,
      withheld: [],
      now: () => 0,
      random: (size) => new Uint8Array(size),
      wait: () => Promise.resolve(),
      ...parts,
    },
  );
  running.push(app);
  return { app, lines };
}

const node = (source: string) => [process.execPath, '-e', source];

function reaches(app: AppProcess, state: AppProcess['state']): Promise<void> {
  return new Promise((settle) => {
    if (app.state === state) return settle();
    const stop = app.onChange((now) => {
      if (now !== state) return;
      stop();
      settle();
    });
  });
}

async function ask(app: AppProcess): Promise<{ pid: number; child?: number; env: Record<string, string> }> {
  const response = await fetch(`http://127.0.0.1:${app.upstream?.port}/sales/`);
  return (await response.json()) as { pid: number; child?: number; env: Record<string, string> };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for a process that is not our child, whose end no event tells. */
async function gone(pid: number): Promise<void> {
  while (alive(pid)) await new Promise((settle) => setTimeout(settle, 20));
}

test('an app is ready when it answers, and only then has an upstream', async () => {
  const { app, lines } = start(node(SERVER));
  expect(app.state).toBe('starting');
  expect(app.upstream).toBeUndefined();
  await reaches(app, 'ready');
  expect(app.upstream?.hostname).toBe('127.0.0.1');
  expect((await ask(app)).env['PORTICO_BASE_PATH']).toBe('/sales');
  expect(lines).toContain('sales │ listening');
  expect(app.recentLog).toContain('listening');
});

test("the gateway's own secrets do not reach the app, other variables and its own do", async () => {
  const { app } = start(
    node(SERVER),
    { env: { GREETING: 'hello' } },
    {
      environment: {
        ...process.env,
        PORTICO_SECRET: 'canary',
        portico_store: 'canary',
        PANEL_OAUTH_SECRET: 'canary',
        OAUTH_SECRET: 'canary',
        ENTRA_SECRET: 'canary',
        OTHER: 'kept',
      },
      withheld: ['ENTRA_SECRET'],
    },
  );
  await reaches(app, 'ready');
  const { env } = await ask(app);
  expect(JSON.stringify(env)).not.toContain('canary');
  expect(env).toMatchObject({ OTHER: 'kept', GREETING: 'hello' });
});

test('a crash is told, and the app comes back', async () => {
  const waits: number[] = [];
  const { app, lines } = start(node(SERVER), {}, { wait: async (ms) => void waits.push(ms) });
  const states: string[] = [];
  app.onChange((state) => states.push(state));
  await reaches(app, 'ready');
  const first = (await ask(app)).pid;
  const crashed = reaches(app, 'crashed');
  await fetch(`http://127.0.0.1:${app.upstream?.port}/crash`).catch(() => undefined);
  await crashed;
  expect(app.upstream).toBeUndefined();
  await reaches(app, 'ready');
  expect((await ask(app)).pid).not.toBe(first);
  expect(states).toEqual(['ready', 'crashed', 'starting', 'ready']);
  expect(lines.join('\n')).toContain('exit code 3');
  expect(waits).toHaveLength(1);
  expect(app.failure).toBeUndefined();
});

test('crashes in a row wait longer each time, unless the app was healthy for a minute between them', async () => {
  const waits: number[] = [];
  // Start and end of five lives; the fourth lasts a minute.
  const times = [0, 1, 1, 2, 2, 3, 3, 60_003, 60_004, 60_005];
  let enough = () => {};
  const done = new Promise<void>((settle) => {
    enough = settle;
  });
  start(
    node('process.exit(1)'),
    {},
    {
      now: () => times.shift() ?? 0,
      wait: async (ms, signal) => {
        waits.push(ms);
        if (waits.length < 5) return;
        enough();
        await new Promise<void>((settle) => signal.addEventListener('abort', () => settle()));
      },
    },
  );
  await done;
  expect(waits).toEqual([250, 500, 1000, 250, 500]);
});

test('stop ends the app and what it started, even what ignores SIGTERM', async () => {
  const { app } = start(node(SERVER), { env: { WITH_CHILD: '1' } });
  await reaches(app, 'ready');
  const { pid, child } = await ask(app);
  await app.stop(100);
  expect(app.state).toBe('stopped');
  await Promise.all([gone(pid), gone(child ?? 0)]);
});

test('an app that ignores SIGTERM is made to stop', async () => {
  const { app } = start(node(`process.on('SIGTERM', () => {});${SERVER}`));
  await reaches(app, 'ready');
  const { pid } = await ask(app);
  await app.stop(50);
  await gone(pid);
});

test('stop while starting leaves nothing behind', async () => {
  const { app, lines } = start(node('console.log("pid", process.pid); setInterval(() => {}, 1e6)'));
  while (lines.length === 0) await new Promise((settle) => setTimeout(settle, 10));
  const pid = Number(lines[0]?.split(' ').at(-1));
  await app.stop(1000);
  await gone(pid);
  expect(app.state).toBe('stopped');
});

test('when the gateway is killed outright the app does not stay behind', async () => {
  const module = new URL('../../src/apps/process.ts', import.meta.url).href;
  const source = `
    import { startGroup } from ${JSON.stringify(module)};
    startGroup(process.execPath, ['-e', 'console.log(process.pid); setInterval(() => {}, 1e6)'],
      { cwd: '.', env: {}, onLine: (line) => console.log(line) });
    setInterval(() => {}, 1e6);
  `;
  const gateway = spawn(process.execPath, ['--input-type=module-typescript', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  const [chunk] = (await once(gateway.stdout, 'data')) as [Buffer];
  const pid = Number(chunk.toString());
  expect(alive(pid)).toBe(true);
  gateway.kill('SIGKILL');
  await gone(pid);
});

test.each([
  ['streamlit', ['streamlit', 'run', 'app.py'], 'streamlit: not found. Is the virtual environment active?'],
  ['another', ['no-such-program-1'], 'no-such-program-1: not found. Check the spelling and the PATH.'],
])('a missing program is one clear sentence: %s', async (_name, argv, sentence) => {
  const { app, lines } = start(argv, {}, { environment: { PATH: '/nowhere' } });
  await reaches(app, 'crashed');
  expect(app.failure?.code).toBe('app_command_not_found');
  expect(lines).toEqual([`sales │ ${sentence}`]);
});

test('a missing directory is said, too', async () => {
  const { app } = start(node(SERVER), { cwd: '/no/such/place' });
  await reaches(app, 'crashed');
  expect(app.failure?.code).toBe('app_directory_not_found');
});

test('a port that was taken in the meantime is exchanged for another without a crash', async () => {
  const other = createServer((_request, response) => void response.destroy());
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const taken = (other.address() as AddressInfo).port;
  let calls = 0;
  const { app } = start(node(SERVER), {}, { findPort: async () => (calls++ === 0 ? taken : freePort()) });
  const states: string[] = [];
  app.onChange((state) => states.push(state));
  await reaches(app, 'ready');
  expect(app.upstream?.port).not.toBe(taken);
  expect(states).toEqual(['ready']);
  other.close();
});
