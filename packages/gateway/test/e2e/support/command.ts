import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment, GATEWAY } from '../../../../../test/support/node.ts';

/** Runs `portico …` as somebody would type it in the gateway's directory. @throws Error when it fails */
export function command(
  directory: string,
  args: readonly string[],
): Promise<{ stdout: string; stderr: string }> {
  const program = join(GATEWAY, 'bin', 'portico.js');
  return promisify(execFile)(process.execPath, [program, ...args], {
    cwd: directory,
    env: cleanEnvironment(),
  });
}
