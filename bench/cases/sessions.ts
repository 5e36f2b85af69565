import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Sealer } from '../../packages/gateway/src/session/seal.ts';
import { Sessions } from '../../packages/gateway/src/session/sessions.ts';
import { SqliteStore } from '../../packages/gateway/src/session/stores/sqlite.ts';
import type { Options } from '../lib/options.ts';
import { startServer } from '../lib/server.ts';
import { databaseIn, portico, secret } from '../peers/portico.ts';
import type { FreshCase } from './case.ts';
import { measureGets } from './get.ts';

const HOUR = 3_600_000;

/**
 * Small GETs with this many sessions in the store. Before the measuring each makes one request, so that all are in
 * memory as after a day's work. Then `active` of them make requests in turn: a few show what the size of the store
 * costs, all show in addition what it costs that no processor's cache holds them.
 */
export function sessions(
  count: (options: Options) => number,
  active: (options: Options) => number = count,
): FreshCase {
  return {
    name: 'sessions',
    appliesTo: ({ name }) => name === portico.name,
    rounds: ({ rounds }) => Math.min(rounds, 2),
    async measure(peer, ground, options) {
      let cookies = '';
      const server = await startServer(peer, ground, {
        signIn: false,
        prepare: async ({ folder }) => {
          cookies = `${folder}/cookies`;
          writeFileSync(cookies, (await fill(databaseIn(folder), count(options))).join('\n'));
        },
      });
      try {
        const more = ['-cookies', cookies, '-active', `${active(options)}`];
        const values = await measureGets(server, options, more);
        const { startMilliseconds } = server;
        return { sessions: count(options), active: active(options), startMilliseconds, ...values };
      } finally {
        await server.stop();
      }
    },
  };
}

/** Signs in as many people as that, straight into the store. @returns their cookies. */
async function fill(path: string, count: number): Promise<string[]> {
  const store = new SqliteStore(path);
  const everybody = new Sessions({
    store,
    sealer: new Sealer([secret]),
    clock: Date.now,
    random: randomBytes,
    limits: { absolute: 24 * HOUR, idle: 12 * HOUR },
    maxInMemory: 1000,
  });
  const cookies: string[] = [];
  for (let n = 0; n < count; n++) {
    const { cookieId } = await everybody.create({
      identity: {
        issuer: 'http://127.0.0.1/',
        subject: `user-${n}`,
        provider: 'bench',
        email: `user-${n}@example.com`,
        name: `User ${n}`,
        roles: ['analyst'],
        groups: ['finance', 'north'],
      },
      tokens: {
        idToken: randomBytes(600).toString('base64url'),
        accessToken: randomBytes(32).toString('base64url'),
      },
    });
    cookies.push(`portico=${cookieId}`);
  }
  await everybody.close();
  await store.close();
  return cookies;
}
