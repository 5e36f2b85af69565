import type { Site } from '../oauth/internet.ts';
import { type OpenIdStandIn, openId } from './openid.ts';

export const TENANT = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
export const PERSON = '00aa00aa-bb11-cc22-dd33-44ee44ee44ee';

/** https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference */
export const ENTRA_CLAIMS = {
  iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
  tid: TENANT,
  oid: PERSON,
  name: 'Abe Lincoln',
  preferred_username: 'AbeLi@contoso.com',
  email: 'abeli@contoso.com',
  ver: '2.0',
  uti: 'kqUtLZFkQE6O5QO3Zt0JAA',
  roles: ['Reports.Read'],
  groups: ['eeeeeeee-4444-5555-6666-ffffffffffff'],
};

/** https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#groups-overage-claim */
export const OVERAGE = {
  _claim_names: { groups: 'src1' },
  _claim_sources: {
    src1: { endpoint: `https://graph.windows.net/${TENANT}/users/${PERSON}/getMemberObjects` },
  },
};

export interface EntraStandIn extends OpenIdStandIn {
  /** Groups of the person, a page each. */
  pages: string[][];
  /** `graph.microsoft.com` */
  readonly graph: Site;
}

/**
 * learn.microsoft.com/entra/identity-platform/v2-protocols-oidc, …/v2-oauth2-auth-code-flow, and for the groups
 * learn.microsoft.com/graph/api/user-list-transitivememberof with /graph/paging.
 *
 * @param path - a tenant's id or domain, or `organizations`
 */
export function entraStandIn(path: string = TENANT): EntraStandIn {
  const host = 'https://login.microsoftonline.com';
  const open = path === 'organizations';
  const it = openId({
    vendor: 'Microsoft',
    issuer: `${host}/${open ? '{tenantid}' : TENANT}/v2.0`,
    metadataUrl: `${host}/${path}/v2.0/.well-known/openid-configuration`,
    endpoints: {
      authorization_endpoint: `${host}/${path}/oauth2/v2.0/authorize`,
      token_endpoint: `${host}/${path}/oauth2/v2.0/token`,
      jwks_uri: `${host}/${path}/discovery/v2.0/keys`,
      end_session_endpoint: `${host}/${path}/oauth2/v2.0/logout`,
      userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
    },
    metadata: {
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
      tenant_region_scope: open ? null : 'EU',
      cloud_instance_name: 'microsoftonline.com',
    },
    idToken: ENTRA_CLAIMS,
  });
  const pages: string[][] = [['g-1', 'g-2'], ['g-3']];
  return Object.assign(it, {
    pages,
    graph: ({ url, headers }: Parameters<Site>[0]) => {
      const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
      const granted = it.grants.tokens.get(bearer)?.scope.split(' ');
      if (granted === undefined)
        return { status: 401, body: { error: { code: 'InvalidAuthenticationToken' } } };
      if (url.pathname !== '/v1.0/me/transitiveMemberOf/microsoft.graph.group') return undefined;
      if (!granted.includes('User.Read'))
        return { status: 403, body: { error: { code: 'Authorization_RequestDenied' } } };
      // https://learn.microsoft.com/graph/aad-advanced-queries: a cast needs both.
      if (headers['consistencylevel'] !== 'eventual' || url.searchParams.get('$count') !== 'true')
        return { status: 400, body: { error: { code: 'Request_UnsupportedQuery' } } };
      const page = Number(url.searchParams.get('$skiptoken') ?? 0);
      const following = new URL(url);
      following.searchParams.set('$skiptoken', String(page + 1));
      return {
        body: {
          '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#groups(id)',
          value: (it as EntraStandIn).pages[page]?.map((id) => ({ id })),
          ...(page + 1 < (it as EntraStandIn).pages.length ? { '@odata.nextLink': following.href } : {}),
        },
      };
    },
  });
}
