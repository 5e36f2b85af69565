import type { GoogleProviderSettings } from '../../config/provider-settings.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Claims } from '../claims.ts';
import type { OidcQuirk } from '../oidc-quirk.ts';

export const GOOGLE_ISSUER = 'https://accounts.google.com';

export function google(settings: GoogleProviderSettings): OidcQuirk {
  const { hostedDomain, name } = settings;
  return {
    params: {
      // https://developers.google.com/identity/openid-connect/openid-connect#hd-param
      ...(hostedDomain === undefined ? {} : { hd: hostedDomain }),
      ...offline(settings),
    },
    // https://developers.google.com/identity/openid-connect/openid-connect#prompt
    chooseAccount: 'select_account',
    claims({ issuer, idToken, userInfo }) {
      // `hd` in the request only helps people to choose; anybody can take it out of the address.
      // https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
      if (hostedDomain !== undefined && idToken['hd'] !== hostedDomain) {
        throw new GatewayError(
          'wrong_domain',
          403,
          `provider "${name}": the account is not of ${hostedDomain}`,
          {
            publicMessage: `Only accounts of ${hostedDomain} may sign in here.`,
            publicHint: 'Start again with another account.',
          },
        );
      }
      return { issuer, idToken: { ...idToken, email_verified: isAuthoritative(idToken) }, userInfo };
    },
  };
}

/** A refresh token comes only with both: https://developers.google.com/identity/protocols/oauth2/web-server#offline */
function offline({ refreshTokens, prompt }: GoogleProviderSettings): Record<string, string> {
  if (refreshTokens !== true) return {};
  return {
    access_type: 'offline',
    prompt: [...new Set([...(prompt?.split(' ') ?? []), 'consent'])].join(' '),
  };
}

/**
 * Google owns the addresses at gmail.com and vouches for those of a Workspace; another may have changed hands since it
 * was verified. https://developers.google.com/identity/gsi/web/guides/verify-google-id-token
 */
function isAuthoritative({ email, email_verified: verified, hd }: Claims): boolean {
  if (verified !== true || typeof email !== 'string') return false;
  return /@gmail\.com$/i.test(email) || (typeof hd === 'string' && hd !== '');
}
