import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const folders: string[] = [];
const children = new Set<ChildProcess>();

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A fresh folder with these files, gone after the test. */
export function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'portico-cli-'));
  folders.push(path);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

/** The command line as a process of its own. */
export function start(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  const ended = (async (): Promise<Ended> => {
    await once(child, 'close');
    children.delete(child);
    return { code: child.exitCode, out, err };
  })();
  return {
    child,
    ended,
    /** Waits for a text on standard output. */
    async said(text: string): Promise<string> {
      while (!out.includes(text)) {
        const over = await Promise.race([ended, once(child.stdout, 'data')]);
        if ('code' in over && !out.includes(text))
          throw new Error(`it ended before "${text}": ${out}${over.err}`);
      }
      return out;
    },
  };
}

export function portico(
  args: readonly string[],
  cwd = folder(),
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return start(args, cwd, env).ended;
}

export async function cleanUp(): Promise<void> {
  for (const child of children) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
}
