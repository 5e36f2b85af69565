import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Persona } from '../../src/config/settings.ts';
import type { GatewayError } from '../../src/core/errors.ts';
import type { DevProvider } from '../../src/devidp/server.ts';
import { startDevProvider } from '../../src/devidp/server.ts';
import { CookieNames } from '../../src/http/cookies.ts';
import type { RequestFacts } from '../../src/http/facts.ts';
import { type Reply, text } from '../../src/http/reply.ts';
import { OidcProvider, type OidcSettings } from '../../src/identity/oidc.ts';
import { finishLogin } from '../../src/login/callback.ts';
import type { LoginContext, LoginEvent } from '../../src/login/context.ts';
import { logout, signedOut } from '../../src/login/logout.ts';
import { sessionReply } from '../../src/login/session-endpoint.ts';
import { singleCookie } from '../../src/login/single-cookie.ts';
import { startLogin } from '../../src/login/start.ts';
import type { LiveSession } from '../../src/session/live.ts';
import { Sealer } from '../../src/session/seal.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';

export const PERSONAS: readonly Persona[] = [
  {
    id: 'ada',
    name: 'Ada Admin',
    email: 'ada@example.com',
    description: 'Runs it all',
    roles: ['admin'],
    groups: ['it'],
  },
  { id: 'ann', name: 'Ann Analyst', email: 'ann@example.com', roles: ['analyst'], groups: ['finance', 'eu'] },
];

/** An API that the configuration declares. */
export const OWN_API = 'https://orders.example.com';

export const CLIENT_SECRET = 'canary-client-secret-canary-client-secret';

export interface TestGateway {
  readonly origin: string;
  readonly context: LoginContext;
  readonly sessions: Sessions;
  readonly store: MemoryStore;
  readonly events: LoginEvent[];
  readonly providers: Map<string, OidcProvider>;
  dev: DevProvider;
  /** @param tokenLifetime - milliseconds */
  restartDev(tokenLifetime?: number): Promise<void>;
  /** Milliseconds that the gateway's clock is ahead. */
  ahead: number;
  errors(): GatewayError[];
  provider(settings: Partial<OidcSettings> & { name: string }, via?: (url: URL) => URL): OidcProvider;
  close(): Promise<void>;
}

/** The handlers of sign-in behind a small HTTP server, with the real development provider, sessions and sealer. */
export async function startTestGateway(secret = 'a secret for tests'): Promise<TestGateway> {
  const events: LoginEvent[] = [];
  const providers = new Map<string, OidcProvider>();
  const store = new MemoryStore();
  const sealer = new Sealer([secret]);
  let route: (request: IncomingMessage, response: ServerResponse) => Promise<void> = async () => undefined;
  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;

  const startDev = (tokenLifetime = 3_600_000): Promise<DevProvider> =>
    startDevProvider({
      publicUrl: origin,
      address: '127.0.0.1',
      personas: PERSONAS,
      tokenLifetime,
      resources: [
        { identifier: OWN_API, scopes: ['orders.read'] },
        { identifier: 'not a URL', scopes: [] },
      ],
      secret,
      store,
      clients: [
        {
          clientId: 'portico',
          clientSecret: CLIENT_SECRET,
          redirectUris: [`${origin}/.auth/login/dev/callback`],
          postLogoutRedirectUris: [`${origin}/.auth/signed-out`],
        },
      ],
      onError: (error) => {
        throw error;
      },
    });
  const dev = await startDev();

  const clock = (): number => Date.now() + gateway.ahead;
  const sessions = new Sessions({
    store,
    sealer,
    clock,
    random: randomBytes,
    limits: { absolute: 8 * 3_600_000, idle: 3_600_000 },
    maxInMemory: 100,
  });
  const context: LoginContext = {
    providers,
    cookies: new CookieNames(false),
    seal: sealer,
    store,
    sessions,
    clock,
    random: randomBytes,
    report: (event) => events.push(event),
  };
  const gateway: TestGateway = {
    origin,
    context,
    sessions,
    store,
    events,
    providers,
    dev,
    ahead: 0,
    async restartDev(tokenLifetime) {
      await gateway.dev.close();
      gateway.dev = await startDev(tokenLifetime);
    },
    errors: () => events.flatMap((event) => (event.kind === 'sign-in-failed' ? [event.error] : [])),
    provider(settings, via) {
      const provider = new OidcProvider(
        {
          title: settings.name,
          issuer: dev.issuer,
          clientId: 'portico',
          clientSecret: CLIENT_SECRET,
          scope: 'openid profile email',
          extraParams: {},
          rolesClaim: 'roles',
          groupsClaim: 'groups',
          ...settings,
        },
        clock,
        via,
      );
      providers.set(provider.name, provider);
      return provider;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await gateway.dev.close();
      await store.close();
    },
  };
  gateway.provider({ name: 'dev' }, (url) => viaInternal(gateway.dev)(url));

  route = async (request, response) => {
    const url = request.url ?? '/';
    if (url.startsWith('/.auth/dev/')) return pass(gateway.dev, request, response);
    const facts = factsOf(origin, request);
    const cookie = singleCookie(facts.header('cookie'), context.cookies.session);
    const live = cookie === undefined ? undefined : await sessions.load(cookie);
    send(response, await answer(context, facts, live));
  };
  return gateway;
}

export function viaInternal(dev: { hostname: string; port: number }): (url: URL) => URL {
  return (url) => {
    const target = new URL(url);
    target.host = `${dev.hostname}:${dev.port}`;
    return target;
  };
}

function answer(
  context: LoginContext,
  facts: RequestFacts,
  live: LiveSession | undefined,
): Promise<Reply> | Reply {
  const [, , section, provider, callback] = facts.path.split('/');
  if (section === 'login' && callback === 'callback')
    return finishLogin(context, facts, provider ?? '', live);
  if (section === 'login') return startLogin(context, facts, provider, live);
  if (facts.path === '/.auth/logout') return logout(context, facts, live);
  if (facts.path === '/.auth/signed-out') return signedOut(context, facts);
  if (facts.path === '/.auth/session') return sessionReply(facts, live);
  return text(
    200,
    `app ${facts.path}${facts.query && `?${facts.query}`} for ${live?.session.identity.subject ?? 'nobody'}`,
  );
}

function factsOf(origin: string, request: IncomingMessage): RequestFacts {
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  return {
    requestId: 'request-1',
    method: request.method ?? 'GET',
    kind: 'page',
    origin,
    path,
    query,
    clientAddress: '127.0.0.1',
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
  };
}

function send(response: ServerResponse, reply: Reply): void {
  for (const [name, value] of reply.headers) response.appendHeader(name, value);
  response.statusCode = reply.status;
  response.end(reply.body instanceof Uint8Array ? reply.body : reply.body.toString());
}

async function pass(dev: DevProvider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const upstream = httpRequest({
    host: dev.hostname,
    port: dev.port,
    path: request.url,
    method: request.method,
    headers: { ...request.headers, 'x-forwarded-proto': 'http' },
  });
  request.pipe(upstream);
  const [incoming] = (await once(upstream, 'response')) as [IncomingMessage];
  response.writeHead(incoming.statusCode ?? 500, incoming.headers);
  incoming.pipe(response);
}
