import type { BearerVerifier } from '../bearer/verifier.ts';
import type { AppSettings, EmbedSettings } from '../config/settings.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Clock, Embedded, RandomBytes, Session } from '../core/types.ts';
import type { CookieNames } from '../http/cookies.ts';
import type { Sealer } from '../session/seal.ts';
import type { Sessions } from '../session/sessions.ts';
import type { SessionStore } from '../session/store.ts';

/** An app that pages of other sites may show, signed in by their tokens. */
export interface EmbeddableApp {
  readonly settings: Pick<AppSettings, 'name' | 'at' | 'type'> & {
    readonly bearer: readonly string[];
    readonly embed: EmbedSettings;
  };
  /** Canonical, from the configuration. */
  readonly origin: string;
}

/** What a request was about: asking for a code, redeeming it, renewing, ending. */
export type EmbedStep = 'code' | 'start' | 'renew' | 'end';

/** What log, audit and metrics are told. The error is for the log and holds no secret. */
export type EmbedEvent =
  | {
      readonly kind: EmbedStep;
      readonly embed: Embedded;
      readonly session: Pick<Session, 'sid' | 'identity'>;
    }
  | {
      readonly kind: 'refused';
      readonly step: EmbedStep;
      /** As the request has it; nobody has vouched for it. */
      readonly origin: string | undefined;
      readonly app: string | undefined;
      readonly error: GatewayError;
    };

/** Everything that embedded sessions need, given once by the composition root. */
export interface EmbedParts {
  /** By name. */
  readonly apps: ReadonlyMap<string, EmbeddableApp>;
  readonly tokens: Pick<BearerVerifier, 'verify'>;
  readonly sessions: Pick<
    Sessions,
    'create' | 'end' | 'endEmbedded' | 'bySid' | 'loadEmbedded' | 'change' | 'reload'
  >;
  readonly store: SessionStore;
  readonly seal: Pick<Sealer, 'seal' | 'open' | 'sealText' | 'openText'>;
  readonly cookies: CookieNames;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** How long a session may live at most, in milliseconds. */
  readonly longest: number;
}

/** The same for one request. */
export interface EmbedContext extends EmbedParts {
  readonly report: (event: EmbedEvent) => void;
}

/** What the fields of a request's body or query say. */
export type Fields = Pick<URLSearchParams, 'getAll'>;

/** What a request brings beside its head. */
export interface Brought {
  readonly fields: Fields;
  /** The token in the `Authorization` header. */
  readonly token: string | undefined;
}
