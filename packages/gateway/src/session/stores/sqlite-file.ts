import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { GatewayError } from '../../core/errors.ts';
import { storeUnavailable } from '../store.ts';

const SCHEMA_VERSION = 1;
const BUSY_TIMEOUT = 1_000;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
/**
 * Up to this size a file is checked whole when it is opened (some ten milliseconds). A larger one would delay the start, and
 * its damage is found all the same: SQLite itself refuses a truncated file when it opens it, and a damaged page when it
 * reads it, and then the store sets the file aside while running.
 */
const WHOLE_CHECK_LIMIT = 32 * 1024 * 1024;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires_at INTEGER);
  CREATE INDEX IF NOT EXISTS entries_by_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS locks (key TEXT PRIMARY KEY, owner TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Told when a damaged file was set aside and a fresh one begun. */
export interface SetAside {
  readonly path: string;
  /** Where the damaged file is now. */
  readonly movedTo: string;
  readonly cause: unknown;
}

/** An open database with its prepared statements. */
export interface SqliteFile {
  readonly db: DatabaseSync;
  /** Tells this file from another one put at the same path since. */
  readonly inode: number;
  readonly get: StatementSync;
  readonly set: StatementSync;
  readonly replace: StatementSync;
  readonly delete: StatementSync;
  readonly page: StatementSync;
  readonly purge: StatementSync;
  readonly dataVersion: StatementSync;
  readonly lock: StatementSync;
  readonly renew: StatementSync;
  readonly unlock: StatementSync;
}

/**
 * Opens the file, and makes it and its directory (for nobody but the owner) where they are missing. What is damaged is set aside.
 * @throws GatewayError `store_unavailable` (503) when the file cannot be used, `store_schema_unknown` (500) when a later Portico wrote it.
 */
export function openFile(path: string, onSetAside: (event: SetAside) => void): SqliteFile {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    try {
      return tryOpen(path, onSetAside);
    } catch (cause) {
      if (!isCorrupt(cause)) throw cause;
      return tryOpen(path, onSetAside);
    }
  } catch (cause) {
    throw storeUnavailable(`The SQLite file ${path} cannot be opened`, cause);
  }
}

/** Moves a damaged file out of the way, never over another one. `inode`: only while it is still that very file. */
export function setAside(
  path: string,
  inode: number,
  cause: unknown,
  report: (event: SetAside) => void,
): void {
  // Another process may have set it aside already; the fresh file it began is not to be moved.
  if (inodeOf(path) !== inode) return;
  const movedTo = freeName(`${path}.corrupt-${new Date().toISOString().replace(/[:.]/g, '-')}`);
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, movedTo + suffix);
  }
  report({ path, movedTo, cause });
}

/** Whether SQLite says that the file is damaged or no database. */
export function isCorrupt(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  const primary = Number(error.errcode) & 0xff;
  return primary === SQLITE_CORRUPT || primary === SQLITE_NOTADB;
}

/** A damaged file has been set aside when this throws for it. */
function tryOpen(path: string, onSetAside: (event: SetAside) => void): SqliteFile {
  // Made before SQLite does, so that there is no moment in which others could read it; -wal and -shm inherit the mode.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const inode = inodeOf(path);
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    if (statSync(path).size <= WHOLE_CHECK_LIMIT) checkWhole(db);
    const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version > SCHEMA_VERSION) {
      throw new GatewayError(
        'store_schema_unknown',
        500,
        `${path} was written by a later version of Portico`,
      );
    }
    if (version < SCHEMA_VERSION) db.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT;`);
    return { db, inode, ...prepare(db) };
  } catch (error) {
    // Before it is closed: SQLite leaves the -wal of a file that has moved alone, and would delete it otherwise.
    if (isCorrupt(error)) setAside(path, inode, error, onSetAside);
    db.close();
    throw error;
  }
}

function checkWhole(db: DatabaseSync): void {
  const result = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (result === 'ok') return;
  throw Object.assign(new Error(`PRAGMA quick_check: ${String(result)}`), { errcode: SQLITE_CORRUPT });
}

function prepare(db: DatabaseSync): Omit<SqliteFile, 'db' | 'inode'> {
  const live = '(expires_at IS NULL OR expires_at > :now)';
  return {
    get: db.prepare(`SELECT value FROM entries WHERE key = :key AND ${live}`),
    set: db.prepare(
      `INSERT INTO entries (key, value, expires_at) VALUES (:key, :value, :expiresAt)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
    ),
    replace: db.prepare(
      `UPDATE entries SET value = :value, expires_at = :expiresAt WHERE key = :key AND ${live}`,
    ),
    delete: db.prepare('DELETE FROM entries WHERE key = :key'),
    page: db.prepare(
      `SELECT key, value FROM entries WHERE key >= :from AND key < :end AND ${live} ORDER BY key LIMIT :size`,
    ),
    purge: db.prepare(
      `DELETE FROM entries WHERE rowid IN (SELECT rowid FROM entries WHERE expires_at <= :now LIMIT :size)`,
    ),
    dataVersion: db.prepare('PRAGMA data_version'),
    lock: db.prepare(
      `INSERT INTO locks (key, owner, until) VALUES (:key, :owner, :until)
       ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE until <= :now`,
    ),
    renew: db.prepare('UPDATE locks SET until = :until WHERE key = :key AND owner = :owner'),
    unlock: db.prepare('DELETE FROM locks WHERE key = :key AND owner = :owner'),
  };
}

function inodeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
}

function freeName(name: string): string {
  let free = name;
  for (let n = 2; existsSync(free); n++) free = `${name}-${n}`;
  return free;
}
