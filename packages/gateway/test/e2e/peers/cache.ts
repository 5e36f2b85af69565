import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from 'vitest';

const run = promisify(execFile);

/** A server of others that is here, or why it is not. */
export type Found = { readonly path: string } | { readonly missing: string };

/** What was downloaded or built for tests and is kept from one run to the next: `PORTICO_TEST_CACHE` or below the home. */
export function cacheDirectory(): string {
  const directory = process.env['PORTICO_TEST_CACHE'] ?? join(homedir(), '.cache', 'portico-test');
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Runs a tool to its end. @throws Error with the last line that it said, also when it takes longer than `minutes` */
export async function tool(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly minutes?: number; readonly env?: Record<string, string> },
): Promise<string> {
  const { cwd, minutes = 4, env = {} } = options;
  try {
    const { stdout } = await run(command, args, {
      cwd,
      timeout: minutes * 60_000,
      maxBuffer: 32 * 1024 * 1024,
      env: { ...process.env, ...env },
    });
    return stdout;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new Error(stderr.trim().split('\n').at(-1) || message, { cause: error });
  }
}

/** `describe` for a peer that is here; else says loudly why it is left out, and why again in the title. */
export function describePeer(peer: string, found: Found, tests: () => void): void {
  if ('path' in found) {
    describe(peer, tests);
    return;
  }
  console.warn(`SKIPPED: ${peer}: ${found.missing}`);
  // The reason was printed, and `npm test` counts and names every test that is left out.
  describe.skip(`${peer} (left out: ${found.missing})`, tests);
}
