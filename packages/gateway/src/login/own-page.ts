import type { RequestFacts } from '../http/facts.ts';

/**
 * Whether a form was sent by a page of ours: another site must not be able to sign somebody out, nor in as somebody
 * else (security fact 11); `same-site` is not trusted either (fact 16).
 */
export function fromOurOwnPage(facts: Pick<RequestFacts, 'origin' | 'header'>): boolean {
  const origin = facts.header('origin');
  return origin === undefined ? facts.header('sec-fetch-site') === 'same-origin' : origin === facts.origin;
}
