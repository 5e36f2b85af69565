import { hkdfSync, randomBytes } from 'node:crypto';
import { BlockList } from 'node:net';
import { type AppProcess, supervise } from './apps/supervisor.ts';
import { AssertionKeys } from './assertion/keys.ts';
import { mintAssertion } from './assertion/mint.ts';
import type { AppSettings, ProviderSettings, Settings } from './config/settings.ts';
import type { GatewayError } from './core/errors.ts';
import type { DevProvider } from './devidp/server.ts';
import { type AppBackend, running } from './gate/backend.ts';
import { devRoute } from './gate/dev-route.ts';
import { Gate } from './gate/gate.ts';
import { Health } from './gate/health.ts';
import { ownPages } from './gate/own-pages.ts';
import { logProvider, logRefresh } from './gate/provider-log.ts';
import type { GateRequest } from './gate/request.ts';
import { type GatedApp, originOf, Sites } from './gate/sites.ts';
import { CookieNames } from './http/cookies.ts';
import { makeBrand } from './http/pages/index.ts';
import { createProvider } from './identity/create.ts';
import type { IdentityProvider } from './identity/provider.ts';
import { type LoginContext, type LoginEvent, redirectUriFor } from './login/context.ts';
import { TokenRefresher } from './login/refresh.ts';
import { compilePolicy } from './policy/decide.ts';
import { loadHooks } from './policy/load-hook.ts';
import { panelCookies } from './proxy/app-cookies.ts';
import { IdentityHeaders } from './proxy/identity-headers.ts';
import { APP_TIMEOUTS, type AppTimeouts, Pool } from './proxy/pool.ts';
import { Sockets } from './proxy/sockets.ts';
import { Sealer } from './session/seal.ts';
import { Sessions } from './session/sessions.ts';
import type { SessionStore } from './session/store.ts';
import { openStore } from './session/stores/open.ts';
import { createAccessLog } from './telemetry/access.ts';
import { createAudit } from './telemetry/audit.ts';
import type { Log } from './telemetry/log.ts';
import { Metrics, OWN_PAGES } from './telemetry/metrics.ts';
import { Listener } from './wire/listener.ts';

export interface GatewayOptions {
  readonly log: Log;
  readonly version: string;
  /** A line of an app's output, its name in front. */
  readonly writeAppLine: (line: string) => void;
  readonly colour: boolean;
  /** Environment that started apps inherit, less the gateway's own secrets. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names of variables that the configuration took secrets from. */
  readonly withheld?: readonly string[];
  /** Default `APP_TIMEOUTS`. */
  readonly timeouts?: AppTimeouts;
  /** Default: the one that the settings name. Closed by the gateway. */
  readonly store?: SessionStore;
}

/** A running gateway. */
export interface Gateway {
  readonly port: number;
  /** The apps that were started, in the order of the configuration. */
  readonly processes: readonly AppProcess[];
  /** What deserves attention in the providers, one sentence each. */
  readonly notes: readonly string[];
  /** Ends gracefully: no new connections, answers under way are finished, sockets get a Close frame, apps stop. */
  stop(): Promise<void>;
}

const MAX_SESSIONS_IN_MEMORY = 100_000;
const APP_STOP_GRACE = 5_000;
const DEV_PROVIDER = 'dev';

