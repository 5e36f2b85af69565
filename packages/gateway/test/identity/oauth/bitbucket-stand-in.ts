import { basic, CLIENT_ID, Grants } from './grants.ts';
import type { Answer, Asked, Site } from './internet.ts';

export interface BitbucketStandIn {
  readonly grants: Grants;
  user: Record<string, unknown>;
  emails: object[];
  workspaces: object[];
  readonly web: Site;
  readonly api: Site;
}

/** https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/#api-user-get */
export const EMMA = {
  type: 'user',
  uuid: '{d301aafa-d676-4ee0-88be-962be7417567}',
  display_name: 'Emma Paris',
  nickname: 'emmap1',
  account_id: '557058:c0b72ad0-1cb5-4018-9cdc-0cde8492c443',
  created_on: '2020-05-05T12:34:56.000000+00:00',
};

/** https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/#api-user-emails-get */
export const EMMAS_EMAILS = [
  { type: 'email', email: 'emma@example.com', is_primary: true, is_confirmed: true },
  { type: 'email', email: 'emma@old.example.com', is_primary: false, is_confirmed: true },
];

/** https://developer.atlassian.com/cloud/bitbucket/rest/api-group-workspaces/#api-user-workspaces-get */
export const EMMAS_WORKSPACES = [
  {
    type: 'workspace_access',
    administrator: false,
    workspace: {
      type: 'workspace_base',
      uuid: '{9a355f56-0f59-41ea-ae7b-7e8c1f1b5a0d}',
      slug: 'bbworkspace1',
    },
  },
];

/** Bitbucket Cloud as developer.atlassian.com/cloud/bitbucket/oauth-2/ and …/rest/intro/ describe it. */
export function bitbucketStandIn(): BitbucketStandIn {
  const it: BitbucketStandIn = {
    grants: new Grants(),
    user: EMMA,
    emails: EMMAS_EMAILS,
    workspaces: EMMAS_WORKSPACES,
    web: (asked) => web(it, asked),
    api: (asked) => api(it, asked),
  };
  return it;
}

function web(it: BitbucketStandIn, { url, method, headers, body }: Asked): Answer | undefined {
  if (url.pathname === '/site/oauth2/authorize' && url.searchParams.get('client_id') === CLIENT_ID)
    return { status: 302, headers: { location: it.grants.approve(url.searchParams) } };
  if (url.pathname !== '/site/oauth2/access_token' || method !== 'POST') return undefined;
  const issued = it.grants.redeem(new URLSearchParams(body), basic(headers.authorization));
  if (issued === 'bad_client')
    return {
      status: 400,
      body: { error: 'unauthorized_client', error_description: 'Invalid OAuth client credentials' },
    };
  if (typeof issued === 'string')
    return {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'The specified code is not valid.' },
    };
  const { access_token, refresh_token, scope } = issued;
  return {
    body: {
      access_token,
      refresh_token,
      scopes: scope,
      token_type: 'bearer',
      state: 'authorization_code',
      expires_in: 7200,
    },
  };
}

function api(it: BitbucketStandIn, { url, headers }: Asked): Answer | undefined {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
  const scope = it.grants.tokens.get(bearer)?.scope.split(' ');
  const error = (status: number, message: string): Answer => ({
    status,
    body: { type: 'error', error: { message } },
  });
  if (scope === undefined) return error(401, 'Access token expired.');
  const needs = { '/2.0/user': 'account', '/2.0/user/emails': 'email', '/2.0/user/workspaces': 'account' };
  const needed = (needs as Record<string, string>)[url.pathname];
  if (needed === undefined) return undefined;
  if (!scope.includes(needed))
    return error(403, 'Your credentials lack one or more required privilege scopes.');
  if (url.pathname === '/2.0/user') return { body: it.user };
  const list = url.pathname === '/2.0/user/emails' ? it.emails : it.workspaces;
  const size = Math.min(100, Number(url.searchParams.get('pagelen') ?? 10));
  const page = Number(url.searchParams.get('page') ?? 1);
  const next = new URL(url);
  next.searchParams.set('page', String(page + 1));
  return {
    body: {
      pagelen: size,
      page,
      size: list.length,
      values: list.slice((page - 1) * size, page * size),
      ...(page * size < list.length ? { next: next.href } : {}),
    },
  };
}
