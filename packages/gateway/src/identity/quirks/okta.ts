import type { OktaProviderSettings } from '../../config/provider-settings.ts';
import type { OidcQuirk } from '../oidc-quirk.ts';
import { audienceParameters } from '../token-for.ts';

/**
 * The organization's own authorization server, or a custom one:
 * https://developer.okta.com/docs/concepts/auth-servers/#available-authorization-server-types
 */
export function oktaIssuer({ domain, server }: OktaProviderSettings): string {
  return server === undefined ? domain : `${domain}/oauth2/${server}`;
}

/** Whose ID tokens are thin beside an access token, so that the groups come from UserInfo, as in every provider here. */
export function okta(): OidcQuirk {
  return {
    // https://developer.okta.com/docs/api/openapi/okta-oauth/guides/client-auth/#token-claims-for-client-authentication-with-client-secret-or-private-key-jwt
    assertionAudience: 'token_endpoint',
    // https://developer.okta.com/docs/guides/set-up-token-exchange/main/
    tokenParameters: audienceParameters,
  };
}
