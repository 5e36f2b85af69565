import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimAt, claimList, identityFrom, wantsUserInfo } from '../../src/identity/claims.ts';
import { redact } from '../../src/identity/errors/failure.ts';

const settings = { name: 'p', rolesClaim: 'roles', groupsClaim: 'a.b' };

describe('claims', () => {
  test('are found by whole name first, then by path, and only as own properties', () => {
    expect(claimAt({ 'https://x.example/roles': ['a'] }, 'https://x.example/roles')).toEqual(['a']);
    expect(claimAt({ a: { b: 'c' } }, 'a.b')).toBe('c');
    expect(claimAt({ a: 'text' }, 'a.length')).toBeUndefined();
    expect(claimAt({}, 'constructor.name')).toBeUndefined();
    expect(claimAt({ a: {} }, 'a.__proto__')).toBeUndefined();
  });

  test('as lists hold only short, printable, distinct strings, and not too many', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const list = claimList(value);
        expect(new Set(list).size).toBe(list.length);
        for (const entry of list) expect(entry).toMatch(/^[^\p{Cc}]{1,256}$/u);
      }),
    );
    expect(claimList(Array.from({ length: 5000 }, (_, i) => `g${i}`))).toHaveLength(1000);
    expect(claimList(['a\r\nX-Role: admin', 'b\u202e', 'ok', 'x'.repeat(257)])).toEqual(['ok']);
  });

  test.each([
    'a@evil@corp.example',
    'a b@corp.example',
    'no-at',
    '@',
    'a@',
    '<a@corp.example>',
    'a@corp.example,b@corp.example',
    'a@corp.example\n'.repeat(2),
    `${'a'.repeat(300)}@corp.example`,
  ])('with the e-mail %j give no e-mail (CVE-2026-40574)', (email) => {
    expect(identityFrom('i', settings, { sub: 's', email, email_verified: true })).not.toHaveProperty(
      'email',
    );
  });

  test('take verification from the document that has the e-mail', () => {
    const identity = identityFrom(
      'i',
      settings,
      { sub: 's', email: 'a@example.com' },
      { sub: 's', email: 'b@example.com', email_verified: true },
    );
    expect(identity).not.toHaveProperty('email');
  });

  test.each(['', 'a\u0000', 'a\n', 'x'.repeat(256), 7, undefined])(
    'with the subject %j are refused',
    (sub) => {
      expect(() => identityFrom('i', settings, { sub })).toThrow(
        expect.objectContaining({ code: 'sign_in_refused' }),
      );
    },
  );
});

test('text for the log holds no run that could be a token', () => {
  fc.assert(
    fc.property(fc.string(), fc.base64String({ minLength: 24 }), fc.string(), (before, token, after) => {
      fc.pre(/[0-9A-Z]/.test(token));
      expect(redact(`${before} ${token} ${after}`)).not.toContain(token);
    }),
  );
  expect(redact('code\r\nfake line')).toBe('code fake line');
});

describe('the claim that names the user to apps', () => {
  const settings = { name: 'corp', rolesClaim: 'roles', groupsClaim: 'groups' };
  const read = (userClaim: string, claims: Record<string, unknown>) =>
    identityFrom('https://id.example.com', { ...settings, userClaim }, { sub: 's-1', ...claims });

  test('is told beside the subject, which goes on to tell people apart', () => {
    expect(read('preferred_username', { preferred_username: 'ann' })).toMatchObject({
      subject: 's-1',
      user: 'ann',
    });
    expect(read('profile.number', { profile: { number: 4711 } })).toMatchObject({ user: '4711' });
    expect(read('email', { email: 'ann@example.com', email_verified: true })).toMatchObject({
      user: 'ann@example.com',
    });
  });

  test.each([
    ['email', { email: 'boss@example.com' }],
    ['email', { email: 'boss@example.com', email_verified: false }],
    ['email', {}],
    ['upn', { upn: 'ann\u0000admin' }],
    ['upn', { upn: '' }],
    ['upn', { upn: ['ann'] }],
    ['upn', {}],
  ])('%s refuses the sign-in rather than name another: %j', (claim, claims) => {
    expect(() => read(claim, claims)).toThrow(
      expect.objectContaining({ code: 'user_claim_missing', status: 403 }),
    );
  });
});

describe('further claims', () => {
  test('that are asked for are passed on under those names, from wherever they stand', () => {
    const identity = identityFrom(
      'i',
      {
        ...settings,
        claims: ['department', 'employee.id', 'https://x.example/level', 'staff', 'sites', 'absent'],
      },
      {
        sub: 's',
        department: 'R&D',
        employee: { id: 7, salary: 1 },
        'https://x.example/level': ' 3 ',
        staff: false,
      },
      { sub: 's', department: 'not this', sites: ['Bonn', 'Bonn', 8] },
    );
    expect(identity.claims).toEqual({
      department: 'R&D',
      'employee.id': 7,
      'https://x.example/level': '3',
      staff: false,
      sites: ['Bonn'],
    });
    expect(identityFrom('i', settings, { sub: 's', department: 'R&D' })).not.toHaveProperty('claims');
  });

  test('that are asked for and missing make UserInfo worth asking', () => {
    const told = { sub: 's', name: 'n', email: 'e', roles: [], 'a.b': [] };
    expect(wantsUserInfo(told, { ...settings, claims: [] })).toBe(false);
    expect(wantsUserInfo(told, { ...settings, claims: ['department'] })).toBe(true);
    expect(wantsUserInfo({ ...told, department: null }, { ...settings, claims: ['department'] })).toBe(false);
  });

  test('that are asked for are never more than short printable text, numbers, yes or no, and lists of text', () => {
    fc.assert(
      fc.property(fc.anything(), (department) => {
        const { claims } = identityFrom(
          'i',
          { ...settings, claims: ['department'] },
          { sub: 's', department },
        );
        const held = claims?.['department'];
        const texts = typeof held === 'object' ? held : typeof held === 'string' ? [held] : [];
        for (const text of texts) expect(text).toMatch(/^[^\p{Cc}]{1,256}$/u);
        expect(JSON.parse(JSON.stringify(claims ?? {}))).toEqual(claims ?? {});
      }),
    );
  });
});
