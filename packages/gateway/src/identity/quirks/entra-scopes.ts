import type { TokenRequest } from '../provider.ts';
import type { TokenParameters } from '../token-for.ts';

/**
 * A resource is named in front of its scopes, and `.default` stands for all that was consented to:
 * https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 */
export function entraScopes({ scopes, resource }: TokenRequest): TokenParameters {
  const wanted = scopes.length === 0 && resource !== undefined ? ['.default'] : scopes;
  const whole = wanted.map((scope) =>
    resource === undefined || scope.includes('/') ? scope : `${resource}/${scope}`,
  );
  return whole.length === 0 ? {} : { scope: whole.join(' ') };
}
