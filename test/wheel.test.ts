import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../packages/gateway/test/login/browser.ts';
import { freePort } from './gateway-process.ts';
import { cleanEnvironment, filesUnder, GATEWAY, ROOT } from './support/node.ts';

const WINDOWS = process.platform === 'win32';
const isPython = 'import sys; assert sys.version_info >= (3, 11); import venv, ensurepip';
const python = ['python3', 'python'].find((name) => spawnSync(name, ['-c', isPython]).status === 0) ?? '';

const folder = mkdtempSync(join(tmpdir(), 'portico-wheel-test-'));
const wheels = join(folder, 'wheels');
const environment = join(folder, 'venv');
const programs = join(environment, WINDOWS ? 'Scripts' : 'bin');
const command = join(programs, WINDOWS ? 'portico.exe' : 'portico');
const work = join(folder, 'work');

/** A machine of somebody who has Python and nothing else: an empty home, and no Node.js to be found. */
const bare = {
  ...cleanEnvironment(),
  HOME: join(folder, 'home'),
  USERPROFILE: join(folder, 'home'),
  PATH: join(folder, 'no-programs'),
};
const APP = `
import http.server, os

class App(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"hello {self.headers['X-Forwarded-Email']}".encode())

http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), App).serve_forever()
`;

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = cleanEnvironment()) {
  return spawnSync(program, args, { cwd: work, env, encoding: 'utf8', timeout: 180_000 });
}

function expectDone(result: ReturnType<typeof run>): void {
  expect([result.status, result.status === 0 ? '' : result.stderr]).toEqual([0, '']);
}

// The packages' build needs a Python; a machine without one cannot have the wheel either.
describe.skipIf(python === '')('pip install portico, into an empty environment with an empty home', () => {
  beforeAll(() => {
    for (const name of ['home', 'no-programs', 'work']) mkdirSync(join(folder, name));
    expectDone(run(process.execPath, [join(ROOT, 'scripts', 'wheel.mjs'), wheels]));
    expectDone(run(python, ['-m', 'venv', environment]));
    // The cache is only to spare the registry.
    const cache = run(python, ['-m', 'pip', 'cache', 'dir']).stdout.trim();
    const [wheel = ''] = readdirSync(wheels);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', join(wheels, wheel)];
    const path = { PATH: process.env['PATH'], PIP_CACHE_DIR: cache };
    expectDone(run(join(programs, 'python'), pip, { ...bare, ...path }));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

  it('brings one wheel for every platform, with the licences of all that it carries', () => {
    expect(readdirSync(wheels)).toEqual([expect.stringMatching(/^portico-[\d.]+-py3-none-any\.whl$/)]);
    const files = filesUnder(join(environment, WINDOWS ? 'Lib' : 'lib')).map((file) =>
      file.replaceAll('\\', '/'),
    );
    const carried = files.filter((file) =>
      /portico_gateway\/program\/node_modules\/.*package\.json$/.test(file),
    );
    const roots = carried.filter((file) => /node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(file));
    expect(roots.length).toBeGreaterThan(40);
    const unlicensed = roots.filter((file) => {
      const own = file.slice(0, -'package.json'.length);
      return !files.some(
        (other) => other.startsWith(own) && /^(licen[cs]e|copying|readme)/i.test(other.slice(own.length)),
      );
    });
    expect(unlicensed).toEqual([]);
  });

  it('carries nothing of the workshop', () => {
    const program = join('portico_gateway', 'program');
    const carried = filesUnder(join(environment, WINDOWS ? 'Lib' : 'lib')).filter((file) =>
      file.includes(program),
    );
    expect(carried.filter((file) => /\.map$|\.d\.ts$|\.portico-build|\.db$/.test(file))).toEqual([]);
  });

  it('tells the version of the gateway, which is the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(GATEWAY, 'package.json'), 'utf8'));
    const result = run(command, ['--version'], bare);
    expect([result.stderr, result.stdout.trim(), result.status]).toEqual([
      '',
      expect.stringContaining(version),
      0,
    ]);
    const installed = 'import importlib.metadata as m; print(m.version("portico"))';
    expect(run(join(programs, 'python'), ['-c', installed], bare).stdout.trim()).toBe(version);
  });

  it('hands on exit codes', () => {
    expect(run(command, ['serve', '--no-such-option'], bare).status).toBe(2);
  });

  it('lets apps import portico', () => {
    const result = run(
      join(programs, 'python'),
      ['-c', 'import portico; print(portico.user.__name__)'],
      bare,
    );
    expect([result.stderr, result.stdout.trim()]).toEqual(['', 'user']);
  });

  it('portico serve --dev -- python app.py: signs in, serves, and ends with its app on SIGTERM', async () => {
    writeFileSync(join(work, 'app.py'), APP);
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const args = ['serve', '--dev', '--port', String(port), '--', 'python', 'app.py'];
    const child = spawn(command, args, { cwd: work, env: bare, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (piece) => {
        output += piece;
      });
    }
    const ended = once(child, 'exit');
    const isReady = () =>
      fetch(`${url}/.auth/readyz`).then(
        (reply) => reply.ok,
        () => false,
      );
    while (!(await isReady())) {
      if (child.exitCode !== null) throw new Error(`It ended:\n${output}`);
      await pause(50);
    }
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(401);
    expect((await new Browser().signIn(url, 'ada')).body).toBe('hello ada@example.com');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await isReady()).toBe(false);
  });
});
