import { BearerEnds } from '../bearer/ends.ts';
import { BearerUpkeep } from '../bearer/upkeep.ts';
import { BearerVerifier } from '../bearer/verifier.ts';
import type { Settings } from '../config/settings.ts';
import type { Clock, RandomBytes, SessionEnd } from '../core/types.ts';
import type { Bearer } from '../gate/outside.ts';
import { Tickets } from '../gate/tickets.ts';
import { roleMapper } from '../policy/roles.ts';
import type { Sockets } from '../proxy/sockets.ts';
import type { LiveSession } from '../session/live.ts';
import type { Sealer } from '../session/seal.ts';
import type { SessionStore } from '../session/store.ts';
import type { Log } from '../telemetry/log.ts';

interface BearerParts {
  readonly settings: Settings;
  readonly store: SessionStore;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly sockets: Pick<Sockets, 'sessionRenewed'>;
  /** What a cookie's session that ends is told to, too. */
  readonly onEnd: (live: LiveSession, reason: SessionEnd) => void;
  readonly log: Log;
}

/** Tokens in place of cookies. */
interface BearerTokens extends Bearer {
  readonly verifier: BearerVerifier;
  start(): void;
  close(): Promise<void>;
}

/** `undefined` where no issuer is believed: then nothing of it runs. */
export function bearerTokens(parts: BearerParts): BearerTokens | undefined {
  const { settings, store, sealer, clock, log } = parts;
  if (settings.bearer === undefined || settings.bearer.length === 0) return undefined;
  const { bearer: issuers, apps, roles = [] } = settings;
  const ends = new BearerEnds(store, sealer, clock);
  const verifier = new BearerVerifier({ issuers, apps, ends, clock, identify: roleMapper(roles) });
  verifier.onEnd(parts.onEnd);
  verifier.onRenew((live) => parts.sockets.sessionRenewed(live));
  const onError = (error: unknown): void => log.error({ err: error }, 'upkeep of bearer tokens failed');
  const upkeep = new BearerUpkeep({ verifier, ends, store, clock, onError });
  return {
    verifier,
    verify: (app, token) => verifier.verify(app, token),
    tickets: new Tickets(store, sealer, parts.random),
    start: () => upkeep.start(),
    close: () => upkeep.close(),
  };
}
