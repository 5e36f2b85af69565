import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

export interface ProgramOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** An address that is answered once the program listens. */
  readonly ready: string;
}

/** Starts a server and waits until it answers. @returns ends it */
export async function startProgram(
  [program = '', ...args]: readonly string[],
  { cwd, env, ready }: ProgramOptions,
): Promise<() => Promise<void>> {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-4000);
  });
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`${program} ended at its start:\n${said}`)));
  });
  try {
    await Promise.race([failed, answers(ready)]);
  } catch (error) {
    await stop(child);
    throw error;
  }
  failed.catch(() => {});
  return () => stop(child);
}

async function answers(address: string): Promise<void> {
  for (let left = 600; left > 0; left -= 1) {
    const answer = await fetch(address, { redirect: 'manual' }).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer !== undefined) return;
    await pause(50);
  }
  throw new Error(`${address} does not answer.`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
