import type { Identity } from './types.ts';

/** The person as the provider described them, without the roles that the configuration added. */
export function withoutAddedRoles(identity: Identity): Identity {
  const { addedRoles, ...own } = identity;
  if (addedRoles === undefined) return identity;
  return { ...own, roles: identity.roles.filter((role) => !addedRoles.includes(role)) };
}
