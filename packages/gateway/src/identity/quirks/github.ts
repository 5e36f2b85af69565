import type { OAuthQuirk } from '../oauth-quirk.ts';
import { githubProfile } from './github-profile.ts';

/** Errors in GitHub's words. https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors */
const ERRORS: Readonly<Record<string, string>> = {
  incorrect_client_credentials: 'invalid_client',
  bad_verification_code: 'invalid_grant',
  bad_refresh_token: 'invalid_grant',
};

/**
 * GitHub, GitHub Enterprise Cloud and GitHub Enterprise Server, as an OAuth app or a GitHub App.
 *
 * @param url - `https://github.com`, or where the company's own GitHub is
 */
export function github({ url }: { readonly url: string }): OAuthQuirk {
  const api = apiOf(url);
  return {
    issuer: url,
    // https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
    authorizeUrl: `${url}/login/oauth/authorize`,
    tokenUrl: `${url}/login/oauth/access_token`,
    // GitHub names itself so in callbacks; Enterprise Server of older versions sends no `iss`.
    callbackIssuer: `${url}/login/oauth`,
    clientAuth: 'client_secret_post',
    // https://docs.github.com/rest/about-the-rest-api/api-versions
    headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
    hints: ({ prompt, loginHint }) => ({
      ...(prompt === undefined ? {} : { prompt }),
      ...(loginHint === undefined ? {} : { login: loginHint }),
    }),
    tokenAnswer: ({ error, scope, ...rest }) => ({
      ...rest,
      ...(typeof error === 'string' ? { error: ERRORS[error] ?? error } : {}),
      // Scopes come with commas between them.
      ...(typeof scope === 'string' ? { scope: scope.replaceAll(',', ' ') } : {}),
    }),
    profile: (asked) => githubProfile(asked, api),
    // https://docs.github.com/rest/apps/oauth-applications#delete-an-app-token
    revoke: ({ clientId, clientSecret = '', fetch }, accessToken) =>
      fetch(`${api}/applications/${encodeURIComponent(clientId)}/token`, {
        method: 'DELETE',
        headers: {
          accept: 'application/vnd.github+json',
          'user-agent': 'portico',
          authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        },
        body: JSON.stringify({ access_token: accessToken }),
      }),
  };
}

function apiOf(url: string): string {
  const { protocol, host } = new URL(url);
  // https://docs.github.com/enterprise-cloud@latest/admin/data-residency/about-github-enterprise-cloud-with-data-residency
  if (host === 'github.com' || host.endsWith('.ghe.com')) return `${protocol}//api.${host}`;
  // https://docs.github.com/enterprise-server@latest/rest/quickstart
  return `${url}/api/v3`;
}
