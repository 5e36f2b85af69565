import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Identity } from '../../src/core/types.ts';
import { admits, isMalformed, parseAllowEntry, readAddress } from '../../src/policy/allow.ts';
import { allowList, person } from './sample.ts';

describe('an allow entry', () => {
  it.each([
    ['everyone', { kind: 'everyone' }],
    ['role:analyst', { kind: 'role', value: 'analyst' }],
    ['group:Finance Team: EU', { kind: 'group', value: 'Finance Team: EU' }],
    ['email:Ada@Example.com', { kind: 'email', value: 'ada@example.com' }],
    ['email:*@Example.com', { kind: 'domain', value: 'example.com' }],
    ['domain:example.com', { kind: 'domain', value: 'example.com' }],
    ['domain:@example.com', { kind: 'domain', value: 'example.com' }],
    ['claim:department=R&D=EU', { kind: 'claim', name: 'department', value: 'R&D=EU' }],
    [
      'claim:https://id.example.com/level = 3',
      { kind: 'claim', name: 'https://id.example.com/level', value: '3' },
    ],
  ])('reads %s', (text, entry) => {
    expect(parseAllowEntry(text)).toEqual(entry);
  });

  it.each([
    ['', 'Write one of'],
    ['*', 'Write everyone'],
    ['Everyone', 'Write one of'],
    ['role:', 'Write role:NAME'],
    ['roles:admin', 'Write role:admin'],
    ['ada@example.com', 'Write email:ada@example.com'],
    ['email:a@b@c', 'Write email:ada@example.com'],
    ['email:a*@example.com', 'Write email:ada@example.com'],
    ['email:*@*.example.com', 'list each subdomain'],
    ['domain:*.example.com', 'list each subdomain'],
    ['domain:exämple.com', 'xn--'],
    ['domain:example.com.', 'plain letters'],
    ['domain:example.com/x', 'plain letters'],
    ['role:a\u0000b', 'Remove'],
    ['claim:department', 'Write claim:NAME=VALUE'],
    ['claim:=Finance', 'Write claim:NAME=VALUE'],
    ['claim:department=', 'Write claim:NAME=VALUE'],
  ])('refuses %j and says what to write', (text, fix) => {
    const entry = parseAllowEntry(text);
    expect(isMalformed(entry) && entry.fix).toContain(fix);
  });
});

describe('an e-mail domain', () => {
  const [domain] = allowList('domain:example.com');
  if (domain === undefined) throw new Error('no entry');
  const enters = (email: string | undefined): boolean => {
    const { email: _none, ...rest } = person();
    return admits(domain, email === undefined ? rest : { ...rest, email });
  };

  it('admits addresses at exactly that domain in any capitals', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9][a-z0-9.+_-]{0,20}$/),
        fc.mixedCase(fc.constant('example.com')),
        (local, host) => enters(`${local}@${host}`),
      ),
    );
  });

  it.each([
    'ada@evil.com@example.com',
    'ada@example.com@evil.com',
    'ada@@example.com',
    '@example.com',
    'example.com',
    'ada@notexample.com',
    'ada@sub.example.com',
    'ada@example.com.evil.com',
    'ada@example.co',
    'ada@example.com.',
    'ada@example.com ',
    ' ada@example.com',
    'ada@example.com\n',
    'ada@evil.com\n@example.com',
    'ada\u0000@example.com',
    '"ada@evil.com"@example.com',
    'ada@evil.com,x@example.com',
    '<ada@example.com>',
    'Ada <ada@example.com>',
    'ada@exam\u0440le.com',
    'ada@ex\u0430mple.com',
    'ada@example\u3002com',
    'ada@example.com\u200b',
    'ad\u212a@example.com',
    'ada＠example.com',
    undefined,
    '',
  ])('does not admit %j (CVE-2026-40574)', (email) => {
    expect(enters(email)).toBe(false);
  });

  it('never admits an address with more than one @, or a character outside printable ASCII', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const email = `${before}@${after}@example.com`;
        return !enters(email) && !enters(`${before}é@example.com`) && !enters(`${email}@example.com`);
      }),
    );
  });

  it('is read in one way only: what is read has one @ and lower case', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
        const read = readAddress(`${before}@${after}`);
        return (
          read === undefined ||
          (read.address.split('@').length === 2 && read.address === read.address.toLowerCase())
        );
      }),
    );
  });
});

describe('roles and groups', () => {
  it('are compared whole and with their capitals, and a group is no role', () => {
    const [role] = allowList('role:admin');
    if (role === undefined) throw new Error('no entry');
    expect(admits(role, person({ roles: ['viewer', 'admin'] }))).toBe(true);
    for (const name of ['Admin', 'admins', 'admi', ' admin', 'admin '])
      expect(admits(role, person({ roles: [name], groups: ['admin'] }))).toBe(false);
  });

  it('an address that is listed admits that person in any capitals, and nobody without a verified one', () => {
    const [email] = allowList('email:ada@example.com');
    if (email === undefined) throw new Error('no entry');
    const { email: _none, ...nameless } = person();
    expect(admits(email, person({ email: 'ADA@Example.com' }))).toBe(true);
    expect(admits(email, person({ email: 'eve+ada@example.com' }))).toBe(false);
    expect(admits(email, nameless)).toBe(false);
  });
});

describe('a claim', () => {
  const enters = (text: string, claims: Identity['claims']): boolean => {
    const [entry] = allowList(text);
    return entry !== undefined && admits(entry, person(claims === undefined ? {} : { claims }));
  };

  it('admits whoever has that value, as text, as a number, as yes or no, or in a list', () => {
    expect(enters('claim:department=Finance', { department: 'Finance' })).toBe(true);
    expect(enters('claim:level=3', { level: 3 })).toBe(true);
    expect(enters('claim:staff=true', { staff: true })).toBe(true);
    expect(enters('claim:sites=Bonn', { sites: ['Berlin', 'Bonn'] })).toBe(true);
  });

  it('is compared whole and with its capitals, and one that is not there has no value', () => {
    for (const department of ['finance', 'Finance ', 'Finances', '', false, 0, ['finance', 'Fin']])
      expect(enters('claim:department=Finance', { department })).toBe(false);
    expect(enters('claim:staff=undefined', {})).toBe(false);
    expect(enters('claim:staff=undefined', undefined)).toBe(false);
    expect(enters('claim:constructor=function Object() { [native code] }', {})).toBe(false);
    expect(enters('claim:sites=Berlin,Bonn', { sites: ['Berlin', 'Bonn'] })).toBe(false);
  });
});
