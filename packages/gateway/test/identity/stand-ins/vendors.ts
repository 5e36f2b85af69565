import { type OpenIdStandIn, openId } from './openid.ts';

/** https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery, …/authenticate/login/logout */
export function auth0StandIn(): OpenIdStandIn {
  const domain = 'https://acme.eu.auth0.com';
  return openId({
    vendor: 'Auth0',
    issuer: `${domain}/`,
    endpoints: {
      authorization_endpoint: `${domain}/authorize`,
      token_endpoint: `${domain}/oauth/token`,
      jwks_uri: `${domain}/.well-known/jwks.json`,
      userinfo_endpoint: `${domain}/userinfo`,
      revocation_endpoint: `${domain}/oauth/revoke`,
    },
    metadata: {
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    },
    // https://auth0.com/docs/secure/tokens/id-tokens/id-token-structure
    idToken: {
      sub: 'auth0|507f1f77bcf86cd799439020',
      name: 'Jane Doe',
      email: 'jane@example.com',
      email_verified: true,
      'https://apps.example.com/roles': ['analyst'],
    },
  });
}

/** https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview; ID tokens are thin, UserInfo has the rest. */
export function oktaStandIn(server?: string): OpenIdStandIn {
  const domain = 'https://acme.okta.com';
  const base = server === undefined ? `${domain}/oauth2` : `${domain}/oauth2/${server}`;
  return openId({
    vendor: 'Okta',
    issuer: server === undefined ? domain : base,
    endpoints: {
      authorization_endpoint: `${base}/v1/authorize`,
      token_endpoint: `${base}/v1/token`,
      jwks_uri: `${base}/v1/keys`,
      userinfo_endpoint: `${base}/v1/userinfo`,
      end_session_endpoint: `${base}/v1/logout`,
      revocation_endpoint: `${base}/v1/revoke`,
      pushed_authorization_request_endpoint: `${base}/v1/par`,
    },
    metadata: {
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    },
    idToken: { sub: '00uid4BxXw6I6TV4m0g3', ver: 1, jti: 'ID.1', amr: ['pwd'], idp: '00ok1u7AsAkrwdZL3z0g' },
    // https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/tag/OrgAS/#operation/userinfo
    userInfo: {
      name: 'John Doe',
      preferred_username: 'john.doe@example.com',
      email: 'john.doe@example.com',
      email_verified: true,
      groups: ['Everyone', 'Finance'],
    },
  });
}

/** https://developers.google.com/identity/openid-connect/openid-connect */
export function googleStandIn(): OpenIdStandIn {
  return openId({
    vendor: 'Google',
    issuer: 'https://accounts.google.com',
    endpoints: {
      authorization_endpoint: 'https://accounts.google.com/o/oauth2/v2/auth',
      token_endpoint: 'https://oauth2.googleapis.com/token',
      jwks_uri: 'https://www.googleapis.com/oauth2/v3/certs',
      userinfo_endpoint: 'https://openidconnect.googleapis.com/v1/userinfo',
      revocation_endpoint: 'https://oauth2.googleapis.com/revoke',
    },
    metadata: { token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'] },
    idToken: {
      sub: '110169484474386276334',
      azp: 'portico-client',
      hd: 'example.com',
      email: 'jsmith@example.com',
      email_verified: true,
      name: 'J. Smith',
    },
  });
}

/** https://www.keycloak.org/securing-apps/oidc-layers; roles are in the access token alone, as its mappers come. */
export function keycloakStandIn(): OpenIdStandIn {
  const realm = 'https://sso.example.com/realms/company';
  const protocol = `${realm}/protocol/openid-connect`;
  const sub = '0d4f6b2c-8a3e-4a4e-9d0b-1f2e3d4c5b6a';
  const it = openId({
    vendor: 'Keycloak',
    issuer: realm,
    endpoints: {
      authorization_endpoint: `${protocol}/auth`,
      token_endpoint: `${protocol}/token`,
      jwks_uri: `${protocol}/certs`,
      userinfo_endpoint: `${protocol}/userinfo`,
      end_session_endpoint: `${protocol}/logout`,
      revocation_endpoint: `${protocol}/revoke`,
      pushed_authorization_request_endpoint: `${protocol}/ext/par/request`,
    },
    metadata: {
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'client_secret_post'],
    },
    idToken: {
      sub,
      sid: 's-1',
      name: 'Ada Byron',
      preferred_username: 'ada',
      email: 'ada@example.com',
      email_verified: true,
    },
    userInfo: { groups: ['/finance', '/finance/eu'] },
  });
  it.accessToken = {
    typ: 'Bearer',
    azp: 'portico-client',
    sub,
    realm_access: { roles: ['offline_access', 'analyst'] },
    resource_access: { 'portico-client': { roles: ['editor'] }, account: { roles: ['manage-account'] } },
  };
  return it;
}

/** https://docs.gitlab.com/integration/openid_connect_provider/ */
export function gitlabStandIn(url = 'https://gitlab.com'): OpenIdStandIn {
  return openId({
    vendor: 'GitLab',
    issuer: url,
    endpoints: {
      authorization_endpoint: `${url}/oauth/authorize`,
      token_endpoint: `${url}/oauth/token`,
      jwks_uri: `${url}/oauth/discovery/keys`,
      userinfo_endpoint: `${url}/oauth/userinfo`,
      revocation_endpoint: `${url}/oauth/revoke`,
    },
    metadata: { token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'] },
    idToken: { sub: '1', auth_time: 1_700_000_000, groups_direct: ['acme/data'] },
    userInfo: {
      name: 'Sidney Jones',
      preferred_username: 'sidney',
      email: 'sidney@example.com',
      email_verified: true,
      groups: ['acme', 'acme/data'],
    },
  });
}

/** A provider of no special kind, with the strict wishes of FAPI 2: https://openid.net/specs/fapi-security-profile-2_0-final.html */
export function genericStandIn(): OpenIdStandIn {
  const issuer = 'https://id.example.com';
  return openId({
    vendor: 'Example ID',
    issuer,
    endpoints: {
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      userinfo_endpoint: `${issuer}/me`,
      end_session_endpoint: `${issuer}/logout`,
      pushed_authorization_request_endpoint: `${issuer}/par`,
    },
    metadata: {
      require_pushed_authorization_requests: true,
      authorization_response_iss_parameter_supported: true,
    },
    idToken: {
      sub: 'u-1',
      name: 'Grace',
      email: 'grace@example.com',
      email_verified: true,
      roles: ['r'],
      groups: ['g'],
    },
  });
}
