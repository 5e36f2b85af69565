import { logProvider } from '../gate/provider-log.ts';
import type { GateRequest } from '../gate/request.ts';
import type { LoginEvent } from '../login/context.ts';
import type { Audit } from '../telemetry/audit.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** Tells log, audit and metrics what came of a sign-in or sign-out, and of whose request. */
export function signInReport(
  log: Log,
  audit: Audit,
  metrics: Metrics,
): (event: LoginEvent, request: GateRequest) => void {
  return (event, request) => {
    const asked = { requestId: event.requestId, clientAddress: request.clientAddress };
    if (event.kind === 'sign-in-failed') {
      log.warn({ err: event.error, request_id: event.requestId }, event.error.message);
      audit.signInFailed({ ...asked, code: event.error.code, provider: event.provider });
      metrics.signIn(event.provider ?? 'unknown', 'failure');
      return;
    }
    if (event.kind !== 'sign-in' && event.kind !== 'sign-out') return logProvider(log, event);
    const { sid, identity } = event.session;
    const { provider, subject, email } = identity;
    const who = { ...asked, sid, provider, subject, email };
    if (event.kind === 'sign-out') return audit.signOut(who);
    audit.signIn(who);
    metrics.signIn(provider, 'success');
  };
}