/** Builds every room and connects them; the only place that knows them all. */
export async function startGateway(settings: Settings, options: GatewayOptions): Promise<Gateway> {
  const { log, version } = options;
  const hooks = await loadHooks(settings.apps);
  const clock = Date.now;
  const store =
    options.store ??
    (await openStore(settings.store, {
      onSetAside: (event) =>
        log.error(
          { ...event },
          'the session store was damaged: it was set aside and a fresh one begun, so everybody signs in again',
        ),
    }));
  const sealer = new Sealer(settings.secrets);
  const keys = await AssertionKeys.open(store, sealer, clock);
  const sessions = new Sessions({
    store,
    sealer,
    clock,
    random: randomBytes,
    limits: settings.session,
    maxInMemory: MAX_SESSIONS_IN_MEMORY,
    onError: (error) => log.error({ err: error }, 'session upkeep failed'),
  });
  const audit = createAudit(log);
  const metrics = new Metrics(version);
  const sockets = new Sockets();
  metrics.gauge('portico_sessions_live', 'Sessions in memory.', () => sessions.size);
  metrics.gauge(
    'portico_connections_held',
    'WebSockets, handshakes and streams open now.',
    () => sockets.count,
  );
  sessions.onEnd((live, reason) => {
    sockets.sessionEnded(live, reason);
    metrics.sessionEnded(reason);
    audit.sessionEnded({ sid: live.session.sid, reason });
  });
  sessions.onRenew((live) => sockets.sessionRenewed(live));

  const processes: AppProcess[] = [];
  const apps: readonly GatedApp[] = settings.apps.map((app) => {
    const backend = backendOf(app, settings, options);
    if ('stop' in backend) processes.push(backend);
    return {
      settings: app,
      policy: compilePolicy(app, hooks.get(app.authorize ?? '')),
      backend,
      cookies: tellsByCookies(app) ? panelCookies(cookieSecretOf(app, settings)) : undefined,
      metrics: metrics.app(app.name),
    };
  });
  const sites = new Sites(settings, apps);
  const pool = new Pool(options.timeouts ?? APP_TIMEOUTS);
  const health = new Health(store, apps);

  let dev: DevProvider | undefined;
  const devReady = settings.dev && startDev(settings, sites, store, log).then((started) => (dev = started));
  // Reported when somebody signs in; here it must not be an unhandled rejection.
  devReady?.catch((error: unknown) => log.error({ err: error }, 'the development provider did not start'));
  const providers = await makeProviders(settings, () => dev, log);
  const cookies = new CookieNames(settings.publicUrl.startsWith('https:'));
  const login = { providers, cookies, seal: sealer, store, sessions, clock, random: randomBytes };
  const loginFor = async (request: GateRequest): Promise<LoginContext> => {
    await devReady;
    return { ...login, report: (event) => report(event, request) };
  };
  const report = (event: LoginEvent, request: GateRequest): void => {
    const asked = { requestId: event.requestId, clientAddress: request.clientAddress };
    if (event.kind === 'sign-in-failed') {
      log.warn({ err: event.error, request_id: event.requestId }, event.error.message);
      audit.signInFailed({ ...asked, code: event.error.code, provider: event.provider });
      metrics.signIn(event.provider ?? 'unknown', 'failure');
      return;
    }
    if (event.kind !== 'sign-in' && event.kind !== 'sign-out') return logProvider(log, event);
    const { sid, identity } = event.session;
    const who = {
      ...asked,
      sid,
      provider: identity.provider,
      subject: identity.subject,
      email: identity.email,
    };
    if (event.kind === 'sign-out') return audit.signOut(who);
    audit.signIn(who);
    metrics.signIn(identity.provider, 'success');
  };

  const refresher = settings.session.refresh
    ? new TokenRefresher({ providers, sessions, store, clock, random: randomBytes, report: logRefresh(log) })
    : undefined;

  const brand = makeBrand(settings.branding);
  let requests = 0;
  const process = randomBytes(4).toString('hex');
  const gate = new Gate({
    sites,
    sessions,
    cookieName: cookies.session,
    identityHeaders: new IdentityHeaders(async (live, audience) => {
      const { identity, sid } = live.session;
      const key = await keys.signingKey();
      return mintAssertion({ identity, sid, audience, issuer: settings.publicUrl, now: clock(), key });
    }),
    pool,
    sockets,
    refresher,
    trustedProxies: blockList(settings.trustedProxies),
    audit,
    ownMetrics: metrics.app(OWN_PAGES),
    log,
    access: createAccessLog(log),
    showAppLog: settings.dev !== undefined,
    brand,
    own: ownPages({
      brand,
      sites,
      health,
      metrics,
      keys,
      version,
      loginFor,
      callbacks: new Map(
        [...providers.values()].flatMap((one) =>
          one.kind === 'redirect' && one.redirectUri !== undefined ? [[one.redirectUri, one.name]] : [],
        ),
      ),
      dev: devReady && devRoute({ pool, ready: devReady, brand, log }),
    }),
    nextRequestId: () => `${process}-${(++requests).toString(36)}`,
  });
  const listener = new Listener(settings, gate.handle);
  const close = async (): Promise<void> => {
    pool.close();
    await Promise.all(processes.map((one) => one.stop(APP_STOP_GRACE)));
    await refresher?.close();
    await (await devReady?.catch(() => undefined))?.close();
    await sessions.close();
    await store.close();
  };
  const port = await listener.listen(settings.address, settings.port).catch(async (error: unknown) => {
    // The apps were started meanwhile: they must not outlive a gateway that could not listen.
    await close();
    throw error;
  });
  sessions.start();

  return {
    port,
    processes,
    notes: [...providers.values()].flatMap((one) => (one.kind === 'form' ? (one.notes ?? []) : [])),
    async stop() {
      health.draining = true;
      sockets.closeAll();
      await listener.drain(settings.drainSeconds * 1000);
      await close();
    },
  };
}

