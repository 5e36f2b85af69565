import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';

/** With one core nothing can be pinned apart, and the numbers say little. */
export const canPin = availableParallelism() >= 2;

/** The server under test has a core of its own; clients and the app behind it share the other one. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

const running = new Set<ChildProcess>();

export interface Launch {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Starts a program pinned to a core, its output in a file. It is stopped when the benchmark ends, however it ends. */
export function startPinned(core: number, launch: Launch, logFile: string): ChildProcess {
  const argv = canPin ? ['taskset', '-c', String(core), ...launch.argv] : [...launch.argv];
  const log = openSync(logFile, 'a');
  const child = spawn(argv[0] as string, argv.slice(1), {
    stdio: ['ignore', log, log],
    cwd: launch.cwd,
    env: { ...process.env, ...launch.env },
  });
  closeSync(log);
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/** Asks to end, then insists, on the whole tree. */
export async function stop(child: ChildProcess, patience = 3000): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const tree = processTree(child.pid);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const insist = setTimeout(() => killAll(tree), patience);
  await exited;
  clearTimeout(insist);
}

export async function stopEverything(): Promise<void> {
  await Promise.all([...running].map((child) => stop(child)));
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

process.on('exit', () => {
  for (const child of running) if (child.pid !== undefined) killAll(processTree(child.pid));
});

/** The process and all its descendants. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const parent = Number(statFields(entry)?.[1]);
    if (parent > 0) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** Fields of /proc/<pid>/stat from the third (state) on: the second may contain spaces. */
function statFields(pid: string | number): string[] | undefined {
  if (!/^\d+$/.test(String(pid))) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Seconds of processor time that a tree has used (user and system); Linux counts in hundredths. */
export function cpuSeconds(root: number): number {
  let ticks = 0;
  for (const pid of processTree(root)) {
    const fields = statFields(pid);
    ticks += Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0);
  }
  return ticks / 100;
}

/** Resident memory of a tree in KiB. */
export function residentKiB(root: number): number {
  let sum = 0;
  for (const pid of processTree(root)) {
    try {
      sum += Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
    } catch {
      // Ended meanwhile.
    }
  }
  return sum;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
