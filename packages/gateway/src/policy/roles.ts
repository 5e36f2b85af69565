import { withoutAddedRoles } from '../core/added-roles.ts';
import type { Identity, RoleRule } from '../core/types.ts';
import { admits } from './allow.ts';

/**
 * Gives people the roles of the configuration, beside those of their provider. What an earlier configuration gave goes
 * first, so that the one of today holds for sessions that are older than it, too.
 *
 * `role:NAME` means whoever has that role, from wherever: rules are tried until none adds anything, so their order does not
 * matter. They only ever add, so that comes to an end.
 */
export function roleMapper(rules: readonly RoleRule[]): (identity: Identity) => Identity {
  return (identity) => {
    const own = withoutAddedRoles(identity);
    const addedRoles: string[] = [];
    let mapped = own;
    for (let before = -1; before < addedRoles.length; ) {
      before = addedRoles.length;
      for (const { role, holders } of rules) {
        if (mapped.roles.includes(role) || !holders.some((holder) => admits(holder, mapped))) continue;
        addedRoles.push(role);
        mapped = { ...own, roles: [...own.roles, ...addedRoles], addedRoles: [...addedRoles] };
      }
    }
    return mapped;
  };
}
