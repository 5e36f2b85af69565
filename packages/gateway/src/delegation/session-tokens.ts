import type { ApiToken, Clock } from '../core/types.ts';
import type { LiveSession } from '../session/live.ts';
import type { SessionChange } from '../session/sessions.ts';
import { noToken, unavailable } from './provider-refusal.ts';
import { sessionOver } from './subject.ts';

/** Milliseconds before the end of an access token from which a caller waits for the next one. */
const WAIT_FROM = 10_000;

/** The access token of the sign-in itself, which the gateway renews anyway. */
export class SessionTokens {
  readonly #clock: Clock;
  readonly #renewed: ((live: LiveSession) => Promise<void>) | undefined;

  /** @param renewed - renews what is due and waits for that; absent when nothing is renewed */
  constructor(clock: Clock, renewed: ((live: LiveSession) => Promise<void>) | undefined) {
    this.#clock = clock;
    this.#renewed = renewed;
  }

  /** @throws GatewayError `invalid_grant` (400), `access_denied` (403), `temporarily_unavailable` (503) */
  async get(live: LiveSession): Promise<ApiToken> {
    const renewal = this.#renewed?.(live);
    const { accessTokenExpiresAt: soon = Number.POSITIVE_INFINITY } = live.session.tokens;
    if (this.#clock() >= soon - WAIT_FROM) await renewal;
    if (live.ended !== undefined) throw sessionOver('the session ended while its tokens were renewed');
    const { accessToken, accessTokenExpiresAt: end, refreshToken, scope } = live.session.tokens;
    if (accessToken === undefined) throw noToken('the sign-in brought no access token');
    const now = this.#clock();
    if (end !== undefined && now >= end) {
      if (this.#renewed === undefined || refreshToken === undefined)
        throw noToken(
          'the access token has ended and there is no way to renew it',
          'The token of the sign-in has ended and is not renewed: the person has to sign in again.',
        );
      const wait = Number.isFinite(live.refreshAt) ? live.refreshAt - now : undefined;
      throw unavailable({ name: 'the session' }, undefined, wait);
    }
    return {
      accessToken,
      ...(end === undefined ? {} : { expiresAt: end }),
      ...(scope === undefined ? {} : { scope }),
    };
  }

  /**
   * What to change for a token to be renewed before it is given out again.
   *
   * @param young - milliseconds; a token that is younger stays
   * @returns `undefined` when it is another one by now, or young, or cannot be renewed
   */
  without(live: LiveSession, token: ApiToken, young: number): SessionChange | undefined {
    const { tokens, renewedAt, createdAt } = live.session;
    const now = this.#clock();
    if (this.#renewed === undefined || tokens.refreshToken === undefined) return undefined;
    if (tokens.accessToken !== token.accessToken || now < (renewedAt ?? createdAt) + young) return undefined;
    return { tokens: { ...tokens, accessTokenExpiresAt: now } };
  }
}
