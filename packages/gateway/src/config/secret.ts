import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemErrorCode } from '../core/system-error.ts';
import type { RandomBytes } from '../core/types.ts';

/** 256 bits, as text that needs no quoting in a shell, YAML or a URL. */
export function newSecret(randomBytes: RandomBytes): string {
  return Buffer.from(randomBytes(32)).toString('base64url');
}

/** What keeps a secret from being one, or `undefined`. The sentence never repeats the secret. */
export function weaknessOf(secret: string): string | undefined {
  if (secret.length < 32) return 'is shorter than 32 characters';
  if (/change.?me|placeholder|your.?(?:own.?)?secret|example|^(?:secret|password)/i.test(secret))
    return 'looks like a placeholder';
  return new Set(secret).size < 8 ? 'repeats a few characters' : undefined;
}

/** The file that holds the generated secret. */
export function secretPath(stateDir: string): string {
  return join(stateDir, 'secret');
}

/** The state directory, which keeps itself out of version control. */
function makeStateDir(stateDir: string): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(join(stateDir, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  }
}

/** The secret that an earlier start generated, or `undefined` when there is none yet. */
export function readGeneratedSecret(stateDir: string): string | undefined {
  try {
    return readFileSync(secretPath(stateDir), 'utf8').trim();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether others on this machine can read the generated secret. Windows has no such bits. */
export function isSecretExposed(stateDir: string): boolean {
  return process.platform !== 'win32' && (statSync(secretPath(stateDir)).mode & 0o077) !== 0;
}

/**
 * Generates the secret and keeps it, readable by its owner only. Two starts at the same moment agree on one: the file
 * appears whole, by a link that fails when another was first.
 */
export function generateSecret(stateDir: string, randomBytes: RandomBytes): string {
  makeStateDir(stateDir);
  const path = secretPath(stateDir);
  const draft = `${path}.${Buffer.from(randomBytes(8)).toString('hex')}`;
  writeFileSync(draft, `${newSecret(randomBytes)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path, 'utf8').trim();
}
