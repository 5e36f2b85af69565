import type { ProviderEvent } from '../login/context.ts';
import type { RefreshEvent } from '../login/refresh.ts';
import type { Log } from '../telemetry/log.ts';

/** A provider in trouble is worth a warning: people stay signed in, but what they may do is no longer renewed. */
export function logRefresh(log: Log): (event: RefreshEvent) => void {
  return (event) => {
    const { sid, identity } = event.session;
    const about = { sid, provider: identity.provider };
    if (event.kind === 'renewed') log.debug(about, 'tokens renewed');
    else if (event.kind === 'refused')
      log.info({ ...about, err: event.error }, 'the provider ended a session');
    else log.warn({ ...about, err: event.error }, 'tokens could not be renewed');
  };
}

/** What passed between the gateway and a provider behind a sign-out. */
export function logProvider(log: Log, event: ProviderEvent): void {
  const about = { request_id: event.requestId, provider: event.provider };
  if (event.kind === 'back-channel-logout')
    log.info({ ...about, sessions: event.count }, 'signed out at the provider');
  else if (event.kind === 'back-channel-refused')
    log.warn({ ...about, err: event.error }, 'a back-channel logout was refused');
  else log.warn({ ...about, err: event.error }, 'tokens could not be revoked at the provider');
}
