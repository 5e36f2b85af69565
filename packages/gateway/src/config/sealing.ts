import { systemErrorCode } from '../core/system-error.ts';
import type { RandomBytes } from '../core/types.ts';
import { type Context, readFileAt } from './context.ts';
import {
  generateSecret,
  isSecretExposed,
  newSecret,
  readGeneratedSecret,
  secretPath,
  weaknessOf,
} from './secret.ts';

/** What may be done when no secret is given: make and keep one, only pretend, or demand that one exists. */
type WithoutSecret = 'generate' | 'pretend' | 'demand';

const FIX = 'Print a good one with: portico secret';

/** The secrets, first the one that seals. Given ones, else the one in the state directory. */
export function readSecrets(
  context: Context,
  stateDir: string,
  without: WithoutSecret,
  randomBytes: RandomBytes,
): readonly string[] {
  const { raw, problems } = context;
  const { secret, secret_file: file } = raw;
  if (secret !== undefined && file !== undefined) {
    problems.add(['secret'], 'is given beside secret_file', 'Keep one of them.');
    return [];
  }
  if (file !== undefined) {
    if (typeof file !== 'string') return [];
    const lines = readFileAt(context, ['secret_file'], file)
      ?.split('\n')
      .map((line) => line.trim());
    return lines === undefined
      ? []
      : sound(
          context,
          'secret_file',
          lines.filter((line) => line !== ''),
        );
  }
  if (secret !== undefined) return sound(context, 'secret', Array.isArray(secret) ? secret : [secret]);
  return generated(context, stateDir, without, randomBytes);
}

function sound(
  context: Context,
  key: 'secret' | 'secret_file',
  values: readonly unknown[],
): readonly string[] {
  const { problems, raw } = context;
  if (values.length === 0) problems.add([key], 'is empty', FIX);
  return values.flatMap((value, index) => {
    const path = Array.isArray(raw[key]) ? [key, index] : [key];
    if (typeof value !== 'string') {
      problems.add(path, 'should be text', FIX);
      return [];
    }
    problems.hide(value);
    const weakness = weaknessOf(value);
    if (weakness !== undefined) problems.add(path, weakness, FIX);
    return [value];
  });
}

function generated(
  context: Context,
  stateDir: string,
  without: WithoutSecret,
  randomBytes: RandomBytes,
): readonly string[] {
  const { problems, notes } = context;
  const path = secretPath(stateDir);
  try {
    const found = readGeneratedSecret(stateDir);
    if (found !== undefined && weaknessOf(found) !== undefined) {
      problems.add(path, 'holds no sound secret', 'Restore it, or delete it: everybody then signs in anew.');
      return [];
    }
    if (found !== undefined && isSecretExposed(stateDir))
      problems.add(path, 'can be read by other users of this machine', `Run: chmod 600 ${path}`);
    if (found !== undefined) return [found];
    if (without === 'demand') {
      problems.add(
        'secret',
        'is not given, and none was generated here',
        'Run this where portico serve runs, or give --config.',
      );
      return [];
    }
    if (without === 'pretend') return [newSecret(randomBytes)];
    const secret = generateSecret(stateDir, randomBytes);
    notes.push(`Generated a secret in ${path}; keep the file, and sessions outlive restarts.`);
    return [secret];
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown error';
    problems.add(
      path,
      `cannot be read or written (${code})`,
      'Correct the permissions, or give --cookie-secret-file.',
    );
    return [];
  }
}
