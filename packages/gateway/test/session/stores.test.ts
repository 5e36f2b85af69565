import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { openStore } from '../../src/session/stores/open.ts';
import { SqliteStore } from '../../src/session/stores/sqlite.ts';
import type { SetAside } from '../../src/session/stores/sqlite-file.ts';
import { sqliteStore, TestClock, temporaryFile } from './fixtures.ts';
import { storeContract } from './store-contract.ts';

storeContract('the memory store', (clock) => {
  const store = new MemoryStore(clock);
  onTestFinished(() => store.close());
  return store;
});
storeContract('the SQLite store', (clock) => sqliteStore(temporaryFile(), {}, clock));

const text = (value: Uint8Array | undefined) => value && Buffer.from(value).toString();

function otherProcess(...args: string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'other-process.ts'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  return child;
}

async function fill(path: string, rows: number): Promise<void> {
  const store = new SqliteStore(path);
  for (let n = 0; n < rows; n++) await store.set(`row:${n}`, Buffer.alloc(2000, n), 3_600_000);
  await store.close();
}

describe('The SQLite store', () => {
  it('makes its directory, and files that only the owner reads', async () => {
    const path = temporaryFile();
    const store = sqliteStore(path);
    await store.set('k', Buffer.from('x'), 1000);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(path)).sort()).toEqual(['portico.db', 'portico.db-shm', 'portico.db-wal']);
    for (const name of readdirSync(dirname(path))) {
      expect(statSync(join(dirname(path), name)).mode & 0o777, name).toBe(0o600);
    }
  });

  it('keeps everything over a restart', async () => {
    const path = temporaryFile();
    await fill(path, 3);
    expect(await sqliteStore(path).get('row:2')).toHaveLength(2000);
  });

  it('shares a lock with another process', async () => {
    const path = temporaryFile();
    const store = sqliteStore(path);
    const child = otherProcess('hold-lock', path);
    await once(child.stdout, 'data');
    const seen = store.withLock('a lock', () => store.get('written-under-lock'));
    expect(await store.get('written-under-lock')).toBeUndefined();
    child.stdin.end('go\n');
    expect(text(await seen)).toBe('done');
  });

  it('takes over the lock of a process that died, when its lease has run out', async () => {
    const path = temporaryFile();
    const clock = new TestClock();
    clock.now = Date.now();
    const store = sqliteStore(path, {}, clock.read);
    const child = otherProcess('hold-lock', path);
    await once(child.stdout, 'data');
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    const taken = store.withLock('a lock', async () => 'taken');
    clock.advance(60_000);
    expect(await taken).toBe('taken');
  });

  it('notices that another process wrote', async () => {
    const path = temporaryFile();
    const store = sqliteStore(path);
    const changed = new Promise<void>((resolve) => store.watch(resolve));
    otherProcess('set', path, 'theirs');
    await changed;
    expect(text(await store.get('theirs'))).toBe('from afar');
  });

  it('calls back within half a second of a foreign write, not for its own, and not after it was told to stop', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const path = temporaryFile();
    const store = sqliteStore(path);
    const other = sqliteStore(path);
    let calls = 0;
    const stop = store.watch(() => calls++);
    vi.advanceTimersByTime(500);
    calls = 0;
    await store.set('own', Buffer.from('x'), 1000);
    vi.advanceTimersByTime(2000);
    expect(calls).toBe(0);
    await other.set('foreign', Buffer.from('x'), 1000);
    vi.advanceTimersByTime(499);
    expect(calls).toBe(1);
    stop();
    await other.set('foreign', Buffer.from('y'), 1000);
    vi.advanceTimersByTime(2000);
    expect(calls).toBe(1);
  });

  it('purges what has expired, however much, and nothing else', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const path = temporaryFile();
    const clock = new TestClock();
    const store = sqliteStore(path, {}, clock.read);
    for (let n = 0; n < 1200; n++) await store.set(`short:${n}`, Buffer.from('x'), 1000);
    await store.set('long', Buffer.from('x'), 10_000);
    await store.set('ever', Buffer.from('x'), Number.POSITIVE_INFINITY);
    clock.advance(1000);
    vi.advanceTimersByTime(60_000);
    const db = new DatabaseSync(path);
    onTestFinished(() => db.close());
    const count = db.prepare('SELECT count(*) AS n FROM entries');
    await vi.waitFor(() => expect(count.get()?.['n']).toBe(2));
  });

  const damages: Record<string, (path: string) => void> = {
    'is no database': (path) => writeFileSync(path, 'Dear diary, '.repeat(1000)),
    'is truncated': (path) => truncateSync(path, 40_000),
    'fails the quick check': (path) => {
      const bytes = readFileSync(path);
      bytes.fill(0xaa, 4096 * 2, 4096 * 12);
      writeFileSync(path, bytes);
    },
  };
  it.each(Object.entries(damages))('sets a file aside that %s, and begins a fresh one', async (_, damage) => {
    const path = temporaryFile();
    await fill(path, 100);
    damage(path);
    const damaged = readFileSync(path);
    const events: SetAside[] = [];
    const store = sqliteStore(path, { onSetAside: (event) => events.push(event) });
    expect(events).toHaveLength(1);
    expect(events[0]?.movedTo).toMatch(/portico\.db\.corrupt-\d{4}-/);
    expect(readFileSync(events[0]?.movedTo ?? '').equals(damaged)).toBe(true);
    expect(await store.get('row:1')).toBeUndefined();
    await store.set('k', Buffer.from('works'), 1000);
    expect(text(await store.get('k'))).toBe('works');
  });

  it('sets the -wal and -shm of a damaged file aside with it', () => {
    const path = temporaryFile();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'no database'.repeat(1000));
    writeFileSync(`${path}-wal`, 'a log');
    writeFileSync(`${path}-shm`, 'an index');
    const events: SetAside[] = [];
    sqliteStore(path, { onSetAside: (event) => events.push(event) });
    expect(readFileSync(`${events[0]?.movedTo}-wal`, 'utf8')).toBe('a log');
    expect(existsSync(`${events[0]?.movedTo}-shm`)).toBe(true);
  });

  it('sets a file aside whose damage shows only while running: that call fails closed, the next one works', async () => {
    const path = temporaryFile();
    await fill(path, 3000);
    const events: SetAside[] = [];
    const store = sqliteStore(path, { onSetAside: (event) => events.push(event) });
    const bytes = readFileSync(path);
    bytes.fill(0xaa, 4096 * 2);
    writeFileSync(path, bytes);
    // More than SQLite's page cache holds, so that it has to read what is damaged now.
    const walk = async () => {
      for await (const [key] of store.entries('row:')) expect(key).toContain('row:');
    };
    await expect(walk()).rejects.toMatchObject({ code: 'store_unavailable', status: 503 });
    expect(events).toHaveLength(1);
    await store.set('k', Buffer.from('works'), 1000);
    expect(text(await store.get('k'))).toBe('works');
  });

  it('leaves the fresh file alone that another process began after the damage', async () => {
    const path = temporaryFile();
    await fill(path, 3000);
    const events: SetAside[] = [];
    const onSetAside = (event: SetAside) => events.push(event);
    const [one, two] = [sqliteStore(path, { onSetAside }), sqliteStore(path, { onSetAside })];
    const bytes = readFileSync(path);
    bytes.fill(0xaa, 4096 * 2);
    writeFileSync(path, bytes);
    const walk = async (store: SqliteStore) => {
      for await (const [key] of store.entries('row:')) expect(key).toContain('row:');
    };
    await expect(walk(one)).rejects.toMatchObject({ code: 'store_unavailable' });
    await one.set('k', Buffer.from('fresh'), 1000);
    await expect(walk(two)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(text(await two.get('k'))).toBe('fresh');
    expect(events).toHaveLength(1);
  });

  it('refuses a file that a later version wrote, and leaves it as it is', async () => {
    const path = temporaryFile();
    await fill(path, 1);
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(() => new SqliteStore(path)).toThrow(expect.objectContaining({ code: 'store_schema_unknown' }));
    expect(readdirSync(dirname(path)).filter((name) => name.includes('corrupt'))).toEqual([]);
  });

  it('says store_unavailable when its file cannot be made or is closed', async () => {
    const path = temporaryFile();
    const unavailable = expect.objectContaining({ code: 'store_unavailable', status: 503 });
    mkdirSync(path, { recursive: true });
    expect(() => new SqliteStore(path)).toThrow(unavailable);
    const store = sqliteStore(temporaryFile());
    await store.close();
    await expect(store.get('k')).rejects.toEqual(unavailable);
  });
});

describe('openStore', () => {
  it('opens the store that the configuration names', async () => {
    const memory = await openStore({ kind: 'memory' });
    const sqlite = await openStore({ kind: 'sqlite', path: temporaryFile() });
    onTestFinished(async () => {
      await memory.close();
      await sqlite.close();
    });
    expect(memory).toBeInstanceOf(MemoryStore);
    expect(sqlite).toBeInstanceOf(SqliteStore);
  });
});
