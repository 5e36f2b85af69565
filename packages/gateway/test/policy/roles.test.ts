import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Identity, RoleRule } from '../../src/core/types.ts';
import { roleMapper } from '../../src/policy/roles.ts';
import { allowList, person } from './sample.ts';

function rules(given: Readonly<Record<string, readonly string[]>>): RoleRule[] {
  return Object.entries(given).map(([role, holders]) => ({ role, holders: allowList(...holders) }));
}

function rolesOf(given: Readonly<Record<string, readonly string[]>>, identity: Partial<Identity>) {
  return roleMapper(rules(given))(person(identity)).roles;
}

describe('roles of the configuration', () => {
  it.each([
    ['group:finance', { groups: ['finance'] }],
    ['email:ada@example.com', {}],
    ['domain:example.com', {}],
    ['role:owner', { roles: ['owner'] }],
    ['claim:department=R&D', { claims: { department: 'R&D' } }],
    ['everyone', {}],
  ])('are given for %s', (holder, identity) => {
    expect(rolesOf({ analyst: ['group:none', holder] }, identity)).toContain('analyst');
    expect(rolesOf({ analyst: ['group:none'] }, identity)).not.toContain('analyst');
  });

  it('stand beside those of the provider, each once, and it stays known which are whose', () => {
    const mapped = roleMapper(rules({ viewer: ['everyone'], analyst: ['everyone'] }))(
      person({ roles: ['analyst', 'owner'] }),
    );
    expect(mapped.roles).toEqual(['analyst', 'owner', 'viewer']);
    expect(mapped.addedRoles).toEqual(['viewer']);
  });

  it('build on each other in any order, round in circles too', () => {
    const given = { viewer: ['role:analyst'], analyst: ['role:admin'], admin: ['group:it', 'role:viewer'] };
    expect(rolesOf(given, { groups: ['it'] })).toEqual(['admin', 'analyst', 'viewer']);
    expect(rolesOf(given, {})).toEqual([]);
  });

  it('do not come from an address that nobody has verified', () => {
    const { email: _none, ...nameless } = person();
    expect(
      roleMapper(rules({ boss: ['email:ada@example.com', 'domain:example.com'] }))(nameless).roles,
    ).toEqual([]);
  });

  it('of an earlier configuration are gone, and what the provider said is back', () => {
    const provider = person({ roles: ['owner'], groups: ['it'] });
    const before = roleMapper(rules({ admin: ['group:it'], owner: ['everyone'] }))(provider);
    expect(before.roles).toEqual(['owner', 'admin']);
    expect(roleMapper(rules({ auditor: ['role:admin', 'role:owner'] }))(before).roles).toEqual([
      'owner',
      'auditor',
    ]);
    expect(roleMapper([])(before)).toEqual(provider);
  });

  it('depend on the provider’s word and the configuration alone, however often and in whatever order they are given', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const holder = fc.oneof(
      name.map((value) => `role:${value}`),
      name.map((value) => `group:${value}`),
    );
    const configuration = fc.dictionary(name, fc.array(holder, { minLength: 1, maxLength: 3 }));
    const identity = fc.record({ roles: fc.uniqueArray(name), groups: fc.uniqueArray(name) });
    fc.assert(
      fc.property(configuration, configuration, identity, (earlier, today, someone) => {
        const map = roleMapper(rules(today));
        const once = map(person(someone));
        expect(map(once)).toEqual(once);
        expect(map(roleMapper(rules(earlier))(person(someone)))).toEqual(once);
        const reversed = roleMapper(rules(today).toReversed())(person(someone));
        expect(new Set(reversed.roles)).toEqual(new Set(once.roles));
        expect(once.roles.slice(0, someone.roles.length)).toEqual(someone.roles);
      }),
    );
  });
});
