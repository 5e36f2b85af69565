import { GatewayError } from '../core/errors.ts';
import { isSamePerson } from '../core/same-person.ts';
import type { EmbedParts } from '../embed/context.ts';
import { countsInFrame, isFrame } from '../embed/frame.ts';
import { validFor } from '../embed/session.ts';
import type { LiveSession } from '../session/live.ts';
import type { Sessions } from '../session/sessions.ts';
import type { GateRequest } from './request.ts';
import { DUPLICATE, sessionCookie } from './session-cookie.ts';

type Found = LiveSession | undefined;
type Parts = Pick<EmbedParts, 'apps' | 'cookies'> & {
  readonly sessions: Pick<Sessions, 'load' | 'loadEmbedded'>;
};

/**
 * Which session counts for a request that brings the cookie of an embedded one, and maybe the ordinary one as well. Both come
 * only where the page around the app is of the same site as the gateway: elsewhere browsers keep them apart.
 */
export class EmbeddedCookies {
  readonly #parts: Parts;
  /** By app. */
  readonly #names: ReadonlyMap<string, string>;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { apps, cookies } = parts;
    this.#names = new Map([...apps.keys()].map((app) => [app, cookies.embedPrefix + app]));
  }

  /**
   * `undefined` for a request without such a cookie: then the ordinary one decides.
   *
   * @throws GatewayError `two_sessions` (409), `duplicate_session_cookie` (400), `store_unavailable` (503), as a rejection
   */
  session(request: GateRequest, app: string): Promise<Found> | undefined {
    const name = this.#names.get(app);
    const value = name === undefined ? undefined : sessionCookie(request.head.cookie, name);
    return value === undefined ? undefined : this.#find(request, app, value);
  }

  async #find(request: GateRequest, app: string, value: string | typeof DUPLICATE): Promise<Found> {
    const { sessions, cookies } = this.#parts;
    const ordinary = sessionCookie(request.head.cookie, cookies.session);
    if (value === DUPLICATE || ordinary === DUPLICATE) throw duplicateCookie();
    const own = ordinary === undefined ? undefined : await sessions.load(ordinary);
    const embedded = validFor(this.#parts, app, await sessions.loadEmbedded(value, app));
    const chosen = choose(request, own, embedded);
    request.embedder = chosen?.session.embed?.origin;
    return chosen;
  }
}

/**
 * A page outside of frames is the ordinary session's, one in a frame is the embedded one's. Of what a page then asks for nobody
 * can tell in which of the two it is: while both are the same person's, the embedded session counts, which opens only this app
 * and ends with the host's; for two people every guess would show or do something in the wrong name, so nothing goes on.
 *
 * @throws GatewayError `two_sessions` (409)
 */
export function choose(
  request: Pick<GateRequest, 'kind' | 'header' | 'origin'>,
  ordinary: Found,
  embedded: Found,
): Found {
  if (embedded === undefined) return ordinary;
  const counts = countsInFrame(request);
  if (ordinary === undefined) return counts ? embedded : undefined;
  // Sent by a page of another origin, and the ordinary cookie's own rules know what to make of that.
  if (!counts && request.kind !== 'page') return ordinary;
  if (!isSamePerson(ordinary.session.identity, embedded.session.identity)) throw twoSessions();
  return request.kind === 'page' && !isFrame(request) ? ordinary : embedded;
}

function twoSessions(): GatewayError {
  return new GatewayError('two_sessions', 409, 'an ordinary and an embedded session are of two people', {
    publicMessage: 'You are signed in here as two people: directly, and by another site that shows this app.',
    publicHint: 'Sign out of one of the two: here under /.auth/logout, or on that site.',
  });
}

/** `duplicate_session_cookie` (400): no rule says which of two is ours. */
export function duplicateCookie(): GatewayError {
  return new GatewayError('duplicate_session_cookie', 400, 'two session cookies in one request');
}
