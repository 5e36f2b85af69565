import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { LineCutter } from './log-lines.ts';

/**
 * Runs the app in the place of this shell and leaves a watcher in the same process group. The watcher waits on descriptor
 * 3, whose other end only the gateway holds: when the gateway is gone, however it died, the read ends and the group is
 * asked, then made, to stop. `exec` keeps the app itself the leader of the group.
 */
const GUARD = `
( trap '' TERM INT HUP; read -r _ <&3; kill -TERM -$$; sleep 5; kill -KILL -$$ ) </dev/null >/dev/null 2>&1 &
exec 3<&-
exec "$@"
`;

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A started app with everything that it starts itself. */
export interface GroupProcess {
  readonly pid: number | undefined;
  /** Settles when the app itself has ended; never rejects. */
  readonly exited: Promise<Exit>;
  /** Asks the group to stop, insists after `graceMs`, and settles when the app has ended. */
  stop(graceMs: number): Promise<void>;
}

/** @param file - absolute path of the program; `argv` are its arguments */
export function startGroup(
  file: string,
  argv: readonly string[],
  options: { cwd: string; env: Record<string, string>; onLine: (line: string) => void },
): GroupProcess {
  const windows = process.platform === 'win32';
  const child = windows
    ? spawn(file, argv, {
        cwd: options.cwd,
        env: options.env,
        stdio: ['ignore', 'pipe', 'pipe'],
        windowsHide: true,
      })
    : spawn('/bin/sh', ['-c', GUARD, file, file, ...argv], {
        cwd: options.cwd,
        env: options.env,
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
        detached: true,
      });
  for (const stream of [child.stdout, child.stderr]) readLines(stream, options.onLine);
  // The watcher closes its end when the group is killed; that is no error of ours.
  child.stdio[3]?.on('error', () => undefined);

  let over = false;
  const exited = new Promise<Exit>((settle) => {
    child.once('error', () => settle({ code: 127, signal: null }));
    child.once('exit', (code, signal) => {
      // Whatever the app left behind, the watcher included, must not outlive it.
      signalGroup(child, 'SIGKILL');
      child.stdio[3]?.destroy();
      over = true;
      settle({ code, signal });
    });
  });

  return {
    pid: child.pid,
    exited,
    async stop(graceMs) {
      // Its number may be somebody else's by now.
      if (over) return;
      signalGroup(child, 'SIGTERM');
      const insist = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
      await exited;
      clearTimeout(insist);
    },
  };
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  const cutter = new LineCutter(onLine);
  stream?.on('data', (chunk: Buffer) => cutter.push(chunk));
  stream?.on('close', () => cutter.end());
  stream?.on('error', () => undefined);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32')
      spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
    else process.kill(-child.pid, signal);
  } catch {
    // ESRCH: the group is gone already, which is what was asked for.
  }
}
