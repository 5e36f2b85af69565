import { refused } from '../bearer/refusal.ts';
import type { AppSettings, Settings } from '../config/settings.ts';
import { originOf } from '../core/origin.ts';
import type { EmbeddableApp, EmbedEvent, EmbedParts } from '../embed/context.ts';
import type { GateRequest } from '../gate/request.ts';
import type { Audit } from '../telemetry/audit.ts';
import type { Log } from '../telemetry/log.ts';
import { type Metrics, OWN_PAGES } from '../telemetry/metrics.ts';

/** Characters of an origin in the log; what a client claims may be of any length. */
const LONGEST_ORIGIN = 200;

/** What embedded sessions need; where no tokens are taken, there are no apps in it. */
export function embedParts(
  { apps, publicUrl }: Pick<Settings, 'apps' | 'publicUrl'>,
  {
    tokens,
    ...rest
  }: Omit<EmbedParts, 'apps' | 'tokens'> & { readonly tokens: EmbedParts['tokens'] | undefined },
): EmbedParts {
  const embeddable = apps
    .filter(isEmbeddable)
    .map((settings): [string, EmbeddableApp] => [
      settings.name,
      { settings, origin: originOf(settings, publicUrl) },
    ]);
  if (tokens !== undefined) return { ...rest, tokens, apps: new Map(embeddable) };
  const verify = (): never => {
    throw refused('No issuer is believed');
  };
  return { ...rest, tokens: { verify }, apps: new Map() };
}

function isEmbeddable(app: AppSettings): app is AppSettings & EmbeddableApp['settings'] {
  return app.bearer !== undefined && app.embed !== undefined;
}

/** Tells log, audit and metrics what came of a request for an embedded session. */
export function embedReport(
  log: Log,
  audit: Audit,
  metrics: Metrics,
  apps: ReadonlyMap<string, EmbeddableApp>,
): (event: EmbedEvent, request: GateRequest) => void {
  const count = metrics.counter(
    'portico_embed_steps_total',
    'Requests for embedded sessions: codes, starts, renewals and ends, by app and result.',
  );
  return (event, request) => {
    const { requestId, clientAddress } = request;
    const asked = { requestId, clientAddress };
    if (event.kind === 'refused') {
      const { step, error } = event;
      // A label and a line of the log name apps of the configuration, not whatever a client calls one.
      const app = event.app !== undefined && apps.has(event.app) ? event.app : undefined;
      const origin = event.origin?.slice(0, LONGEST_ORIGIN);
      const level = error.status >= 500 ? 'error' : 'warn';
      log[level]({ err: error, request_id: requestId, app, origin }, error.message);
      audit.embedRefused({ ...asked, step, code: error.code, app, origin });
      return count({ app: app ?? OWN_PAGES, step, result: 'refused' });
    }
    const { embed, session, kind } = event;
    const { provider, subject, email } = session.identity;
    const { app, origin } = embed;
    audit.embedded(kind, { ...asked, sid: session.sid, provider, subject, email, app, origin });
    count({ app, step: kind, result: 'ok' });
  };
}
