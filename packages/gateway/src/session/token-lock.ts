import { createHash } from 'node:crypto';
import type { LiveSession } from './live.ts';

/**
 * The store's lock for everything that uses or changes the tokens of a session, whatever they are for: a refresh token
 * that rotates works once (RFC 9700 section 4.14.2), and a session is written as a whole.
 */
export function tokenLock({ key }: Pick<LiveSession, 'key'>): string {
  return `refresh:${createHash('sha256').update(key).digest('base64url')}`;
}
