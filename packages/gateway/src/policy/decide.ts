import type { AllowEntry, App, Decision, Identity } from '../core/types.ts';
import { admits, isMalformed } from './allow.ts';
import type { AuthorizeHook } from './hook.ts';
import { compilePattern, type PathPattern, readingsOf } from './pattern.ts';

/** Answer for a path that everybody may see. One object, so that it can be told from other permissions by identity. */
export const PUBLIC: Decision = { kind: 'allow', reason: 'the path is public' };
const GUEST: Decision = { kind: 'allow', reason: 'guests may enter' };
const LOGIN: Decision = { kind: 'login', reason: 'nobody is signed in' };
const AMBIGUOUS: Decision = { kind: 'deny', reason: 'the path could be read in more than one way' };

interface Grant {
  readonly entry: AllowEntry;
  readonly decision: Decision;
}

/** Who may see some paths: `undefined` means everybody, signed in or not. */
interface Access {
  readonly grants: readonly Grant[] | undefined;
  /** Whoever is not signed in may, too; somebody who is signed in still needs a grant. */
  readonly guests: boolean;
  /** What a person lacks, in words that name no other person. */
  readonly needs: string;
}

/** One app's `allow` and `rules`, prepared once so that judging a request allocates nothing when it allows. */
export interface Policy {
  readonly app: App;
  readonly access: Access;
  readonly rules: readonly { readonly matches: PathPattern; readonly access: Access }[];
  /** Has the last word on whom `access` and `rules` let in. */
  readonly hook?: AuthorizeHook;
}

/** @throws TypeError for a rule whose path the configuration should have refused. */
export function compilePolicy(app: App, hook?: AuthorizeHook): Policy {
  return {
    app,
    access: compileAccess(app.allow, app.guests),
    ...(hook === undefined ? {} : { hook }),
    rules: app.rules.map((rule) => {
      const matches = compilePattern(rule.path);
      if (isMalformed(matches)) throw new TypeError(matches.message);
      return { matches, access: compileAccess(rule.access.public ? undefined : rule.access.allow) };
    }),
  };
}

/**
 * May this person see this path of this app? Pure; the first rule that matches decides, else the app's `allow`.
 *
 * @param identity - who is signed in, if anybody
 * @param path - as on the wire, without query
 */
export function decide(identity: Identity | undefined, policy: Policy, path: string): Decision {
  if (policy.rules.length === 0) return judge(identity, policy.access);
  const [plain, bare] = readingsOf(policy.app.at, path);
  if (plain === undefined) return AMBIGUOUS;
  const first = judge(identity, accessFor(policy, plain));
  if (bare === undefined || first.kind !== 'allow') return first;
  const second = judge(identity, accessFor(policy, bare));
  return second === PUBLIC ? first : second;
}

/**
 * May this person enter the app at all, on whatever path? For what an app asks on a person's behalf, where there is no
 * path to judge; what is public is nobody's permission.
 */
export function mayEnter(identity: Identity, policy: Policy): boolean {
  const all = [policy.access, ...policy.rules.map(({ access }) => access)];
  return all.some(({ grants }) => grants?.some(({ entry }) => admits(entry, identity)));
}

function accessFor(policy: Policy, path: string): Access {
  for (const rule of policy.rules) if (rule.matches(path)) return rule.access;
  return policy.access;
}

function judge(identity: Identity | undefined, access: Access): Decision {
  if (access.grants === undefined) return PUBLIC;
  if (identity === undefined) return access.guests ? GUEST : LOGIN;
  for (const grant of access.grants) if (admits(grant.entry, identity)) return grant.decision;
  return { kind: 'deny', reason: `${access.needs}; ${describe(identity)}` };
}

function compileAccess(allow: readonly AllowEntry[] | undefined, guests = false): Access {
  return {
    guests,
    grants: allow?.map((entry) => ({ entry, decision: { kind: 'allow', reason: granted(entry) } })),
    needs: needs(allow ?? []),
  };
}

function granted(entry: AllowEntry): string {
  switch (entry.kind) {
    case 'everyone':
      return 'everyone who is signed in may enter';
    case 'email':
      return 'the e-mail address is listed';
    case 'domain':
      return `the e-mail address is at ${entry.value}`;
    case 'claim':
      return `has ${entry.value} as ${entry.name}`;
    default:
      return `has ${entry.kind} ${entry.value}`;
  }
}

/** Addresses of other people are counted, not named: this sentence is shown to whoever was refused. */
function needs(allow: readonly AllowEntry[]): string {
  if (allow.length === 0) return 'nobody may enter: the allow list is empty';
  const people = allow.filter((entry) => entry.kind === 'email').length;
  const others = allow.flatMap((entry) => {
    if (entry.kind === 'domain') return [`an address at ${entry.value}`];
    if (entry.kind === 'claim') return [`${entry.value} as ${entry.name}`];
    return entry.kind === 'role' || entry.kind === 'group' ? [`${entry.kind} ${entry.value}`] : [];
  });
  if (people > 0)
    others.push(people === 1 ? 'to be one listed person' : `to be one of ${people} listed people`);
  return others.length === 1 ? `needs ${others[0]}` : `needs one of: ${others.join(', ')}`;
}

function describe(identity: Identity): string {
  const who = identity.email ?? identity.name ?? 'this account';
  const has = [named('role', identity.roles), named('group', identity.groups)].filter((part) => part !== '');
  return has.length === 0 ? `${who} has no roles and no groups` : `${who} has ${has.join(' and ')}`;
}

const SHOWN = 5;

function named(word: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${word}${names.length === 1 ? '' : 's'} ${names.slice(0, SHOWN).join(', ')}${more}`;
}
