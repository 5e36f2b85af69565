import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { type Loaded, type LoadRequest, loadSettings } from '../../src/config/load.ts';
import { ConfigError, type ConfigProblem } from '../../src/config/problems.ts';

export const SECRET = 'Zk3vJq8sWm1xTn5bYc7rLd2fHg9pQa4e';

/** A folder that goes with the test. */
export function folder(files: Record<string, string> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'portico-config-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

export interface Asked {
  readonly argv?: readonly string[];
  readonly yaml?: string;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly request?: Partial<LoadRequest>;
}

/** Loads as the command line would: `argv` after `serve`, `yaml` as the portico.yaml of the working directory. */
export async function load(asked: Asked): Promise<Loaded> {
  const cwd = asked.cwd ?? folder();
  if (asked.yaml !== undefined) writeFileSync(join(cwd, 'portico.yaml'), asked.yaml);
  const env = asked.env ?? {};
  const parsed = parseCommandLine(['serve', ...(asked.argv ?? [])], env);
  if (parsed.command !== 'serve') throw new Error('not serve');
  return loadSettings({
    options: parsed.options,
    run: parsed.run,
    env,
    cwd,
    purpose: 'serve',
    isTerminal: false,
    clock: () => Date.UTC(2026, 0, 1),
    randomBytes: (size) => Uint8Array.from({ length: size }, (_, index) => index * 37 + 11),
    ...asked.request,
  });
}

/** The problems of a configuration that must have some. */
export async function problemsOf(asked: Asked): Promise<readonly ConfigProblem[]> {
  return caught(() => load(asked));
}

export async function caught(work: () => unknown): Promise<readonly ConfigProblem[]> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('no problem was found');
}

/** A sound file, for a test to add to. */
export const SOUND = `
secret: ${SECRET}
dev: true
apps:
  sales: { upstream: "http://127.0.0.1:8501", allow: [everyone] }
`;
