import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

export interface Server {
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** Starts a server and waits until `ready` answers with 200. @throws Error with its log when that never happens */
export async function startServer(
  command: string,
  args: readonly string[],
  options: {
    readonly ready: string;
    readonly cwd: string;
    readonly env?: Record<string, string>;
    /** Seconds. */
    readonly patience: number;
  },
): Promise<Server> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: a start script's child goes with it.
    detached: true,
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const ended = once(child, 'exit');
  const server: Server = {
    lines,
    async stop() {
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
        process.kill(-child.pid, 'SIGKILL');
      await ended;
    },
  };
  const deadline = Date.now() + options.patience * 1000;
  for (;;) {
    const answer = await fetch(options.ready).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return server;
    if (child.exitCode !== null || Date.now() > deadline) break;
    await pause(100);
  }
  await server.stop();
  throw new Error(`${command} does not answer; its log:\n${lines.slice(-40).join('\n')}`);
}
