import type { SessionEnd } from '../core/types.ts';
import type { Log } from './log.ts';

/** What is known of the request that an audit line is about. */
interface Asked {
  readonly requestId: string;
  readonly clientAddress: string;
}

interface Signed {
  /** The session's handle, never its cookie. */
  readonly sid: string;
  readonly provider: string;
  readonly subject: string;
  readonly email?: string | undefined;
}

type EmbedStep = 'code' | 'start' | 'renew' | 'end';

/** Who came, who went, who was turned away. Event names are stable: alerts and reports rely on them. */
export interface Audit {
  /** `sign_in` */
  signIn(event: Signed & Asked & { readonly app?: string | undefined }): void;
  /** `sign_in_failed`; `code` is that of the `GatewayError`. */
  signInFailed(event: Asked & { readonly code: string; readonly provider?: string | undefined }): void;
  /** `sign_out`, asked for by the person. */
  signOut(event: Signed & Asked): void;
  /** `token_accepted`: a bearer token, or a ticket, that had to be looked at; what is known by heart makes no line. */
  tokenAccepted(event: Signed & Asked & { readonly app: string }): void;
  /** `session_ended`, for whatever reason; follows a `sign_out`, too. */
  sessionEnded(event: { readonly sid: string; readonly reason: SessionEnd }): void;
  /** `api_token_issued`: a provider gave an access token for a declared API. */
  apiTokenIssued(event: Signed & { readonly api: string }): void;
  /** `api_token_refused`: it gives none to this person; `code` is that of the `GatewayError`. */
  apiTokenRefused(event: Signed & { readonly api: string; readonly code: string }): void;
  /** `api_called`: a declared API was called as this person; `path` is the one at the API, without its query. */
  apiCalled(
    event: Signed &
      Asked & {
        readonly app: string;
        readonly api: string;
        readonly method: string;
        readonly path: string;
        readonly status: number;
      },
  ): void;
  /**
   * `embed_code`, `embed_start`, `embed_renew`, `embed_end`: what a page of another site, its server or a frame in it asked for.
   * `origin` is that of the page.
   */
  embedded(step: EmbedStep, event: Signed & Asked & { readonly app: string; readonly origin: string }): void;
  /** `embed_refused`; `code` is that of the `GatewayError`, `origin` what the request claims. */
  embedRefused(
    event: Asked & {
      readonly step: EmbedStep;
      readonly code: string;
      readonly app?: string | undefined;
      readonly origin?: string | undefined;
    },
  ): void;
  /** `denied`; `path` without its query. */
  denied(
    event: Asked & {
      readonly app: string;
      readonly path: string;
      readonly reason: string;
      readonly sid?: string | undefined;
      readonly provider?: string | undefined;
      readonly subject?: string | undefined;
      readonly email?: string | undefined;
    },
  ): void;
}

/** Audit lines carry `audit: true` and are written at every log level. */
export function createAudit(log: Log): Audit {
  const lines = log.child({ audit: true }, { level: 'info' });
  return {
    signIn: (event) => lines.info({ event: 'sign_in', ...fields(event) }, 'signed in'),
    signInFailed: (event) => lines.warn({ event: 'sign_in_failed', ...fields(event) }, 'sign-in failed'),
    signOut: (event) => lines.info({ event: 'sign_out', ...fields(event) }, 'signed out'),
    tokenAccepted: (event) => lines.info({ event: 'token_accepted', ...fields(event) }, 'token accepted'),
    sessionEnded: (event) => lines.info({ event: 'session_ended', ...fields(event) }, 'session ended'),
    apiTokenIssued: (event) =>
      lines.info({ event: 'api_token_issued', ...fields(event) }, 'token for an API issued'),
    apiTokenRefused: (event) =>
      lines.warn({ event: 'api_token_refused', ...fields(event) }, 'token for an API refused'),
    apiCalled: (event) => lines.info({ event: 'api_called', ...fields(event) }, 'API called'),
    embedded: (step, event) => lines.info({ event: `embed_${step}`, ...fields(event) }, 'embedded session'),
    embedRefused: (event) =>
      lines.warn({ event: 'embed_refused', ...fields(event) }, 'embedded session refused'),
    denied: (event) => lines.warn({ event: 'denied', ...fields(event) }, 'denied'),
  };
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  requestId: 'request_id',
  clientAddress: 'client_address',
};

function fields(event: object): Record<string, unknown> {
  const named = Object.entries(event).map(([name, value]) => [FIELD_NAMES[name] ?? name, value]);
  return Object.fromEntries(named);
}
