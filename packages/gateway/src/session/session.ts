import type { Session, SessionEnd } from '../core/types.ts';

/** How long a session lives, in milliseconds: from sign-in, and from the last sign of life. */
export interface SessionLimits {
  readonly absolute: number;
  readonly idle: number;
}

/**
 * Why a session is over at `now`, or `undefined` while it lives. The absolute end is the one written down at sign-in, and never
 * later than the limit of today, so that a shorter limit holds for old sessions too.
 */
export function sessionEnd(
  session: Session,
  lastSeenAt: number,
  now: number,
  limits: SessionLimits,
): SessionEnd | undefined {
  if (now >= session.expiresAt || now >= session.createdAt + limits.absolute) return 'expired';
  if (now >= lastSeenAt + limits.idle) return 'idle';
  return undefined;
}
