import { randomBytes } from 'node:crypto';
import type { AppProcess } from './apps/supervisor.ts';
import { ASSERTIONS, AssertionKeys } from './assertion/keys.ts';
import { mintAssertion } from './assertion/mint.ts';
import { SigningRings } from './assertion/rings.ts';
import type { Settings } from './config/settings.ts';
import { originsOf } from './core/origin.ts';
import type { ProviderLogout, SessionEnd } from './core/types.ts';
import type { DevProvider } from './devidp/server.ts';
import { AddressList } from './gate/addresses.ts';
import { AppDoor } from './gate/app-door.ts';
import { Asker } from './gate/asker.ts';
import { devRoute } from './gate/dev-route.ts';
import { EmbedDoor } from './gate/embed-door.ts';
import { EmbeddedCookies } from './gate/embedded.ts';
import { Gate } from './gate/gate.ts';
import { Health } from './gate/health.ts';
import { jwksReply } from './gate/jwks.ts';
import { ownPages } from './gate/own-pages.ts';
import { logRefresh } from './gate/provider-log.ts';
import type { GateRequest } from './gate/request.ts';
import { Sites } from './gate/sites.ts';
import { apiCalls } from './gateway/api-calls.ts';
import { type AppSurroundings, startApps } from './gateway/apps.ts';
import { bearerTokens } from './gateway/bearer.ts';
import { makeDelegation } from './gateway/delegation.ts';
import { startDev } from './gateway/dev.ts';
import { easyAuthOf } from './gateway/easyauth.ts';
import { embedParts, embedReport } from './gateway/embedding.ts';
import { callbacksOf, makeProviders, notesOf } from './gateway/providers.ts';
import { signInReport } from './gateway/sign-in-report.ts';
import { CookieNames } from './http/cookies.ts';
import { makeBrand } from './http/pages/index.ts';
import type { LoginContext } from './login/context.ts';
import { TokenRefresher } from './login/refresh.ts';
import { loadHooks } from './policy/load-hook.ts';
import { roleMapper } from './policy/roles.ts';
import { IdentityHeaders } from './proxy/identity-headers.ts';
import { APP_TIMEOUTS, type AppTimeouts, Pool } from './proxy/pool.ts';
import { profileLines } from './proxy/profiles/index.ts';
import { Sockets } from './proxy/sockets.ts';
import type { LiveSession } from './session/live.ts';
import { Sealer } from './session/seal.ts';
import { Sessions } from './session/sessions.ts';
import type { SessionStore } from './session/store.ts';
import { openStore } from './session/stores/open.ts';
import { createAccessLog } from './telemetry/access.ts';
import { createAudit } from './telemetry/audit.ts';
import type { Log } from './telemetry/log.ts';
import { Metrics, OWN_PAGES } from './telemetry/metrics.ts';
import { Listener } from './wire/listener.ts';

