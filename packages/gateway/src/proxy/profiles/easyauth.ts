import type { TokenSet } from '../../core/types.ts';
import { NAME_TYPE, ROLE_TYPE, userClaims } from './easyauth-claims.ts';
import { line, nameOf, type Profile } from './profile.ts';

/**
 * Azure App Service ("EasyAuth"), also Container Apps and Functions:
 * https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities
 */
export const easyAuth: Profile = {
  headers: [
    'X-MS-CLIENT-PRINCIPAL',
    'X-MS-CLIENT-PRINCIPAL-ID',
    'X-MS-CLIENT-PRINCIPAL-NAME',
    'X-MS-CLIENT-PRINCIPAL-IDP',
  ],
  lines({ identity, idp, tokens }) {
    const principal = {
      auth_typ: idp,
      claims: userClaims(identity, idp),
      name_typ: NAME_TYPE,
      role_typ: ROLE_TYPE,
    };
    return (
      line('X-MS-CLIENT-PRINCIPAL', Buffer.from(JSON.stringify(principal), 'utf8').toString('base64')) +
      line('X-MS-CLIENT-PRINCIPAL-ID', identity.subject) +
      line('X-MS-CLIENT-PRINCIPAL-NAME', nameOf(identity)) +
      line('X-MS-CLIENT-PRINCIPAL-IDP', idp) +
      (tokens === undefined ? '' : tokenLines(tokens, idp))
    );
  },
};

/**
 * https://learn.microsoft.com/azure/app-service/configure-authentication-oauth-tokens; the refresh token is never among
 * them: an app that used it would have the provider take the session for a stolen one (RFC 9700 section 4.14.2).
 */
function tokenLines({ idToken, accessToken, accessTokenExpiresAt }: TokenSet, idp: string): string {
  const prefix = `X-MS-TOKEN-${idp.toUpperCase().replace(/[^A-Z0-9]/g, '-')}`;
  return (
    line(`${prefix}-ID-TOKEN`, idToken) +
    line(`${prefix}-ACCESS-TOKEN`, accessToken) +
    line(`${prefix}-EXPIRES-ON`, expiresOn(accessTokenExpiresAt))
  );
}

/** @param at - milliseconds since the epoch */
export function expiresOn(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
