/** Another process on the same SQLite file: `other-process.ts <command> <path> [argument]`, told to go on by a line on stdin. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Sealer } from '../../src/session/seal.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { SqliteStore } from '../../src/session/stores/sqlite.ts';

const [command, path = '', argument = ''] = process.argv.slice(2);
const store = new SqliteStore(path);

if (command === 'hold-lock') {
  await store.withLock('a lock', async () => {
    process.stdout.write('held\n');
    await once(process.stdin, 'data');
    await store.set('written-under-lock', Buffer.from('done'), 60_000);
  });
} else if (command === 'set') {
  await store.set(argument, Buffer.from('from afar'), 60_000);
} else if (command === 'revoke') {
  const sessions = new Sessions({
    store,
    sealer: new Sealer([process.env['TEST_SECRET'] ?? '']),
    clock: Date.now,
    random: randomBytes,
    limits: { absolute: 12 * 3_600_000, idle: 3_600_000 },
    maxInMemory: 1000,
  });
  process.stdout.write(`${await sessions.revoke(argument)}\n`);
}
process.stdin.destroy();
await store.close();
