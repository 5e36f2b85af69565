import { isObject } from '../../core/object.ts';
import type { Api, JsonObject } from '../api.ts';
import type { Claims } from '../claims.ts';
import { numberAsText } from '../subject.ts';

const PER_PAGE = 100;

/**
 * Who GitHub says that a token is for.
 *
 * @param base - of the REST API
 */
export async function githubProfile(api: Api, base: string): Promise<Claims> {
  const user = await api.get(`${base}/user`);
  // https://docs.github.com/rest/users/emails#list-email-addresses-for-the-authenticated-user
  const emails = await pages(api, `${base}/user/emails`);
  // https://docs.github.com/rest/orgs/orgs#list-organizations-for-the-authenticated-user
  const orgs = await pages(api, `${base}/user/orgs`);
  // https://docs.github.com/rest/teams/teams#list-teams-for-the-authenticated-user
  const teams = await pages(api, `${base}/user/teams`);
  const primary = emails.filter((one) => one['primary'] === true && one['verified'] === true);
  return {
    // The number stays when the login is renamed, and the old login can be somebody else's tomorrow.
    sub: numberAsText(user['id']),
    name: user['name'] ?? user['login'],
    preferred_username: user['login'],
    login: user['login'],
    ...(primary.length === 1 ? { email: primary[0]?.['email'], email_verified: true } : {}),
    groups: [...orgs.map((org) => org['login']), ...teams.map(teamName)],
  };
}

/** `acme/data-platform`: an organisation's login has no slash, so no team can look like one. */
function teamName({ slug, organization }: JsonObject): string | undefined {
  const login = isObject(organization) ? organization['login'] : undefined;
  return typeof login === 'string' && typeof slug === 'string' ? `${login}/${slug}` : undefined;
}

/** https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api */
function pages(api: Api, url: string): Promise<JsonObject[]> {
  let page = 1;
  const at = (number: number): string => `${url}?per_page=${PER_PAGE}&page=${number}`;
  return api.list(at(page), (values) => ({
    values,
    next: Array.isArray(values) && values.length === PER_PAGE ? at(++page) : undefined,
  }));
}
