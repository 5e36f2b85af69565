import { basic, CLIENT_ID, CLIENT_SECRET, Grants } from './grants.ts';
import type { Answer, Asked, Site } from './internet.ts';

export interface GithubStandIn {
  readonly grants: Grants;
  user: Record<string, unknown>;
  emails: object[];
  orgs: object[];
  teams: object[];
  /** A GitHub App whose tokens expire, rather than an OAuth app. */
  expiring: boolean;
  readonly web: Site;
  readonly api: Site;
}

/** https://docs.github.com/rest/users/users#get-the-authenticated-user, shortened to what is not a URL. */
export const OCTOCAT = {
  login: 'octocat',
  id: 1,
  node_id: 'MDQ6VXNlcjE=',
  type: 'User',
  site_admin: false,
  name: 'monalisa octocat',
  company: 'GitHub',
  email: 'octocat@github.com',
  two_factor_authentication: true,
};

/** https://docs.github.com/rest/users/emails#list-email-addresses-for-the-authenticated-user */
export const EMAILS = [{ email: 'octocat@github.com', verified: true, primary: true, visibility: 'public' }];

/** https://docs.github.com/rest/orgs/orgs#list-organizations-for-the-authenticated-user */
export const ORGS = [{ login: 'github', id: 1, node_id: 'MDEyOk9yZ2FuaXphdGlvbjE=' }];

/** https://docs.github.com/rest/teams/teams#list-teams-for-the-authenticated-user */
export const TEAMS = [
  {
    id: 1,
    name: 'Justice League',
    slug: 'justice-league',
    privacy: 'closed',
    permission: 'admin',
    organization: { login: 'github', id: 1, type: 'Organization' },
  },
];

/**
 * GitHub as its documentation describes it: docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps,
 * …/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors,
 * /apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens, /rest.
 *
 * @param url - `https://github.com`, or an Enterprise Server; there `web` answers the API too, below `/api/v3`
 */
export function githubStandIn(url: string): GithubStandIn {
  const it: GithubStandIn = {
    grants: new Grants(),
    user: OCTOCAT,
    emails: EMAILS,
    orgs: ORGS,
    teams: TEAMS,
    expiring: false,
    web: (asked) => web(it, url, asked),
    api: (asked) => api(it, asked, asked.url.pathname),
  };
  return it;
}

function web(it: GithubStandIn, url: string, asked: Asked): Answer | undefined {
  const { pathname, searchParams } = asked.url;
  if (pathname === '/login/oauth/authorize') {
    if (searchParams.get('client_id') !== CLIENT_ID) return { status: 404, body: 'Not Found' };
    return {
      status: 302,
      headers: { location: it.grants.approve(searchParams, { iss: `${url}/login/oauth` }) },
    };
  }
  if (pathname === '/login/oauth/access_token' && asked.method === 'POST') return token(it, asked);
  if (pathname.startsWith('/api/v3/')) return api(it, asked, pathname.slice('/api/v3'.length));
  return undefined;
}

/** Errors come with status 200. */
const ERRORS = {
  bad_client: ['incorrect_client_credentials', 'The client_id and/or client_secret passed are incorrect.'],
  bad_code: ['bad_verification_code', 'The code passed is incorrect or expired.'],
  bad_verifier: ['bad_verification_code', 'The code passed is incorrect or expired.'],
  bad_redirect_uri: [
    'redirect_uri_mismatch',
    'The redirect_uri MUST match the registered callback URL for this application.',
  ],
  bad_refresh_token: ['bad_refresh_token', 'The refresh token passed is incorrect or expired.'],
} as const;

function token(it: GithubStandIn, { body, headers }: Asked): Answer {
  const form = new URLSearchParams(body);
  const issued = it.grants.redeem(form, { id: form.get('client_id'), secret: form.get('client_secret') });
  const [error, error_description] = typeof issued === 'string' ? ERRORS[issued] : [];
  const fields: Record<string, string | number> =
    typeof issued === 'string'
      ? {
          error: error ?? '',
          error_description: error_description ?? '',
          error_uri: 'https://docs.github.com',
        }
      : {
          access_token: issued.access_token,
          token_type: 'bearer',
          scope: it.expiring ? '' : issued.scope.replaceAll(' ', ','),
          ...(it.expiring
            ? { expires_in: 28800, refresh_token: issued.refresh_token, refresh_token_expires_in: 15897600 }
            : {}),
        };
  if (headers.accept?.includes('json')) return { body: fields };
  const text = Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]);
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(text).toString(),
  };
}

function api(it: GithubStandIn, { method, url, headers, body }: Asked, path: string): Answer | undefined {
  if (headers['user-agent'] === undefined)
    return {
      status: 403,
      headers: { 'content-type': 'text/html' },
      body: 'Request forbidden by administrative rules.',
    };
  if (method === 'DELETE' && path === `/applications/${CLIENT_ID}/token`) {
    const { id, secret } = basic(headers.authorization);
    if (id !== CLIENT_ID || secret !== CLIENT_SECRET)
      return { status: 401, body: { message: 'Bad credentials' } };
    const { access_token } = JSON.parse(body) as { access_token: string };
    return it.grants.tokens.delete(access_token)
      ? { status: 204 }
      : { status: 404, body: { message: 'Not Found' } };
  }
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
  const granted = it.grants.tokens.get(bearer);
  if (granted === undefined) return { status: 401, body: { message: 'Bad credentials', status: '401' } };
  const may = (scope: string): boolean => it.expiring || granted.scope.split(/[ ,]/).includes(scope);
  if (path === '/user') return { body: it.user };
  if (path === '/user/emails')
    return may('user:email') ? page(it.emails, url) : { status: 404, body: { message: 'Not Found' } };
  const lists: Record<string, object[]> = { '/user/orgs': it.orgs, '/user/teams': it.teams };
  const list = lists[path];
  if (list === undefined) return undefined;
  return may('read:org')
    ? page(list, url)
    : {
        status: 403,
        body: { message: 'You need at least read:org scope or user scope to list your organizations.' },
      };
}

/** https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api */
function page(list: object[], { searchParams }: URL): Answer {
  const size = Math.min(100, Number(searchParams.get('per_page') ?? 30));
  const number = Number(searchParams.get('page') ?? 1);
  return { body: list.slice((number - 1) * size, number * size) };
}
