import type { ApiTokenEvent } from '../delegation/api-tokens.ts';
import type { Audit } from '../telemetry/audit.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** Tells log, audit and metrics what providers gave for APIs. */
export function apiTokenReport(log: Log, audit: Audit, metrics: Metrics): (event: ApiTokenEvent) => void {
  const count = metrics.counter(
    'portico_api_token_requests_total',
    'Requests to providers for access tokens for APIs, by API and result.',
  );
  return ({ kind, session, api, error }) => {
    const { sid, identity } = session;
    count({ api, result: kind });
    if (kind === 'failed') {
      const about = { err: error, sid, api, provider: identity.provider };
      return log.warn(about, 'a token for an API could not be had');
    }
    const who = { sid, provider: identity.provider, subject: identity.subject, email: identity.email };
    if (kind === 'issued') return audit.apiTokenIssued({ ...who, api });
    log.warn({ err: error, sid, api }, 'the provider gives no token for an API');
    audit.apiTokenRefused({ ...who, api, code: error?.code ?? '' });
  };
}
