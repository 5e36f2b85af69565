import { VerifyError } from './errors.ts';
import type { Principal } from './verifier.ts';

/** What somebody needs to be let in; all that is given must hold. */
export interface Requirements {
  /** All of these scopes. */
  readonly scopes?: readonly string[];
  /** One of these roles. */
  readonly roles?: readonly string[];
  /** One of these groups. */
  readonly groups?: readonly string[];
}

/** Whether somebody has what is needed. A list that is unknown holds nothing. */
export function meets(who: Principal, needed: Requirements): boolean {
  return lacking(who, needed) === undefined;
}

/** @throws VerifyError `insufficient_scope` */
export function demand(who: Principal, needed: Requirements): void {
  const what = lacking(who, needed);
  if (what === undefined) return;
  const scopes = what === 'scope' ? needed.scopes : undefined;
  throw new VerifyError('insufficient_scope', `${who.id} lacks the ${what}`, scopes ? { scopes } : {});
}

function lacking(who: Principal, needed: Requirements): 'scope' | 'role' | 'group' | undefined {
  const anyOf = (wanted: readonly string[] | undefined, held: readonly string[] | undefined) =>
    wanted === undefined || wanted.some((one) => held?.includes(one));
  if (!(needed.scopes ?? []).every((scope) => who.scopes.includes(scope))) return 'scope';
  if (!anyOf(needed.roles, who.roles)) return 'role';
  return anyOf(needed.groups, who.groups) ? undefined : 'group';
}
