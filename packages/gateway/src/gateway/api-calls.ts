import type { Settings } from '../config/settings.ts';
import type { Upstream } from '../core/types.ts';
import { apiCaller } from '../delegation/call.ts';
import { ApiConnections } from '../delegation/call-upstream.ts';
import type { ApiCaller, Delegation } from '../delegation/delegation.ts';
import type { Sockets } from '../proxy/sockets.ts';
import type { Audit } from '../telemetry/audit.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

interface ApiCallParts {
  readonly settings: Settings;
  readonly delegation: Delegation;
  /** Where the development provider is, once it has started. */
  readonly dev: () => Upstream | undefined;
  readonly sockets: Sockets;
  readonly log: Log;
  readonly audit: Audit;
  readonly metrics: Metrics;
}

/** What apps call through the gateway, told to audit and metrics; `close` gives the connections to APIs up. */
export function apiCalls({ settings, delegation, dev, sockets, log, audit, metrics }: ApiCallParts): {
  readonly caller: ApiCaller;
  close(): void;
} {
  const connections = new ApiConnections();
  const count = metrics.counter(
    'portico_api_calls_total',
    'Calls that APIs have answered, by app, API and class of status.',
  );
  const caller = apiCaller({
    delegation,
    connections,
    reach: (url) => {
      const inside = url.origin === settings.publicUrl && url.pathname.startsWith('/.auth/dev/');
      const at = inside ? dev() : undefined;
      return at === undefined ? url : new URL(`http://${at.hostname}:${at.port}`);
    },
    open: sockets,
    report: ({ identity, ...call }) => {
      const { provider, subject, email } = identity;
      count({ app: call.app, api: call.api, status: `${Math.floor(call.status / 100)}xx` });
      audit.apiCalled({ ...call, provider, subject, email });
    },
    onProblem: (error) => log.warn({ err: error }, 'no other token for an API that refused one'),
  });
  return { caller, close: () => connections.close() };
}
