import type { RequestFacts } from '../http/facts.ts';
import { json, methodNotAllowed, type Reply } from '../http/reply.ts';
import type { LiveSession } from '../session/live.ts';

/**
 * `GET /.auth/embed/context`, for the app's script: which page is around it. A message could claim any origin, so the session
 * tells. Readable for pages of ours only.
 */
export function contextReply(facts: RequestFacts, live: LiveSession | undefined): Reply {
  if (facts.method !== 'GET' && facts.method !== 'HEAD') return methodNotAllowed('GET, HEAD');
  const embed = live?.session.embed;
  return json(200, { embedded: embed !== undefined, app: embed?.app ?? null, origin: embed?.origin ?? null });
}
