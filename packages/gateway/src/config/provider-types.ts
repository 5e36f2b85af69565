import type { ProviderType } from './provider-settings.ts';

/** Names of types that are another's, all of them Panel's. */
export const ALIASES: ReadonlyMap<string, ProviderType> = new Map([
  ['generic', 'oidc'],
  ['azure', 'entra'],
  ['azurev2', 'entra'],
  ['auth_code', 'oauth2'],
]);

/** A type under the one name that it has here; what is no other name of one stays as it is. */
export function canonicalType(type: string): string {
  return ALIASES.get(type) ?? type;
}

/** Whether a type is a plug-in's file; the name of a package begins otherwise. */
export function isModulePath(type: string): boolean {
  return /^(?:\.{0,2}\/|[A-Za-z]:[\\/])/.test(type);
}
