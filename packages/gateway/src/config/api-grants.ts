import type { TokenGrant } from '../core/types.ts';
import type { ProviderType } from './provider-settings.ts';

/** What a type of provider can do to give a token for an API. The first is the default for an API with scopes or a resource. */
const GRANTS_OF: Readonly<Record<ProviderType, readonly TokenGrant[]>> = {
  oidc: ['refresh', 'exchange', 'session'],
  // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
  entra: ['refresh', 'on-behalf-of', 'session'],
  // https://auth0.com/docs/secure/tokens/refresh-tokens/multi-resource-refresh-token
  auth0: ['refresh', 'session'],
  // https://developer.okta.com/docs/guides/set-up-token-exchange/main/
  okta: ['refresh', 'exchange', 'session'],
  // https://www.keycloak.org/securing-apps/token-exchange
  keycloak: ['refresh', 'exchange', 'session'],
  // https://developers.google.com/identity/protocols/oauth2/web-server#offline takes no scope
  google: ['session'],
  gitlab: ['session'],
  github: ['session'],
  bitbucket: ['session'],
  oauth2: ['session'],
  password: [],
  // What a plug-in can do is known when it is asked.
  plugin: ['session', 'refresh', 'exchange', 'on-behalf-of'],
};

/** Vendors that give a token for another audience only by an exchange. */
const EXCHANGES_AUDIENCES: ReadonlySet<ProviderType> = new Set(['keycloak', 'okta']);

/** What an API asks of its provider. */
interface Wish {
  readonly scopes: readonly string[];
  readonly resource?: string | undefined;
}

/** How the token is had where the configuration does not say. */
export function defaultGrant(type: ProviderType, { scopes, resource }: Wish): TokenGrant {
  if (scopes.length === 0 && resource === undefined) return 'session';
  if (resource !== undefined && EXCHANGES_AUDIENCES.has(type)) return 'exchange';
  return GRANTS_OF[type][0] ?? 'session';
}

/** What is wrong with an API of this provider, with its fix; `undefined` where nothing is. */
export function grantProblem(
  type: ProviderType,
  grant: TokenGrant,
  { scopes, resource }: Wish,
):
  | {
      readonly key: 'provider' | 'grant' | 'resource' | 'scopes';
      readonly message: string;
      readonly fix: string;
    }
  | undefined {
  const possible = GRANTS_OF[type];
  if (possible.length === 0)
    return {
      key: 'provider',
      message: `is of type ${type}, which has no access tokens`,
      fix: 'Name a provider that speaks OAuth 2.',
    };
  if (!possible.includes(grant))
    return {
      key: 'grant',
      message: `${grant} is not what a provider of type ${type} can do`,
      fix: `Use ${possible.join(' or ')}, or leave it out.`,
    };
  if (grant === 'session' && resource !== undefined)
    return {
      key: 'resource',
      message: 'means nothing for the token of the sign-in, which is for what the sign-in asked for',
      fix: possible.length > 1 ? `Use grant: ${possible.find((one) => one !== 'session')}.` : 'Leave it out.',
    };
  if (resource !== undefined && grant === 'refresh' && EXCHANGES_AUDIENCES.has(type))
    return {
      key: 'resource',
      message: `is not what ${type} takes with a refresh token`,
      fix: 'Use grant: exchange.',
    };
  if (grant === 'on-behalf-of' && scopes.length === 0 && resource === undefined)
    return {
      key: 'scopes',
      message: 'is missing: on-behalf-of names what it wants',
      fix: 'For example: [User.Read].',
    };
  return undefined;
}
