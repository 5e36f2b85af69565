import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from './gateway-process.ts';
import { environmentWith, findOldNode, ROOT } from './support/node.ts';

/** What a newcomer has: the older Node when this machine has one, npm, and a home without anything in it. */
const node = findOldNode() ?? process.execPath;
const base = mkdtempSync(join(tmpdir(), 'portico-clone-'));
const clone = join(base, 'portico');
const cache = spawnSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).stdout.trim();
const environment = {
  ...environmentWith(node),
  HOME: join(base, 'home'),
  // Only to spare the registry; the lock's hashes decide what is installed.
  npm_config_cache: cache,
  npm_config_prefer_offline: 'true',
};

/** The files that a clone of this state would have: all that git knows or would add. */
function copyTree(): void {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of listed.stdout.split('\0').filter((name) => name && existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(ROOT, file), join(clone, file));
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<unknown>;
}

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://localhost:${port}/.auth/healthz`).then(
    (response) => response.ok,
    () => false,
  );

async function npmStart(port: number): Promise<Started> {
  const child = spawn('npm', ['start', '--', '--port', String(port)], {
    cwd: clone,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk;
    });
  }
  const exit = once(child, 'exit');
  for (;;) {
    if (await isReady(port)) return { child, output: () => text, exit };
    if (child.exitCode !== null) throw new Error(`npm start ended:\n${text}`);
    await pause(50);
  }
}

beforeAll(() => {
  mkdirSync(environment.HOME, { recursive: true });
  copyTree();
});
afterAll(() => rmSync(base, { recursive: true, force: true, maxRetries: 3 }));

describe('npm start in a fresh clone', () => {
  it('sets itself up with visible progress, runs the demo, and stops with its gateway on SIGTERM', async () => {
    const port = await freePort();
    const started = await npmStart(port);
    expect(started.output()).toContain('installing packages');
    expect(started.output()).toContain('building');
    expect(started.output()).not.toMatch(/EBADENGINE|npm warn|deprecated/i);
    started.child.kill('SIGTERM');
    await started.exit;
    while (await isReady(port)) await pause(50);
  });

  it('does none of that the second time, and hands on the exit code', async () => {
    const again = spawnSync('npm', ['start', '--', '--no-such-option'], {
      cwd: clone,
      env: environment,
      encoding: 'utf8',
    });
    expect(again.stderr).not.toMatch(/installing|building/);
    expect(again.stderr).toMatch(/no-such-option/);
    expect(again.status).toBe(2);
  });
});
