import { randomBytes } from 'node:crypto';
import { BearerEnds, endOf } from '../bearer/ends.ts';
import type { ParsedCommand } from '../config/command-line.ts';
import { GatewayError } from '../core/errors.ts';
import { Sealer } from '../session/seal.ts';
import { Sessions } from '../session/sessions.ts';
import { openStore } from '../session/stores/open.ts';
import { printable } from '../telemetry/pretty.ts';
import { load } from './load.ts';

/** `portico sessions`: works on the store beside a running gateway, which notices within a second. */
export async function sessions(command: Extract<ParsedCommand, { command: 'sessions' }>): Promise<number> {
  const { settings } = await load({ options: command.options, purpose: 'sessions' });
  if (settings.store.kind === 'memory') {
    throw new GatewayError(
      'store_not_shared',
      500,
      'sessions in memory: cannot be reached from another process',
      {
        publicHint: 'Use store: sqlite:./portico.db, or restart the gateway to end all sessions.',
      },
    );
  }
  const store = await openStore(settings.store);
  try {
    const sealer = new Sealer(settings.secrets);
    const all = new Sessions({
      store,
      sealer,
      clock: Date.now,
      random: randomBytes,
      limits: settings.session,
      maxInMemory: 1,
    });
    if (command.action === 'list') return await list(all);
    // Bearer tokens are in no store: what is written down is that those issued until now are over.
    await new BearerEnds(store, sealer, Date.now).add(endOf(command.who, Date.now()));
    return await revoke(all, command.who, settings.bearer !== undefined);
  } finally {
    await store.close();
  }
}

async function list(sessions: Sessions): Promise<number> {
  const rows = [['SESSION', 'WHO', 'PROVIDER', 'SINCE', 'LAST SEEN', 'ENDS']];
  for await (const { session } of sessions.list()) {
    const { identity } = session;
    rows.push([
      session.sid,
      // A name from a provider must not steer the terminal.
      printable(identity.email ?? identity.subject),
      identity.provider,
      ...[session.createdAt, session.lastSeenAt, session.expiresAt].map((time) =>
        new Date(time).toISOString().slice(0, 16).replace('T', ' '),
      ),
    ]);
  }
  if (rows.length === 1) process.stdout.write('Nobody is signed in.\n');
  else {
    const widths =
      rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
    for (const row of rows)
      process.stdout.write(
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
      );
  }
  return 0;
}

/** @param bearer - whether apps take bearer tokens, too */
async function revoke(sessions: Sessions, who: string, bearer: boolean): Promise<number> {
  const count = await sessions.revoke(who);
  process.stdout.write(
    count === 0
      ? `No session of ${printable(who)}.\n`
      : `Ended ${count} ${count === 1 ? 'session' : 'sessions'}.\n`,
  );
  if (bearer)
    process.stdout.write(`Bearer tokens of ${printable(who)} that were issued until now are refused.\n`);
  return count === 0 && !bearer ? 1 : 0;
}
