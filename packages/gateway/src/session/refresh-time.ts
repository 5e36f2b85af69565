import type { Session } from '../core/types.ts';

/** Milliseconds before its end when an access token is renewed at the latest; and the share of its life, if that is more. */
const MARGIN = 60_000;
const MARGIN_SHARE = 0.1;
/** Whatever a provider says of the life of its tokens, it is not asked more often than this. */
const SHORTEST_INTERVAL = 5_000;

/**
 * When the tokens of a session should be renewed: ahead of the access token's end, but not in the first half of its
 * life. `Infinity` when they cannot be (no refresh token) or need not be (nothing says that they end).
 */
export function refreshTime(session: Pick<Session, 'tokens' | 'createdAt' | 'renewedAt'>): number {
  const { refreshToken, accessTokenExpiresAt: end } = session.tokens;
  if (refreshToken === undefined || end === undefined) return Number.POSITIVE_INFINITY;
  const start = session.renewedAt ?? session.createdAt;
  const life = Math.max(0, end - start);
  const margin = Math.min(Math.max(MARGIN, life * MARGIN_SHARE), life / 2);
  return Math.max(end - margin, start + SHORTEST_INTERVAL);
}
