import { CLIENT_ID, Grants } from './grants.ts';
import type { Answer, Asked, Site } from './internet.ts';

export interface LegacyStandIn {
  readonly grants: Grants;
  user: Record<string, unknown>;
  readonly web: Site;
  readonly api: Site;
}

/** A company's own server of RFC 6749: no discovery, no ID token, a document that tells who a token is for. */
export function legacyStandIn(): LegacyStandIn {
  const it: LegacyStandIn = {
    grants: new Grants(),
    user: { id: 4711, login: 'ann', name: 'Ann Analyst', email: 'ann@example.com', groups: ['finance'] },
    web: (asked) => web(it, asked),
    api: ({ url, headers }) => {
      const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
      if (!it.grants.tokens.has(bearer)) return { status: 401, body: { error: 'invalid_token' } };
      return url.pathname === '/me' ? { body: it.user } : undefined;
    },
  };
  return it;
}

function web(it: LegacyStandIn, { url, body }: Asked): Answer | undefined {
  if (url.pathname === '/authorize' && url.searchParams.get('client_id') === CLIENT_ID)
    // An issuer that no configuration names.
    return {
      status: 302,
      headers: { location: it.grants.approve(url.searchParams, { iss: 'https://id.example.com/tenant' }) },
    };
  if (url.pathname !== '/token') return undefined;
  const form = new URLSearchParams(body);
  const issued = it.grants.redeem(form, { id: form.get('client_id'), secret: form.get('client_secret') });
  if (typeof issued === 'string')
    return { status: 400, body: { error: issued === 'bad_client' ? 'invalid_client' : 'invalid_grant' } };
  return { body: { ...issued, token_type: 'Bearer', expires_in: 3600, id_token: 'not.for.us' } };
}
