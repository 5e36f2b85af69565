import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { recognise } from '../apps/recognise.ts';
import { type Loaded, type LoadRequest, loadSettings } from '../config/load.ts';

/** `loadSettings` with this process's environment, directory, clock and randomness. */
export function load(
  request: Pick<LoadRequest, 'options' | 'run' | 'purpose' | 'document'>,
): Promise<Loaded> {
  return loadSettings({
    ...request,
    env: process.env,
    cwd: process.cwd(),
    recognise: (argv) => recognise(argv, readSource),
    isTerminal: process.stdout.isTTY === true,
    clock: Date.now,
    randomBytes,
  });
}

function readSource(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
