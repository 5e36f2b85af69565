import type { ClientSettings, ProviderSettings } from './provider-settings.ts';
import type { ApiSettings } from './settings.ts';

/** Bare names are Microsoft Graph's: https://learn.microsoft.com/entra/identity-platform/scopes-oidc */
const isGraphScope = (scope: string): boolean => !scope.includes('/');

/**
 * What a sign-in has to ask for beyond its own scope, so that the token of an API can be had: no refresh brings a scope
 * that was not granted before (RFC 6749 section 6), nor a resource (RFC 8707 section 2.2).
 */
function neededAtSignIn(
  provider: ProviderSettings & ClientSettings,
  { grant, scopes, resource }: ApiSettings,
): { readonly scopes: readonly string[]; readonly resources: readonly string[] } {
  const nothing = { scopes: [], resources: [] };
  if (grant === 'session') return { scopes, resources: [] };
  if (grant !== 'refresh') return nothing;
  switch (provider.type) {
    // One sign-in brings the token of one resource, but consent for another is the refresh token's.
    case 'entra':
      return provider.scope.split(' ').every(isGraphScope) && resource === undefined
        ? { scopes: scopes.filter(isGraphScope), resources: [] }
        : nothing;
    // Which APIs a refresh token is for is configured there: see the page of Auth0.
    case 'auth0':
      return resource === undefined ? { scopes, resources: [] } : nothing;
    default:
      return { scopes, resources: resource === undefined ? [] : [resource] };
  }
}

/** The providers, with what the sign-in has to ask for because of the APIs. */
export function withApis(
  providers: readonly ProviderSettings[],
  apis: readonly ApiSettings[],
  notes: string[],
): ProviderSettings[] {
  return providers.map((provider) => {
    if (!('clientId' in provider)) return provider;
    const own = apis.filter((api) => api.provider === provider.name);
    const needed = own.map((api) => neededAtSignIn(provider, api));
    const asked = provider.scope.split(' ').filter((scope) => scope !== '');
    const more = [...new Set(needed.flatMap(({ scopes }) => scopes))].filter(
      (scope) => !asked.includes(scope),
    );
    const resources = [...new Set(needed.flatMap((each) => each.resources))];
    if (more.length > 0)
      notes.push(`${provider.name}: sign-in also asks for ${more.join(', ')}, which apis need.`);
    return {
      ...provider,
      scope: [...asked, ...more].join(' '),
      ...(resources.length > 0 ? { resources } : {}),
    };
  });
}

/** Whether the sign-in asks for a refresh token, in the way of the vendor. */
function asksRefresh({ scope, refreshTokens }: ClientSettings): boolean {
  return refreshTokens === true || scope.split(' ').includes('offline_access');
}

/** Vendors that give a refresh token only to whoever asks for it. */
const ON_DEMAND: ReadonlySet<ProviderSettings['type']> = new Set(['entra', 'auth0', 'okta', 'google']);

/** What keeps a sign-in from being the ground of an API's tokens. */
interface SignInTrouble {
  /** No token could be had. */
  readonly problem?: { readonly message: string; readonly fix: string };
  /** One ends, and no other follows. */
  readonly note?: string;
}

export function signInTrouble(
  provider: ProviderSettings,
  { name, grant }: Pick<ApiSettings, 'name' | 'grant'>,
): SignInTrouble {
  if (!('clientId' in provider)) return {};
  const at = `providers.${provider.name}`;
  // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow#protocol-diagram
  if (
    grant === 'on-behalf-of' &&
    provider.type === 'entra' &&
    provider.scope.split(' ').every(isGraphScope)
  ) {
    const message = `needs a token for an API of the gateway’s own, and the scope of ${provider.name} asks for none`;
    return {
      problem: { message, fix: `Add the scope that you expose to ${at}.scope: api://CLIENT_ID/SCOPE.` },
    };
  }
  if (asksRefresh(provider)) return {};
  if (ON_DEMAND.has(provider.type) && grant === 'refresh') {
    const message = `needs a refresh token, and ${provider.name} asks for none`;
    return { problem: { message, fix: `Set refresh_tokens: true at ${at}.` } };
  }
  if (!ON_DEMAND.has(provider.type) && provider.type !== 'oidc') return {};
  const ends = 'no fresh token follows when the one of the sign-in ends';
  return {
    note: `${name}: if ${provider.name} gives no refresh token, ${ends}; refresh_tokens: true asks for one.`,
  };
}
