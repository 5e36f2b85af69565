import type { Clock } from '../../core/types.ts';
import type { SessionStore } from '../store.ts';
import type { SetAside } from './sqlite-file.ts';

/** Which store, as the configuration names it. */
type StoreSettings = { readonly kind: 'memory' } | { readonly kind: 'sqlite'; readonly path: string };

interface StoreOptions {
  readonly clock?: Clock;
  /** A damaged SQLite file was set aside and a fresh one begun: everybody signs in again. */
  readonly onSetAside?: (event: SetAside) => void;
}

/** Opens the configured store; only the one that is used is loaded. */
export async function openStore(settings: StoreSettings, options: StoreOptions = {}): Promise<SessionStore> {
  if (settings.kind === 'memory') {
    const { MemoryStore } = await import('./memory.ts');
    return new MemoryStore(options.clock);
  }
  const { SqliteStore } = await withoutSqliteWarning(() => import('./sqlite.ts'));
  return new SqliteStore(settings.path, options, options.clock);
}

/** The first releases of Node 24 warn that node:sqlite is experimental, which tells an operator nothing; other warnings pass. */
async function withoutSqliteWarning<T>(load: () => Promise<T>): Promise<T> {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: []) => {
    if (!String(warning).startsWith('SQLite is an experimental feature'))
      emitWarning.call(process, warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    return await load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
