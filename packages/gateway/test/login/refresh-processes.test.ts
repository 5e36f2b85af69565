import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { OidcProvider } from '../../src/identity/oidc.ts';
import { type RefreshEvent, TokenRefresher } from '../../src/login/refresh.ts';
import type { LiveSession } from '../../src/session/live.ts';
import { SECRET, sqliteStore, TestClock, temporaryFile, world } from '../session/fixtures.ts';
import { PERSON, startTokenProvider, type TokenProvider } from './token-provider.ts';

const HOUR = 3_600_000;
const LIMITS = { absolute: 1000 * HOUR, idle: 1000 * HOUR };
const SCRIPT = fileURLToPath(new URL('refreshing-process.ts', import.meta.url));

let provider: TokenProvider;
beforeEach(async () => {
  provider = await startTokenProvider();
});
afterEach(() => provider.close());

function identity() {
  return { issuer: provider.issuer, subject: PERSON, provider: 'corp', roles: ['analyst'], groups: [] };
}

/** A process that says `due`, waits to be told to go on, and says which access token it ended up with. */
function refreshing(path: string, cookieId: string) {
  const child = spawn(process.execPath, [SCRIPT, path, cookieId, JSON.stringify(provider.settings)], {
    env: { ...process.env, TEST_SECRET: SECRET },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    next: async () => (await lines.next()).value as string,
    go: () => child.stdin.write('go\n'),
  };
}

describe('security fact 9: across processes', () => {
  test('two on one SQLite file make one token request, and both go on with what it brought', async () => {
    const path = temporaryFile();
    const store = sqliteStore(path);
    const clock = new TestClock();
    clock.now = Date.now() - 2 * HOUR;
    const { sessions } = world({ store, clock: clock.read, limits: LIMITS });
    const { cookieId } = await sessions.create({ identity: identity(), tokens: await provider.tokens() });
    const processes = [refreshing(path, cookieId), refreshing(path, cookieId)];
    expect(await Promise.all(processes.map((one) => one.next()))).toEqual(['due', 'due']);
    for (const one of processes) one.go();
    const [first, second] = await Promise.all(processes.map((one) => one.next()));
    expect(first).toBe(second);
    expect(first).toMatch(/\S{20,}/);
    expect(provider.tokenRequests).toEqual(['refresh_token']);
  });

  test('rotated refresh tokens with reuse detection survive fifty rounds', async () => {
    // Days of the gateway's time; the provider's own clock stands nearly still.
    const here = world({ limits: LIMITS });
    const clock = here.clock.read;
    const events: RefreshEvent[] = [];
    const sides = [here.sessions, here.another()].map((sessions) => {
      const options = { sessions, store: here.store, clock, random: randomBytes };
      const providers = new Map([['corp', new OidcProvider(provider.settings, clock)]]);
      const refresher = new TokenRefresher({ ...options, providers, report: (event) => events.push(event) });
      return { sessions, refresher };
    });
    const tokens = await provider.tokens(clock());
    const { cookieId } = await here.sessions.create({ identity: identity(), tokens });
    const seen = new Set<string | undefined>();
    for (let round = 1; round <= 50; round++) {
      here.clock.advance(HOUR);
      const lives: LiveSession[] = [];
      for (const { sessions, refresher } of sides) {
        const live = await sessions.load(cookieId);
        if (live === undefined) throw new Error(`the session is gone in round ${round}`);
        lives.push(live);
        for (let request = 0; request < 3; request++) if (refresher.due(live, clock())) refresher.start(live);
      }
      await Promise.all(sides.map(({ refresher }) => refresher.close()));
      const [one, other] = lives.map((live) => live.session.tokens.refreshToken);
      expect(one).toBe(other);
      seen.add(one);
    }
    expect(events.filter(({ kind }) => kind !== 'renewed')).toEqual([]);
    expect(seen.size).toBe(50);
    expect(provider.tokenRequests).toHaveLength(50);
  });
});
