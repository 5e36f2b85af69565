import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { type Finding, note, ok, problem } from './finding.ts';

/** Looks only: opening a database would make one. */
export function storeFindings(store: Settings['store']): Finding[] {
  if (store.kind === 'memory')
    return [
      note(
        'store_memory',
        'Sessions are in memory: a restart signs everybody out.',
        'Use store: sqlite:./portico.db to keep them.',
      ),
    ];
  const { path } = store;
  const folder = nearest(dirname(path));
  const free = !existsSync(path) || isWritable(path);
  const blocked = isWritableFolder(folder) ? (free ? undefined : path) : folder;
  return [
    blocked === undefined
      ? ok('store', `Sessions can be kept in ${path}.`)
      : problem(
          'store_not_writable',
          `${blocked} cannot be written by this user, so no session could be kept.`,
          'Give it to the user that runs Portico, or name another place with store.',
        ),
  ];
}

function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

function isWritableFolder(path: string): boolean {
  return isWritable(path) && statSync(path).isDirectory();
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
