import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { delimiter } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../gateway-process.ts';
import { environmentWith } from './node.ts';

export interface Typed {
  /** The folder in which somebody types; `npx` finds its portico there. */
  readonly directory: string;
  /** Folders of more programs, in front of the usual ones. */
  readonly programs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Running {
  readonly url: string;
  /** Ends the gateway and all that it started, as Ctrl-C does, and waits for that. */
  stop(): Promise<void>;
}

function environment({ programs = [], env = {} }: Typed): NodeJS.ProcessEnv {
  const plain = environmentWith(process.execPath);
  return {
    ...plain,
    ...env,
    PATH: [...programs, plain['PATH'] ?? ''].join(delimiter),
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** Types a line that ends by itself. What npm has to say about this machine's own npm settings is left out. */
export function typed(line: string, where: Typed): { status: number | null; stdout: string; stderr: string } {
  const result = spawnSync(line, {
    shell: true,
    cwd: where.directory,
    env: environment(where),
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { ...result, stderr: result.stderr.replace(/^npm warn .*\n/gm, '') };
}

/** Types a line that starts a gateway, with a free port in the environment, and waits until every app is ready. */
export async function typedServe(line: string, where: Typed): Promise<Running> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const child = spawn(line, {
    shell: true,
    // A group of its own, so that shell, npx and gateway are ended together.
    detached: true,
    cwd: where.directory,
    env: { ...environment(where), PORTICO_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece) => {
      output += piece;
    });
  }
  const isReady = () =>
    fetch(`${url}/.auth/readyz`).then(
      (reply) => reply.ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`It ended:\n${output}`);
    await pause(100);
  }
  return {
    url,
    async stop() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
      await closed;
    },
  };
}
