import { randomBytes } from 'node:crypto';
import type { AppSettings, Settings } from '../../src/config/settings.ts';
import type { Identity } from '../../src/core/types.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../../src/gateway.ts';
import { Sealer } from '../../src/session/seal.ts';
import { Sessions } from '../../src/session/sessions.ts';
import type { SessionStore } from '../../src/session/store.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { createLog } from '../../src/telemetry/log.ts';

export const ORIGIN = 'https://apps.example.com';
export const HOST = 'apps.example.com';
export const COOKIE = '__Host-portico';
export const SECRET = 'canary-secret-0123456789-abcdefghijkl';

export const ANN: Identity = {
  issuer: 'https://login.example.com',
  subject: 'ann-1',
  provider: 'corp',
  email: 'ann@example.com',
  name: 'Ann Analyst',
  roles: ['analyst'],
  groups: ['finance'],
};

export interface TestGateway {
  readonly port: number;
  readonly gateway: Gateway;
  readonly store: SessionStore;
  /** Every line of the log, as JSON text. */
  readonly log: readonly string[];
  /** Signs somebody in, as another process on the same store would; returns the Cookie header. */
  signIn(identity?: Partial<Identity>, life?: { absolute: number }): Promise<string>;
  stop(): Promise<void>;
}

export interface TestGatewayOptions extends Partial<Omit<Settings, 'apps' | 'store' | 'session'>> {
  readonly session?: { readonly absolute: number; readonly idle: number; readonly refresh?: boolean };
  readonly apps?: readonly (Partial<AppSettings> & Pick<AppSettings, 'name'>)[];
  readonly options?: Partial<GatewayOptions>;
  readonly onStore?: (store: MemoryStore) => SessionStore;
}

const HOUR = 3_600_000;
const running = new Set<TestGateway>();

/** A whole gateway in this process, listening on a free port; TLS is imagined to end in front of it. */
export async function gatewayWith(options: TestGatewayOptions): Promise<TestGateway> {
  const { apps = [], options: parts, onStore, session, ...settings } = options;
  const memory = new MemoryStore();
  const store = parts?.store ?? onStore?.(memory) ?? memory;
  const log: string[] = [];
  const limits = session ?? { absolute: HOUR, idle: HOUR, refresh: true };
  const secrets = settings.secrets ?? [SECRET];
  const gateway = await startGateway(
    {
      publicUrl: ORIGIN,
      address: '127.0.0.1',
      port: 0,
      secrets,
      store: { kind: 'memory' },
      session: { refresh: false, ...limits },
      apis: [],
      providers: [],
      trustedProxies: [],
      log: { level: 'debug', format: 'json' },
      stateDir: '/nonexistent',
      drainSeconds: 5,
      ...settings,
      apps: apps.map(
        (app): AppSettings => ({
          title: app.name,
          at: '/',
          type: 'command',
          allow: [{ kind: 'everyone' }],
          rules: [],
          ...app,
        }),
      ),
    },
    {
      log: createLog({ level: 'debug', format: 'json' }, { write: (line) => void log.push(line) }),
      version: '0.0.0',
      writeAppLine: (line) => void log.push(line),
      colour: false,
      environment: process.env,
      ...parts,
      store,
    },
  );
  let stopped: Promise<void> | undefined;
  const test: TestGateway = {
    port: gateway.port,
    gateway,
    store,
    log,
    async signIn(identity = {}, life = limits) {
      const elsewhere = new Sessions({
        store: parts?.store ?? memory,
        sealer: new Sealer(secrets),
        clock: Date.now,
        random: randomBytes,
        limits: { ...limits, ...life },
        maxInMemory: 10,
      });
      const signedIn = { identity: { ...ANN, ...identity }, tokens: { accessToken: 'canary-access-token' } };
      const { cookieId } = await elsewhere.create(signedIn);
      return `${COOKIE}=${cookieId}`;
    },
    stop() {
      running.delete(test);
      stopped ??= gateway.stop();
      return stopped;
    },
  };
  running.add(test);
  return test;
}

/** For `afterEach`: nothing of a test outlives it. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((gateway) => gateway.stop()));
}
