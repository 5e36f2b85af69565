import type { RequestFacts } from '../http/facts.ts';
import { json, methodNotAllowed, type Reply } from '../http/reply.ts';
import type { LiveSession } from '../session/live.ts';

/** `GET /.auth/session`: who am I. Never a token, and not the `sid`. `expires_at` is ISO 8601, the absolute end. */
export function sessionReply(facts: RequestFacts, live: LiveSession | undefined): Reply {
  if (facts.method !== 'GET' && facts.method !== 'HEAD') return methodNotAllowed('GET, HEAD');
  if (live === undefined) return json(401, { error: 'login_required', login: '/.auth/login' });
  const { identity, expiresAt } = live.session;
  return json(200, {
    user: identity.user ?? identity.subject,
    email: identity.email ?? null,
    name: identity.name ?? null,
    roles: identity.roles,
    groups: identity.groups,
    claims: identity.claims ?? {},
    provider: identity.provider,
    expires_at: new Date(expiresAt).toISOString(),
  });
}
