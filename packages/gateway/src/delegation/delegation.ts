import type { ApiSettings } from '../config/settings.ts';
import type { ApiToken } from '../core/types.ts';
import type { Policy } from '../policy/decide.ts';
import type { LiveSession } from '../session/live.ts';
import type { Exchange } from '../wire/exchange.ts';

/** An app that has proved by its credential that it is this one. */
export interface DelegatedApp {
  readonly name: string;
  /** Who may enter it, and so for whom it may ask. */
  readonly policy: Policy;
}

/** Who asks, for whom, and what for: what stands in front of `/.auth/token` and `/.auth/api/…`. */
export interface Delegation {
  /**
   * The app behind `Authorization: Basic` (RFC 6749 section 2.3.1).
   *
   * @param authorization - the header's value
   * @throws GatewayError `invalid_client` (401)
   */
  authenticateApp(authorization: string | undefined): DelegatedApp;
  /**
   * The live session behind an assertion of this app, which may be expired. Does not count as use of the session.
   *
   * @throws GatewayError `invalid_grant` (400): the assertion is not ours or of another app, the session is over, or its
   * person may no longer enter the app; `store_unavailable` (503)
   */
  subjectOf(assertion: string, app: DelegatedApp): Promise<LiveSession>;
  /**
   * The declared API of this name.
   *
   * @throws GatewayError `invalid_target` (400): there is none, it is not for this app, or not for people of the
   * provider where this session began
   */
  apiOf(name: string, app: DelegatedApp, live: LiveSession): ApiSettings;
  readonly tokens: ApiTokenSource;
}

/** Access tokens for APIs, from the session's cache or the provider. */
export interface ApiTokenSource {
  /**
   * A token that is good for a while yet. However many ask at once, in however many processes, the provider is asked once.
   *
   * @param scopes - a subset of those declared; all of them when left out
   * @throws GatewayError `invalid_grant` (400) when the grant is over, and the session with it; `access_denied` (403)
   * when the provider gives no such token; `temporarily_unavailable` (503) with `retryAfter`; `store_unavailable` (503)
   */
  get(live: LiveSession, api: ApiSettings, scopes?: readonly string[]): Promise<ApiToken>;
  /**
   * The API has refused this token (401): it is not given out again. A token that is younger than five seconds stays,
   * so that an API which refuses everything does not become a flood at the provider. Does nothing when the session has
   * another one by now.
   */
  drop(live: LiveSession, api: ApiSettings, token: ApiToken, scopes?: readonly string[]): Promise<void>;
}

/** One request of an app to the gateway, at the public address or the internal one. */
export interface AppRequest {
  readonly exchange: Exchange;
  readonly requestId: string;
  readonly clientAddress: string;
}

/** What became of an `AppRequest`, for log and metrics. */
export interface AppRequestEnd {
  /** 0 when the client went away before its answer. */
  readonly status: number;
  readonly app?: string | undefined;
  readonly sid?: string | undefined;
  readonly error?: unknown;
}

/**
 * `ANY /.auth/api/<name>/…`: answers the exchange itself, with `refusalReply` where the API is not called.
 *
 * @param done - called once, when the answer has ended
 */
export type ApiCaller = (request: AppRequest, done: (end: AppRequestEnd) => void) => void;
