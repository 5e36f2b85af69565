import { randomBytes } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import type { OidcProviderSettings } from '../../../src/config/provider-settings.ts';
import type { TokenSet } from '../../../src/core/types.ts';
import { Sealer } from '../../../src/session/seal.ts';
import { Sessions } from '../../../src/session/sessions.ts';
import { MemoryStore } from '../../../src/session/stores/memory.ts';
import { type Answer, ask, NAVIGATION } from '../../gate/client.ts';
import { COOKIE, gatewayWith, ORIGIN, SECRET, type TestGateway } from '../../gate/gateway.ts';
import { type HostileProvider, SUBJECT, startHostileProvider, type Trick } from './provider.ts';

const HOUR = 3_600_000;
const LIMITS = { absolute: 24 * HOUR, idle: 24 * HOUR, refresh: true };

export interface World {
  readonly provider: HostileProvider;
  readonly gateway: TestGateway;
  /** From "Sign in" to the answer that ends it, in a browser of its own. */
  signIn(tamper?: (query: string) => string): Promise<Outcome>;
  /** Somebody who signed in two hours ago and whose access token ended an hour ago; the Cookie header. */
  signedInBefore(tokens?: TokenSet): Promise<string>;
}

export interface Outcome {
  /** The answer to the callback; that of the start when the provider was never reached. */
  readonly answer: Answer;
  /** Stable code of the refusal, from the log. */
  readonly code: string | undefined;
  /** Who is signed in, as `/.auth/session` says; undefined for nobody. */
  readonly who: Readonly<Record<string, unknown>> | undefined;
}

/** A whole gateway in this process and a provider with one trick; both end with the test. */
export async function world(trick: Trick = {}, more: Partial<OidcProviderSettings> = {}): Promise<World> {
  const provider = await startHostileProvider();
  provider.trick = trick;
  const store = new MemoryStore();
  const gateway = await gatewayWith({
    providers: [{ ...provider.settings, ...more }],
    session: LIMITS,
    apps: [{ name: 'app', upstream: { hostname: '127.0.0.1', port: 1 } }],
    options: { store },
  });
  onTestFinished(async () => {
    await gateway.stop();
    await provider.close();
  });
  return {
    provider,
    gateway,
    async signIn(tamper = (query) => query) {
      const logged = gateway.log.length;
      const jar = new Map<string, string>();
      const go = async (path: string): Promise<Answer> => {
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const answer = await ask(gateway, path, { headers: NAVIGATION, ...(cookie && { cookie }) });
        for (const line of answer.headers['set-cookie'] ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          if (value === '') jar.delete(name);
          else jar.set(name, value);
        }
        return answer;
      };
      const start = await go('/.auth/login/hostile?return_to=/.auth/session');
      let answer = start;
      if (start.status === 302) {
        const back = await fetch(start.headers.location ?? '', { redirect: 'manual' });
        const url = new URL(back.headers.get('location') ?? '');
        expect(url.origin + url.pathname).toBe(`${ORIGIN}/.auth/login/hostile/callback`);
        answer = await go(url.pathname + tamper(url.search));
      }
      const session = await go('/.auth/session');
      const signedIn = session.status === 200;
      expect(jar.has(COOKIE)).toBe(signedIn);
      const lines = gateway.log.slice(logged);
      const code = lines.map((line) => /"code":"(\w+)"/.exec(line)?.[1]).find((found) => found !== undefined);
      // Whatever happened: what opens something is in no log and on no page.
      const shown = lines.join('\n') + answer.text + session.text;
      for (const secret of provider.secrets) expect(shown.includes(secret)).toBe(false);
      return {
        answer,
        code,
        who: signedIn ? (JSON.parse(session.text) as Record<string, unknown>) : undefined,
      };
    },
    async signedInBefore(tokens = {}) {
      const sessions = new Sessions({
        store,
        sealer: new Sealer([SECRET]),
        clock: () => Date.now() - 2 * HOUR,
        random: randomBytes,
        limits: LIMITS,
        maxInMemory: 10,
      });
      const { cookieId } = await sessions.create({
        identity: {
          issuer: provider.issuer,
          subject: SUBJECT,
          provider: 'hostile',
          roles: ['before'],
          groups: [],
        },
        tokens: {
          accessToken: 'canary-old-access-token',
          refreshToken: 'canary-old-refresh-token',
          accessTokenExpiresAt: Date.now() - HOUR,
          ...tokens,
        },
      });
      return `${COOKIE}=${cookieId}`;
    },
  };
}
