import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_PERSONAS } from '../../../src/demo/settings.ts';
import { Sealer } from '../../../src/session/seal.ts';
import { Sessions } from '../../../src/session/sessions.ts';
import { openStore } from '../../../src/session/stores/open.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/**
 * A session of Ana's in the store of a running gateway, as if she had signed in `ago` milliseconds before now: nobody
 * wants to wait a week for one to expire.
 *
 * @param directory - where the gateway runs
 * @returns the Cookie header
 */
export async function cookieFrom(directory: string, ago: number): Promise<string> {
  const state = join(directory, '.portico');
  const clock = () => Date.now() - ago;
  const store = await openStore({ kind: 'sqlite', path: join(state, 'portico.db') }, { clock });
  try {
    const sessions = new Sessions({
      store,
      sealer: new Sealer([readFileSync(join(state, 'secret'), 'utf8').trim()]),
      clock,
      random: randomBytes,
      limits: { absolute: 7 * DAY, idle: 12 * HOUR },
      maxInMemory: 1,
    });
    const ana = DEMO_PERSONAS.find(({ id }) => id === 'ana');
    const { cookieId } = await sessions.create({
      identity: {
        issuer: 'https://id.example.com',
        subject: 'ana',
        provider: 'dev',
        email: 'ana@example.com',
        name: 'Ana Analyst',
        roles: ana?.roles ?? [],
        groups: ana?.groups ?? [],
      },
      tokens: {},
    });
    return `portico=${cookieId}`;
  } finally {
    await store.close();
  }
}
