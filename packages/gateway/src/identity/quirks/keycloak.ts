import type { KeycloakProviderSettings } from '../../config/provider-settings.ts';
import { type Claims, claimAt, claimList } from '../claims.ts';
import type { OidcQuirk } from '../oidc-quirk.ts';
import { audienceParameters } from '../token-for.ts';

export function keycloakIssuer({ url, realm }: KeycloakProviderSettings): string {
  // https://www.keycloak.org/securing-apps/oidc-layers#_endpoints
  return `${url}/realms/${encodeURIComponent(realm)}`;
}

/** Places of roles: https://www.keycloak.org/docs/latest/server_admin/#_protocol-mappers */
export function keycloak({ clientId, rolesClaim, groupsClaim }: KeycloakProviderSettings): OidcQuirk {
  const rolesOf = (claims: Claims): string[] => [
    ...claimList(claimAt(claims, 'realm_access.roles')),
    ...claimList(claimAt(forClient(claims, clientId), 'roles')),
  ];
  return {
    // `audience` is the API's client ID: https://www.keycloak.org/securing-apps/token-exchange#_standard-token-exchange-request
    tokenParameters: audienceParameters,
    claims({ issuer, idToken, userInfo }, access) {
      // The built-in mappers put roles into the access token alone.
      const inToken = ownAccessToken(access.token, issuer, clientId, idToken['sub']);
      const roles = [idToken, userInfo, inToken].map(rolesOf).find((found) => found.length > 0);
      const groups = claimList(claimAt(idToken, groupsClaim) ?? claimAt(userInfo, groupsClaim));
      return {
        issuer,
        idToken: {
          ...idToken,
          ...(roles === undefined || claimAt(idToken, rolesClaim) !== undefined
            ? {}
            : { [rolesClaim]: roles }),
          // The Group Membership mapper writes the whole path, `/finance/eu`:
          // https://www.keycloak.org/docs/latest/server_admin/#proc-managing-groups_server_administration_guide
          [groupsClaim]: groups.map((group) => group.replace(/^\//, '')),
        },
        userInfo,
      };
    },
  };
}

/** A client's id may have dots, which are no path here. */
function forClient(claims: Claims, clientId: string): Claims {
  const clients = claims['resource_access'];
  if (typeof clients !== 'object' || clients === null || !Object.hasOwn(clients, clientId)) return {};
  const own = (clients as Claims)[clientId];
  return typeof own === 'object' && own !== null ? (own as Claims) : {};
}

/**
 * Claims of the access token, which came in the very answer whose ID token is verified, over TLS from the token endpoint
 * (the ground on which OpenID Connect Core section 3.1.3.7 does without a signature), and names issuer, client and
 * person again.
 */
function ownAccessToken(token: string, issuer: string, clientId: string, subject: unknown): Claims {
  const parts = token.split('.');
  if (parts.length !== 3) return {};
  try {
    const claims = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString()) as Claims | null;
    const ours =
      claims?.['iss'] === issuer && claims['azp'] === clientId && claims['sub'] === subject ? claims : {};
    return ours ?? {};
  } catch {
    return {};
  }
}
