import { randomBytes, randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Identity } from '../../src/core/types.ts';
import { Sealer } from '../../src/session/seal.ts';
import { Sessions } from '../../src/session/sessions.ts';
import type { SessionStore } from '../../src/session/store.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { httpApp, stopApps } from '../gate/apps.ts';
import { type Answer, type Ask, ask } from '../gate/client.ts';
import {
  COOKIE,
  gatewayWith,
  SECRET,
  stopAll,
  type TestGateway,
  type TestGatewayOptions,
} from '../gate/gateway.ts';
import { CLIENT_ID, PERSON, startTokenProvider, type TokenProvider } from './token-provider.ts';

const HOUR = 3_600_000;
const LIMITS = { absolute: 24 * HOUR, idle: 24 * HOUR, refresh: true };
export const PATH = '/.auth/logout/corp/backchannel';
export const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Seconds since the epoch. */
export const now = (): number => Math.floor(Date.now() / 1000);

/** A gateway with an app and a provider that may say who is signed out. */
export interface BackChannel {
  readonly provider: TokenProvider;
  readonly store: SessionStore;
  readonly gateway: TestGateway;
  /** Another gateway, on the same store unless another is given. */
  another(options?: Partial<TestGatewayOptions>): Promise<TestGateway>;
  /** Signs the person in; returns the Cookie header. */
  signIn(providerSid?: string, identity?: Partial<Identity>, store?: SessionStore): Promise<string>;
  isSignedIn(cookie: string, gateway?: TestGateway): Promise<boolean>;
  /** Claims of a good logout token, with changes. */
  claims(more?: Record<string, unknown>): Record<string, unknown>;
  post(token: string, more?: Ask, gateway?: TestGateway): Promise<Answer>;
}

/** All of it ends with the test. */
export async function startBackChannel(
  options: Parameters<typeof startTokenProvider>[0] & { readonly gateway?: Partial<TestGatewayOptions> } = {},
): Promise<BackChannel> {
  const provider = await startTokenProvider(options);
  const store = new MemoryStore();
  const app = await httpApp((_request, response) => response.end('from the app'));
  new WebSocketServer({ server: app.server });
  onTestFinished(async () => {
    await stopAll();
    await stopApps();
    await provider.close();
  });
  const another = (more: Partial<TestGatewayOptions> = {}): Promise<TestGateway> =>
    gatewayWith({
      providers: [provider.settings],
      session: LIMITS,
      ...more,
      apps: [{ name: 'app', upstream: app.upstream }],
      options: { store, ...more.options },
    });
  const gateway = await another(options.gateway);
  return {
    provider,
    store,
    gateway,
    another,
    async signIn(providerSid, identity = {}, own = store) {
      const sealer = new Sealer([SECRET]);
      const sessions = new Sessions({
        store: own,
        sealer,
        clock: Date.now,
        random: randomBytes,
        limits: LIMITS,
        maxInMemory: 10,
      });
      const { cookieId } = await sessions.create({
        identity: {
          issuer: provider.issuer,
          subject: PERSON,
          provider: 'corp',
          roles: [],
          groups: [],
          ...identity,
        },
        tokens: {},
        ...(providerSid === undefined ? {} : { providerSid }),
      });
      return `${COOKIE}=${cookieId}`;
    },
    isSignedIn: async (cookie, place = gateway) => (await ask(place, '/', { cookie })).status === 200,
    claims: (more = {}) => ({
      iss: provider.issuer,
      aud: CLIENT_ID,
      iat: now(),
      exp: now() + 120,
      jti: randomUUID(),
      events: { [EVENT]: {} },
      sub: PERSON,
      ...more,
    }),
    post: (token, more = {}, place = gateway) =>
      ask(place, PATH, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ logout_token: token }).toString(),
        ...more,
      }),
  };
}
