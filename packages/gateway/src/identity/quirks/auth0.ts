import type { Auth0ProviderSettings } from '../../config/provider-settings.ts';
import type { Claims } from '../claims.ts';
import type { OidcQuirk } from '../oidc-quirk.ts';
import { audienceParameters } from '../token-for.ts';

export function auth0Issuer({ domain }: Auth0ProviderSettings): string {
  // The slash is part of it: https://auth0.com/docs/secure/tokens/id-tokens/validate-id-tokens
  return `${domain}/`;
}

export function auth0({ domain, clientId, audience, namespace }: Auth0ProviderSettings): OidcQuirk {
  return {
    // Without it the access token is opaque and only for UserInfo:
    // https://auth0.com/docs/secure/tokens/access-tokens/get-access-tokens#control-access-token-audience
    params: audience === undefined ? {} : { audience },
    // https://auth0.com/docs/secure/tokens/refresh-tokens/multi-resource-refresh-token/configure-and-implement-multi-resource-refresh-token
    tokenParameters: audienceParameters,
    claims: ({ issuer, idToken, userInfo }) => ({
      issuer,
      idToken: withNamespace(idToken, namespace),
      userInfo: withNamespace(userInfo, namespace),
    }),
    // Tenants from before November 2023 may have RP-initiated logout switched off, and their own way always on:
    // https://auth0.com/docs/authenticate/login/logout/log-users-out-of-auth0
    endSessionUrl(postLogoutRedirectUri) {
      const url = new URL('/v2/logout', domain);
      url.searchParams.set('client_id', clientId);
      url.searchParams.set('returnTo', postLogoutRedirectUri);
      return url;
    },
  };
}

/** Claims that an Action adds need a URL as prefix: https://auth0.com/docs/secure/tokens/json-web-tokens/create-custom-claims */
function withNamespace(claims: Claims, namespace: string | undefined): Claims {
  if (namespace === undefined) return claims;
  const prefix = namespace.endsWith('/') ? namespace : `${namespace}/`;
  const own = ['roles', 'groups'].filter((name) => Object.hasOwn(claims, prefix + name));
  return { ...claims, ...Object.fromEntries(own.map((name) => [name, claims[prefix + name]])) };
}
