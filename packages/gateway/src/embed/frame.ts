import type { RequestFacts } from '../http/facts.ts';

/** Values of Sec-Fetch-Dest for a page that another page holds. Scripts cannot forge them. */
const FRAMES = new Set(['iframe', 'frame']);

/** Whether a page is for a frame. */
export function isFrame(facts: Pick<RequestFacts, 'header'>): boolean {
  return FRAMES.has(facts.header('sec-fetch-dest') ?? '');
}

/**
 * Whether the cookie of an embedded session may count for a request. Being `SameSite=None`, it comes along with whatever is
 * sent from anywhere inside the page around the app: a page counts in a frame, and everything else when a page of ours sent
 * it. Browsers that have partitioned cookies all say so.
 */
export function countsInFrame(facts: Pick<RequestFacts, 'kind' | 'header' | 'origin'>): boolean {
  if (facts.kind === 'page') return isFrame(facts);
  if (facts.kind === 'upgrade') return facts.header('origin') === facts.origin;
  return facts.header('sec-fetch-site') === 'same-origin';
}
