import type { EntraProviderSettings } from '../../config/provider-settings.ts';
import { GatewayError } from '../../core/errors.ts';
import { type Claims, claimList } from '../claims.ts';
import type { Access } from '../oidc-quirk.ts';

/** National clouds: https://learn.microsoft.com/graph/deployments */
const GRAPHS: Readonly<Record<string, string>> = {
  'login.microsoftonline.us': 'https://graph.microsoft.us',
  'login.partner.microsoftonline.cn': 'https://microsoftgraph.chinacloudapi.cn',
};

/** https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference#groups-overage-claim */
export function isOverage(claims: Claims): boolean {
  const names = claims['_claim_names'];
  const elsewhere = typeof names === 'object' && names !== null && 'groups' in names;
  return elsewhere || claims['hasgroups'] === true || claims['hasgroups'] === 'true';
}

/**
 * The token's own pointer (`_claim_sources`) leads to the retired Azure AD Graph, so it is not followed:
 * https://learn.microsoft.com/graph/api/user-list-transitivememberof
 */
export async function groupsFromGraph(
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
