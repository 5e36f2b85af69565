import { isObject } from '../../core/object.ts';
import type { Api, JsonObject } from '../api.ts';
import type { Claims } from '../claims.ts';
import type { OAuthQuirk } from '../oauth-quirk.ts';

const API = 'https://api.bitbucket.org/2.0';

/** Bitbucket Cloud. Bitbucket Data Center is a different product with other endpoints: `oauth2` reaches it. */
export function bitbucket(): OAuthQuirk {
  return {
    issuer: 'https://bitbucket.org',
    // https://developer.atlassian.com/cloud/bitbucket/oauth-2/
    authorizeUrl: 'https://bitbucket.org/site/oauth2/authorize',
    tokenUrl: 'https://bitbucket.org/site/oauth2/access_token',
    clientAuth: 'client_secret_basic',
    hints: () => ({}),
    // The scopes that were granted come as `scopes`.
    tokenAnswer: ({ scopes, ...rest }) => ({
      ...(typeof scopes === 'string' ? { scope: scopes } : {}),
      ...rest,
    }),
    profile,
  };
}

async function profile(api: Api): Promise<Claims> {
  // https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/#api-user-get
  const user = await api.get(`${API}/user`);
  // https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/#api-user-emails-get
  const emails = await api.list(`${API}/user/emails?pagelen=100`, page);
  // https://developer.atlassian.com/cloud/bitbucket/rest/api-group-workspaces/#api-user-workspaces-get
  const memberships = await api.list(`${API}/user/workspaces?pagelen=100`, page);
  const primary = emails.filter((one) => one['is_primary'] === true && one['is_confirmed'] === true);
  return {
    // Nicknames change and are given to others; the UUID stays.
    // https://developer.atlassian.com/cloud/bitbucket/bitbucket-api-changes-gdpr/
    sub: user['uuid'],
    name: user['display_name'] ?? user['nickname'],
    preferred_username: user['nickname'],
    account_id: user['account_id'],
    ...(primary.length === 1 ? { email: primary[0]?.['email'], email_verified: true } : {}),
    groups: memberships.map(({ workspace }) => (isObject(workspace) ? workspace['slug'] : undefined)),
  };
}

/** https://developer.atlassian.com/cloud/bitbucket/rest/intro/#pagination */
function page(body: unknown): { values: unknown; next: string | undefined } {
  const { values, next }: JsonObject = isObject(body) ? body : {};
  return { values, next: typeof next === 'string' ? next : undefined };
}
