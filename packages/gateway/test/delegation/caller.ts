import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiSettings } from '../../src/config/settings.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { ApiToken } from '../../src/core/types.ts';
import { type ApiCall, apiCaller } from '../../src/delegation/call.ts';
import { ApiConnections, type ApiTimeouts } from '../../src/delegation/call-upstream.ts';
import type { AppRequestEnd, Delegation } from '../../src/delegation/delegation.ts';
import { compilePolicy } from '../../src/policy/decide.ts';
import { LiveSession } from '../../src/session/live.ts';
import { Listener } from '../../src/wire/listener.ts';
import { type Answer, type Ask, ask } from '../gate/client.ts';
import { ANN } from '../gate/gateway.ts';

/** What an app sends with each call. */
export const CREDENTIAL = `Basic ${Buffer.from('sales:app-secret').toString('base64')}`;
export const ASSERTION = 'canary-assertion';

export interface Caller {
  readonly port: number;
  readonly live: LiveSession;
  readonly calls: ApiCall[];
  readonly ends: AppRequestEnd[];
  readonly problems: unknown[];
  /** Tokens that were dropped, and what the next ones are. */
  readonly dropped: string[];
  readonly tokens: string[];
  /** Answers that are open now. */
  readonly open: Set<{ close(): void; allowed(): boolean }>;
  /** Runs before a token is given out. */
  beforeToken: () => void | Promise<void>;
  stop(): Promise<void>;
}

export interface TestApi {
  readonly origin: string;
  readonly server: Server;
  /** Requests that came, head only. */
  readonly seen: { method: string; url: string; headers: readonly string[] }[];
  stop(): Promise<void>;
}

const running = new Set<{ stop(): Promise<void> }>();

/** A real API, with everything noted that reaches it. */
export async function startApi(handler: RequestListener): Promise<TestApi> {
  const seen: TestApi['seen'] = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.rawHeaders });
    handler(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api: TestApi = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    seen,
    async stop() {
      running.delete(api);
      server.close();
      server.closeAllConnections();
    },
  };
  running.add(api);
  return api;
}

/** The real caller behind the real listener; who asks for whom is settled here. */
export async function startCaller(
  api: Partial<ApiSettings> & Pick<ApiSettings, 'url'>,
  timeouts: Partial<ApiTimeouts> = {},
): Promise<Caller> {
  const session = {
    sid: 'sid-1',
    identity: ANN,
    tokens: {},
    createdAt: 0,
    expiresAt: Number.POSITIVE_INFINITY,
    lastSeenAt: 0,
  };
  const declared: ApiSettings = {
    name: 'graph',
    provider: 'corp',
    scopes: [],
    grant: 'refresh',
    apps: ['sales'],
    ...api,
  };
  const policy = compilePolicy({
    name: 'sales',
    title: 'Sales',
    at: '/sales',
    allow: [{ kind: 'role', value: 'analyst' }],
    rules: [],
  });
  const caller: Caller = {
    port: 0,
    live: new LiveSession('key', session, 'v1'),
    calls: [],
    ends: [],
    problems: [],
    dropped: [],
    tokens: ['canary-token-1', 'canary-token-2', 'canary-token-3'],
    open: new Set(),
    beforeToken: () => undefined,
    async stop() {
      running.delete(caller);
      connections.close();
      await listener.drain(0);
    },
  };
  const delegation: Delegation = {
    authenticateApp(authorization) {
      if (authorization === CREDENTIAL) return { name: 'sales', policy };
      throw new GatewayError('invalid_client', 401, 'no such app', { publicMessage: 'Who are you?' });
    },
    async subjectOf(assertion) {
      if (assertion === ASSERTION) return caller.live;
      throw new GatewayError('invalid_grant', 400, 'no such session', { publicMessage: 'Over.' });
    },
    apiOf(name) {
      if (name === declared.name) return declared;
      throw new GatewayError('invalid_target', 400, 'no such API', { publicMessage: 'No such API.' });
    },
    tokens: {
      async get(): Promise<ApiToken> {
        await caller.beforeToken();
        return { accessToken: caller.tokens[0] ?? '' };
      },
      async drop(_live, _api, token) {
        caller.dropped.push(token.accessToken);
        if (caller.tokens[0] === token.accessToken && caller.tokens.length > 1) caller.tokens.shift();
      },
    },
  };
  const connections = new ApiConnections({ connect: 10_000, silence: 10_000, ...timeouts });
  const call = apiCaller({
    delegation,
    connections,
    reach: (url) => url,
    open: {
      add: (_live, answer) => void caller.open.add(answer),
      remove: (_live, answer) => void caller.open.delete(answer),
    },
    report: (one) => caller.calls.push(one),
    onProblem: (error) => caller.problems.push(error),
  });
  const listener = new Listener({}, (exchange) =>
    call({ exchange, requestId: 'r-1', clientAddress: '127.0.0.1' }, (end) => void caller.ends.push(end)),
  );
  Object.assign(caller, { port: await listener.listen('127.0.0.1', 0) });
  running.add(caller);
  return caller;
}

/** For `afterEach`: nothing of a test outlives it. */
export async function stopCallers(): Promise<void> {
  await Promise.all([...running].map((each) => each.stop()));
}

/** A call as the app makes it. */
export function call(caller: Caller, rest: string, { headers, ...more }: Ask = {}): Promise<Answer> {
  return ask(caller, `/.auth/api/graph${rest}`, {
    ...more,
    headers: { authorization: CREDENTIAL, 'portico-assertion': ASSERTION, ...headers },
  });
}
