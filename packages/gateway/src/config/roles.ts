import type { AllowEntry, RoleRule } from '../core/types.ts';
import { isMalformed, parseAllowEntry } from '../policy/allow.ts';
import type { Context } from './context.ts';
import type { AppSettings, BearerSettings, ProviderSettings } from './settings.ts';
import type { Path } from './shape.ts';

/** The roles that the configuration gives, each with whom it is for. */
export function readRoles(
  { problems }: Pick<Context, 'problems'>,
  given: Readonly<Record<string, readonly AllowEntry[]>> = {},
): RoleRule[] {
  return Object.entries(given).map(([role, holders]) => {
    const name = parseAllowEntry(`role:${role}`);
    if (isMalformed(name) || !('value' in name) || name.value !== role)
      problems.add(['roles', role], 'is not a name for a role', 'Write it as in role:NAME.');
    if (holders.length === 0)
      problems.add(
        ['roles', role],
        'is given to nobody',
        'List who has it, for example group:finance, or leave it out.',
      );
    return { role, holders };
  });
}

/**
 * Claims that rules name and no provider is asked for: such a rule would never hold. What a plug-in tells only it knows.
 *
 * @param more - names of claims that are known from elsewhere
 */
export function checkClaims(
  { problems }: Pick<Context, 'problems'>,
  providers: readonly (ProviderSettings | BearerSettings)[],
  rules: { readonly roles: readonly RoleRule[]; readonly apps: readonly AppSettings[] },
  more: readonly string[] = [],
): void {
  if (providers.some((one) => 'type' in one && one.type === 'plugin')) return;
  const told = new Set([...more, ...providers.flatMap((one) => ('claims' in one ? (one.claims ?? []) : []))]);
  const check = (entries: readonly AllowEntry[], path: Path): void => {
    for (const [index, entry] of entries.entries())
      if (entry.kind === 'claim' && !told.has(entry.name))
        problems.add(
          [...path, index],
          `no provider is asked for the claim ${entry.name}`,
          `Write claims: [${entry.name}] at the provider that has it.`,
        );
  };
  for (const { role, holders } of rules.roles) check(holders, ['roles', role]);
  for (const { name, allow, rules: exceptions } of rules.apps) {
    check(allow, ['apps', name, 'allow']);
    for (const [index, { access }] of exceptions.entries())
      if (!access.public) check(access.allow, ['apps', name, 'rules', index, 'allow']);
  }
}
