import type { LiveSession } from '../session/live.ts';
import type { Sessions } from '../session/sessions.ts';
import { duplicateCookie, type EmbeddedCookies } from './embedded.ts';
import type { GateRequest } from './request.ts';
import { DUPLICATE, sessionCookie } from './session-cookie.ts';
import type { GatedApp } from './sites.ts';

type Found = LiveSession | undefined;

interface AskerParts {
  readonly sessions: Pick<Sessions, 'peek' | 'load'>;
  readonly embedded: Pick<EmbeddedCookies, 'session'>;
  readonly cookieName: string;
}

/** Who asks: by a token, by the cookie of a frame in another site's page, or by the ordinary one. */
export class Asker {
  readonly #parts: AskerParts;

  constructor(parts: AskerParts) {
    this.#parts = parts;
  }

  /**
   * The session that counts for a request to an app; at once when it is in memory. A token counts before a cookie, and a wrong one is
   * never made good by a cookie.
   *
   * @throws GatewayError `duplicate_session_cookie` (400), of the token, `store_unavailable` (503); the promise rejects
   * with the same
   */
  of(request: GateRequest, app: GatedApp): Found | Promise<Found> {
    if (app.outside === undefined) return this.byCookie(request);
    const session = app.outside.session(request);
    if (session !== undefined) return session;
    return this.#parts.embedded.session(request, app.settings.name) ?? this.byCookie(request);
  }

  /** By the ordinary cookie alone. */
  byCookie(request: GateRequest): Found | Promise<Found> {
    const cookie = sessionCookie(request.head.cookie, this.#parts.cookieName);
    if (cookie === DUPLICATE) throw duplicateCookie();
    if (cookie === undefined) return undefined;
    return this.#parts.sessions.peek(cookie) ?? this.#parts.sessions.load(cookie);
  }
}
