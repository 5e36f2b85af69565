import type { EntraProviderSettings } from '../../config/provider-settings.ts';
import { GatewayError } from '../../core/errors.ts';
import { type Claims, claimList } from '../claims.ts';
import type { OidcQuirk } from '../oidc-quirk.ts';
import { groupsFromGraph, isOverage } from './entra-groups.ts';
import { entraScopes } from './entra-scopes.ts';

const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const WHOLE_ID = new RegExp(`^${ID}$`, 'i');
const TENANT_PATH = new RegExp(`^/${ID}/v2\\.0$`);

export function entraIssuer({ authority, tenant }: EntraProviderSettings): string {
  // https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#find-your-apps-openid-configuration-document-uri
  return `${authority}/${tenant}/v2.0`;
}

export function entra(settings: EntraProviderSettings): OidcQuirk {
  const { authority, tenant, tenants, domainHint } = settings;
  const oneIssuer = (issuer: string): boolean =>
    WHOLE_ID.test(tenant)
      ? issuer === `${authority}/${tenant}/v2.0`
      : issuer.startsWith(`${authority}/`) && TENANT_PATH.test(issuer.slice(authority.length));
  return {
    // A tenant's domain has metadata that names its id; `organizations` leaves the tenant open, to be filled from `tid`:
    // https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
    acceptsIssuer: (issuer) =>
      tenants === undefined ? oneIssuer(issuer) : issuer === `${authority}/{tenantid}/v2.0`,
    // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
    params: domainHint === undefined ? {} : { domain_hint: domainHint },
    // https://learn.microsoft.com/entra/identity-platform/certificate-credentials#claims-payload
    assertionAudience: 'token_endpoint',
    // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
    chooseAccount: 'select_account',
    // https://learn.microsoft.com/entra/identity-platform/userinfo#consider-using-an-id-token-instead
    asksUserInfo: false,
    tokenParameters: entraScopes,
    async claims({ idToken }, access) {
      const { tid, oid } = idToken;
      if (!isId(tid) || !isId(oid)) throw refused(settings, 'the ID token has no tid or oid');
      // Security fact 6: a tenant that anybody can open must not vouch for our people.
      if (tenants !== undefined && !tenants.includes(tid.toLowerCase()))
        throw refused(settings, `tenant ${tid} is not listed in tenants`);
      // `sub` differs from app to app; tid and oid name a person for good:
      // https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference#use-claims-to-reliably-identify-a-user
      const issuer = `${authority}/${tid.toLowerCase()}/v2.0`;
      const claims = { ...idToken, sub: oid.toLowerCase(), ...verifiedEmail(idToken) };
      if (!isOverage(idToken)) return { issuer, idToken: claims, userInfo: {} };
      const groups = settings.groupsFromGraph ? await groupsFromGraph(settings, access) : [];
      return { issuer, idToken: { ...claims, groups }, userInfo: {} };
    },
  };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && WHOLE_ID.test(value);
}

/**
 * `email` is whatever an administrator of any tenant typed, which let people in as others ("nOAuth"). It counts when
 * `xms_edov` says that the domain's owner was verified; the `verified_…` claims are so by definition.
 * https://learn.microsoft.com/entra/identity-platform/optional-claims-reference
 * https://learn.microsoft.com/entra/identity-platform/migrate-off-email-claim-authorization
 */
function verifiedEmail(claims: Claims): Claims {
  const edov = claims['xms_edov'];
  if (edov === true || edov === 1 || edov === '1' || edov === 'true') return { email_verified: true };
  const [email] = claimList(claims['verified_primary_email']);
  return email === undefined ? { email_verified: false } : { email, email_verified: true };
}

function refused({ name }: EntraProviderSettings, why: string): GatewayError {
  return new GatewayError('wrong_tenant', 403, `provider "${name}": ${why}`, {
    publicMessage: 'Your account belongs to an organization that may not sign in here.',
    publicHint: 'Start again with another account.',
  });
}
