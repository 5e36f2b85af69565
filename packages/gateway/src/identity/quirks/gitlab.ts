import type { OidcQuirk } from '../oidc-quirk.ts';

/**
 * GitLab.com or a self-hosted GitLab, whose address is its issuer:
 * https://docs.gitlab.com/integration/openid_connect_provider/
 */
export function gitlab(): OidcQuirk {
  return {
    // UserInfo lists every group, the ID token only those that somebody is in directly:
    // https://docs.gitlab.com/integration/openid_connect_provider/#shared-information
    claims: ({ issuer, idToken, userInfo }) => ({
      issuer,
      idToken: {
        ...idToken,
        ...(idToken['groups'] === undefined && userInfo['groups'] === undefined
          ? { groups: idToken['groups_direct'] }
          : {}),
      },
      userInfo,
    }),
  };
}
