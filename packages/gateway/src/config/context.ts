import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemErrorCode } from '../core/system-error.ts';
import type { Problems } from './problems.ts';
import type { AppType } from './settings.ts';
import type { Path } from './shape.ts';

/** What the readers of the parts share. */
export interface Context {
  /** The layered configuration, not yet validated. */
  readonly raw: Readonly<Record<string, unknown>>;
  readonly problems: Problems;
  /** What the start-up summary should mention. */
  readonly notes: string[];
  /** Folder against which paths in the file are resolved; absolute. */
  readonly base: string;
  /** Tells the framework from a command. */
  readonly recognise: (argv: readonly string[], cwd: string) => AppType;
}

/** The text of a file that a key names, or `undefined` and a problem. */
export function readFileAt(context: Context, path: Path, file: string): string | undefined {
  const absolute = resolve(context.base, file);
  try {
    return readFileSync(absolute, 'utf8');
  } catch (error) {
    const code = systemErrorCode(error);
    const why =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'EACCES'
          ? 'may not be read by this user'
          : 'cannot be read';
    context.problems.add(
      path,
      `the file ${absolute} ${why}`,
      'Correct the path, or the permissions of the file.',
    );
    return undefined;
  }
}