/** What a gateway gets from the process that runs it. */
export interface GatewayOptions extends AppSurroundings {
  readonly log: Log;
  readonly version: string;
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

/**
 * Builds every room and connects them; the only place that knows them all.
 *
 * @throws whatever keeps a room from starting; what had started before is stopped then
 */
export async function startGateway(settings: Settings, options: GatewayOptions): Promise<Gateway> {
  // Last opened, first closed: an app must not outlive a gateway that could not start.
  const opened = new AsyncDisposableStack();
  try {
    return await build(settings, options, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function build(
  settings: Settings,
  options: GatewayOptions,
  opened: AsyncDisposableStack,
): Promise<Gateway> {
  const { log, version } = options;
  const hooks = await loadHooks(settings.apps);
  const clock = Date.now;
  const store = options.store ?? (await openOwnStore(settings, log));
  opened.defer(() => store.close());
  const sealer = new Sealer(settings.secrets);
  const { absolute } = settings.session;
  const keys = await AssertionKeys.open(store, sealer, clock, { ...ASSERTIONS, keptFor: absolute });
  const rings = new SigningRings((use) => AssertionKeys.open(store, sealer, clock, use));
  const sessions = new Sessions({
    store,
    sealer,
    clock,
    random: randomBytes,
    limits: settings.session,
    maxInMemory: MAX_SESSIONS_IN_MEMORY,
    identify: roleMapper(settings.roles ?? []),
    onError: (error) => log.error({ err: error }, 'session upkeep failed'),
  });
  opened.defer(() => sessions.close());
  const audit = createAudit(log);
  const metrics = new Metrics(version);
  const sockets = new Sockets();
  const sessionEnded = (live: LiveSession, reason: SessionEnd): void => {
    sockets.sessionEnded(live, reason);
    metrics.sessionEnded(reason);
    audit.sessionEnded({ sid: live.session.sid, reason });
  };
  const bearer = bearerTokens({
    settings,
    store,
    sealer,
    clock,
    random: randomBytes,
    sockets,
    onEnd: sessionEnded,
    log,
  });
  opened.defer(() => bearer?.close());
  const inMemory = (): number => sessions.size + (bearer?.verifier.size ?? 0);
  metrics.gauge('portico_sessions_live', 'Sessions in memory.', inMemory);
  metrics.gauge(
    'portico_connections_held',
    'WebSockets, handshakes and streams open now.',
    () => sockets.count,
  );
  sessions.onEnd(sessionEnded);
  sessions.onRenew((live) => sockets.sessionRenewed(live));

  let dev: DevProvider | undefined;
  const origins = originsOf(settings.apps, settings.publicUrl);
  // What no other provider could tell us: a developer need not wait to see what an app makes of a change.
  const renewPerson = (subject: string): void => {
    const issuer = `${settings.publicUrl}/.auth/dev`;
    for (const live of sessions.inMemory({ issuer, subject })) void refresher?.renewNow(live, clock());
  };
  const devReady =
    settings.dev && startDev(settings, origins, store, log, renewPerson).then((started) => (dev = started));
  // Reported when somebody signs in; here it must not be an unhandled rejection.
  devReady?.catch((error: unknown) => log.error({ err: error }, 'the development provider did not start'));
  opened.defer(async () => (await devReady?.catch(() => undefined))?.close());
  const providers = await makeProviders(settings, () => dev, log);
  const cookies = new CookieNames(settings.publicUrl.startsWith('https:'));
  const endTokens = bearer && ((meant: ProviderLogout) => bearer.verifier.endLoggedOut(meant));
  const login = { providers, cookies, seal: sealer, store, sessions, endTokens, clock, random: randomBytes };
  const report = signInReport(log, audit, metrics);
  const loginFor = async (request: GateRequest): Promise<LoginContext> => {
    await devReady;
    return { ...login, report: (event) => report(event, request) };
  };
  const refresher = settings.session.refresh
    ? new TokenRefresher({ providers, sessions, store, clock, random: randomBytes, report: logRefresh(log) })
    : undefined;
  opened.defer(() => refresher?.close());

  // For apps on this machine; closed after they have stopped.
  const internal = new Listener({}, (exchange) => appDoor.handleInternal(exchange));
  const gatewayUrl = `http://127.0.0.1:${await internal.listen('127.0.0.1', 0)}`;
  opened.defer(() => internal.drain(0));
  const processes: AppProcess[] = [];
  opened.defer(async () => void (await Promise.all(processes.map((one) => one.stop(APP_STOP_GRACE)))));
  const apps = startApps(settings, hooks, metrics, options, gatewayUrl, bearer, processes);
  const sites = new Sites(settings, apps);
  const pool = new Pool(options.timeouts ?? APP_TIMEOUTS);
  opened.defer(() => pool.close());
  const health = new Health(store, apps);

  const easyAuth = easyAuthOf(settings);
  const brand = makeBrand(settings.branding);
  let requests = 0;
  const process = randomBytes(4).toString('hex');
  const nextRequestId = (): string => `${process}-${(++requests).toString(36)}`;
  const mint = async (live: LiveSession, audience: string): Promise<string> => {
    const { identity, sid } = live.session;
    const key = await keys.signingKey();
    return mintAssertion({ identity, sid, audience, issuer: settings.publicUrl, now: clock(), key });
  };
  const trustedProxies = new AddressList(settings.trustedProxies);
  const access = createAccessLog(log);
  const ownMetrics = metrics.app(OWN_PAGES);
  const delegation = makeDelegation({
    settings,
    apps,
    providers,
    keys,
    sessions,
    bearer: bearer?.verifier,
    store,
    refresher,
    clock,
    random: randomBytes,
    log,
    audit,
    metrics,
    devReady,
  });
  opened.defer(() => delegation.close());
  const calls = apiCalls({ settings, delegation, dev: () => dev, sockets, log, audit, metrics });
  opened.defer(() => calls.close());
  const appDoor = new AppDoor({
    tokens: { delegation, mint, clock },
    api: calls.caller,
    jwks: () => jwksReply(keys),
    trustedProxies,
    metrics: ownMetrics,
    log,
    access,
    nextRequestId,
  });
  const embed = embedParts(settings, {
    tokens: bearer,
    sessions,
    store,
    seal: sealer,
    cookies,
    clock,
    random: randomBytes,
    longest: absolute,
  });
  const gate = new Gate({
    sites,
    asker: new Asker({
      sessions,
      embedded: new EmbeddedCookies({ ...embed, sessions }),
      cookieName: cookies.session,
    }),
    identityHeaders: new IdentityHeaders(
      mint,
      profileLines(settings.apps, {
        sign: (ring, claims) => rings.sign(ring, claims),
        clock,
        issuer: settings.publicUrl,
        idpOf: easyAuth.idpOf,
      }),
    ),
    pool,
    sockets,
    refresher,
    trustedProxies,
    audit,
    ownMetrics,
    log,
    access,
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
      callbacks: callbacksOf(providers.values()),
      easyAuth: { ...easyAuth, refresher },
      rings,
      embed: new EmbedDoor(embed, embedReport(log, audit, metrics, embed.apps)),
      dev: devReady && devRoute({ pool, ready: devReady, brand, log }),
    }),
    appDoor,
    nextRequestId,
  });
  const listener = new Listener(settings, gate.handle);
  const port = await listener.listen(settings.address, settings.port);
  sessions.start();
  bearer?.start();

  return {
    port,
    processes,
    notes: notesOf(providers.values()),
    async stop() {
      health.draining = true;
      sockets.closeAll();
      await listener.drain(settings.drainSeconds * 1000);
      await opened.disposeAsync();
    },
  };
}

function openOwnStore(settings: Settings, log: Log): Promise<SessionStore> {
  return openStore(settings.store, {
    onSetAside: (event) =>
      log.error(
        { ...event },
        'the session store was damaged: it was set aside and a fresh one begun, so everybody signs in again',
      ),
  });
}
