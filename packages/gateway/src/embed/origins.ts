import { GatewayError } from '../core/errors.ts';
import type { RequestFacts } from '../http/facts.ts';
import type { Reply } from '../http/reply.ts';
import type { EmbeddableApp } from './context.ts';

const METHODS = 'GET, POST';
const HEADERS = 'authorization, content-type';
/** Seconds for which a browser need not ask again; more than two hours none remembers. */
const REMEMBERED = '7200';

/**
 * The page around the app must be listed for it, and a browser that says which page asks must name the same.
 *
 * @param claimed - `Origin` or the origin of `Referer`, where the request has one
 * @throws GatewayError `origin_not_allowed` (403)
 */
export function checkOrigin(app: EmbeddableApp, origin: string, claimed: string | undefined): void {
  if (claimed !== undefined && claimed !== origin)
    throw originRefused('the request comes from another page than the one it names');
  if (!app.settings.embed.origins.includes(origin))
    throw originRefused(`its page is not in embed.origins of ${app.settings.name}`);
}

/** `origin_not_allowed` (403) */
export function originRefused(message: string): GatewayError {
  return new GatewayError('origin_not_allowed', 403, message, {
    publicMessage: 'This page may not show the app.',
    publicHint: 'Whoever runs the app can add the page’s origin to its list.',
  });
}

/**
 * Answers the question that browsers ask before a page sends a token to us (Fetch, CORS protocol). A page that is not listed
 * gets no permission, and so cannot even send.
 */
export function preflight(facts: RequestFacts, listed: ReadonlySet<string>): Reply | undefined {
  if (facts.method !== 'OPTIONS') return undefined;
  const known = listed.has(facts.header('origin') ?? '');
  const headers: Reply['headers'] = [
    ['access-control-allow-methods', METHODS],
    ['access-control-allow-headers', HEADERS],
    ['access-control-max-age', REMEMBERED],
  ];
  return { status: 204, headers: known ? headers : [], body: '' };
}

/** The reply, readable for pages of listed origins and nobody else. No cookie counts, so none is allowed. */
export function shared(reply: Reply, facts: RequestFacts, listed: ReadonlySet<string>): Reply {
  const origin = facts.header('origin') ?? '';
  const allowed: Reply['headers'] = listed.has(origin) ? [['access-control-allow-origin', origin]] : [];
  return { ...reply, headers: [...reply.headers, ['vary', 'Origin'], ...allowed] };
}
