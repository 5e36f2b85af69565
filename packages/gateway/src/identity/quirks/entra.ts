import type { EntraProviderSettings } from '../../config/provider-settings.ts';
import { GatewayError } from '../../core/errors.ts';
import { type Claims, claimList } from '../claims.ts';
import type { Access, OidcQuirk } from '../oidc-quirk.ts';

const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const WHOLE_ID = new RegExp(`^${ID}$`, 'i');
const TENANT_PATH = new RegExp(`^/${ID}/v2\\.0$`);

/** National clouds: https://learn.microsoft.com/graph/deployments */
const GRAPHS: Readonly<Record<string, string>> = {
  'login.microsoftonline.us': 'https://graph.microsoft.us',
  'login.partner.microsoftonline.cn': 'https://microsoftgraph.chinacloudapi.cn',
};

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
    // https://learn.microsoft.com/entra/identity-platform/userinfo#consider-using-an-id-token-instead
    asksUserInfo: false,
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

/** https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference#groups-overage-claim */
function isOverage(claims: Claims): boolean {
  const names = claims['_claim_names'];
  const elsewhere = typeof names === 'object' && names !== null && 'groups' in names;
  return elsewhere || claims['hasgroups'] === true || claims['hasgroups'] === 'true';
}

/**
 * The token's own pointer (`_claim_sources`) leads to the retired Azure AD Graph, so it is not followed:
 * https://learn.microsoft.com/graph/api/user-list-transitivememberof
 */
async function groupsFromGraph(
  { authority, name }: EntraProviderSettings,
  access: Access,
): Promise<string[]> {
  const graph = GRAPHS[new URL(authority).hostname] ?? 'https://graph.microsoft.com';
  const api = access.api({ consistencylevel: 'eventual' });
  const path = '/v1.0/me/transitiveMemberOf/microsoft.graph.group?$count=true&$select=id&$top=999';
  const groups = await api.list(graph + path, (body) => {
    const { value, '@odata.nextLink': next } = body as Record<string, unknown>;
    return { values: value, next: typeof next === 'string' ? next : undefined };
  });
  if (groups.length > 0) return groups.flatMap(({ id }) => claimList(id));
  // Somebody with too many groups for a token has some; nobody is let in with less than they have without a word.
  throw new GatewayError('groups_unavailable', 502, `provider "${name}": Microsoft Graph tells no groups`, {
    publicMessage: 'You are in more groups than fit in a sign-in, and they could not be looked up.',
    publicHint: 'Ask whoever runs this site to grant it User.Read of Microsoft Graph.',
  });
}

function refused({ name }: EntraProviderSettings, why: string): GatewayError {
  return new GatewayError('wrong_tenant', 403, `provider "${name}": ${why}`, {
    publicMessage: 'Your account belongs to an organization that may not sign in here.',
    publicHint: 'Start again with another account.',
  });
}