function backendOf(app: AppSettings, settings: Settings, options: GatewayOptions): AppBackend | AppProcess {
  if (app.upstream !== undefined) return running(app.upstream);
  return supervise(
    {
      name: app.name,
      type: app.type,
      argv: app.run ?? [],
      cwd: app.cwd ?? process.cwd(),
      ...(app.env === undefined ? {} : { env: app.env }),
      basePath: app.at,
      publicOrigin: originOf(app, settings.publicUrl),
      issuer: settings.publicUrl,
      signingSecret: derived(settings, `app-signing/${app.name}`),
      ...(tellsByCookies(app) ? { cookieSecret: cookieSecretOf(app, settings) } : {}),
    },
    {
      writeLine: options.writeAppLine,
      colour: options.colour,
      environment: options.environment,
      withheld: options.withheld ?? [],
      now: Date.now,
      random: randomBytes,
    },
  );
}

/** Panel reads who is there from signed cookies; only an app that we started has our secret for them. */
function tellsByCookies(app: AppSettings): boolean {
  return app.type === 'panel' && app.run !== undefined;
}

function cookieSecretOf(app: AppSettings, settings: Settings): string {
  return derived(settings, `app-cookies/${app.name}`);
}

/** Configured providers, and the development one where it is asked for. */
async function makeProviders(
  settings: Settings,
  dev: () => DevProvider | undefined,
  log: Log,
): Promise<ReadonlyMap<string, IdentityProvider>> {
  const onProblem = (error: GatewayError): void => log.error({ err: error }, error.message);
  const tools = { clock: Date.now, random: randomBytes, onProblem };
  const providers = await Promise.all(settings.providers.map((provider) => createProvider(provider, tools)));
  if (settings.dev !== undefined) {
    // Its public address may lead through a port forwarding that only the browser has.
    const fetchVia = (url: URL): URL =>
      new URL(url.pathname + url.search, `http://${dev()?.hostname}:${dev()?.port}`);
    providers.push(await createProvider(devClient(settings), { ...tools, fetchVia }));
  }
  return new Map(providers.map((provider) => [provider.name, provider]));
}

function devClient(settings: Settings): ProviderSettings {
  const issuer = `${settings.publicUrl}/.auth/dev`;
  return {
    name: DEV_PROVIDER,
    type: 'oidc',
    title: 'Development sign-in',
    place: issuer,
    issuer,
    clientId: 'portico',
    clientSecret: derived(settings, 'dev-client'),
    scope: 'openid profile email roles groups offline_access',
    extraParams: {},
    rolesClaim: 'roles',
    groupsClaim: 'groups',
  };
}

async function startDev(
  settings: Settings,
  sites: Sites,
  store: Parameters<typeof import('./devidp/server.ts').startDevProvider>[0]['store'],
  log: Log,
): Promise<DevProvider> {
  const { startDevProvider } = await import('./devidp/server.ts');
  const origins = sites.all.map((site) => site.origin);
  return startDevProvider({
    publicUrl: settings.publicUrl,
    address: settings.address,
    clients: [
      {
        clientId: 'portico',
        clientSecret: derived(settings, 'dev-client'),
        redirectUris: origins.map((origin) => redirectUriFor(origin, DEV_PROVIDER)),
        postLogoutRedirectUris: origins.map((origin) => `${origin}/.auth/signed-out`),
      },
    ],
    personas: settings.dev?.personas ?? [],
    secret: derived(settings, 'dev-provider'),
    store,
    onError: (error) => log.error({ err: error }, 'the development provider failed'),
  });
}

/** A secret for one purpose, so that none that leaves the process opens anything else. */
function derived(settings: Settings, purpose: string): string {
  return Buffer.from(
    hkdfSync('sha256', settings.secrets[0] ?? '', '', `portico v1 derived ${purpose}`, 32),
  ).toString('base64url');
}

function blockList(cidrs: readonly string[]): BlockList | undefined {
  if (cidrs.length === 0) return undefined;
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
