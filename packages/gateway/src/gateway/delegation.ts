import type { AssertionKeys } from '../assertion/keys.ts';
import type { BearerVerifier } from '../bearer/verifier.ts';
import type { Settings } from '../config/settings.ts';
import type { Clock, RandomBytes } from '../core/types.ts';
import { ApiTokens } from '../delegation/api-tokens.ts';
import { appAuthentication } from '../delegation/apps.ts';
import type { Delegation } from '../delegation/delegation.ts';
import { subjects } from '../delegation/subject.ts';
import { targets } from '../delegation/target.ts';
import type { GatedApp } from '../gate/sites.ts';
import type { IdentityProvider } from '../identity/provider.ts';
import type { TokenRefresher } from '../login/refresh.ts';
import type { Sessions } from '../session/sessions.ts';
import type { SessionStore } from '../session/store.ts';
import type { Audit } from '../telemetry/audit.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { apiTokenReport } from './api-token-report.ts';
import { credentialOf } from './apps.ts';

interface DelegationParts {
  readonly settings: Settings;
  readonly apps: readonly GatedApp[];
  readonly providers: ReadonlyMap<string, IdentityProvider>;
  readonly keys: AssertionKeys;
  readonly sessions: Sessions;
  /** Sessions of bearer tokens; absent when none are taken. */
  readonly bearer: Pick<BearerVerifier, 'bySid'> | undefined;
  readonly store: SessionStore;
  readonly refresher: TokenRefresher | undefined;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly audit: Audit;
  readonly metrics: Metrics;
  /** Before it no token can be had of the development provider. */
  readonly devReady: Promise<unknown> | undefined;
}

/** What apps may ask for on people's behalf; `close` waits for what is asked of providers. */
export function makeDelegation(parts: DelegationParts): Delegation & { close(): Promise<void> } {
  const { settings, apps, keys, sessions, bearer, refresher, log, audit, metrics, devReady } = parts;
  const tokens = new ApiTokens({
    ...parts,
    renewed: refresher && ((live) => refresher.renewed(live)),
    report: apiTokenReport(log, audit, metrics),
  });
  const subjectOf = subjects({
    keys,
    sessions: { bySid: async (sid) => (await bearer?.bySid(sid)) ?? sessions.bySid(sid) },
    issuer: settings.publicUrl,
  });
  return {
    authenticateApp: appAuthentication(
      apps.map((app) => ({
        name: app.settings.name,
        policy: app.policy,
        credential: credentialOf(app.settings, settings),
      })),
    ),
    async subjectOf(assertion, app) {
      await devReady?.catch(() => undefined);
      const live = await subjectOf(assertion, app);
      // An app may be the only one who uses the session; then identity, too, follows the provider by what it asks.
      void refresher?.renewed(live);
      return live;
    },
    apiOf: targets(settings.apis),
    tokens,
    close: () => tokens.close(),
  };
}
