import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import { open, person, policy, restrict } from './sample.ts';

const admin = person({ roles: ['admin'] });
const viewer = person({ roles: ['viewer'] });

describe('an app’s allow list', () => {
  it('everyone means everyone who is signed in', () => {
    expect(decide(viewer, policy(), '/x').kind).toBe('allow');
    expect(decide(undefined, policy(), '/x').kind).toBe('login');
  });

  it('that is empty admits nobody', () => {
    expect(decide(admin, policy({ allow: [] }), '/')).toEqual({
      kind: 'deny',
      reason: 'nobody may enter: the allow list is empty; ada@example.com has role admin',
    });
  });

  it('admits whoever fits one entry', () => {
    const some = policy({ allow: ['role:analyst', 'email:*@example.com'] });
    expect(decide(viewer, some, '/').kind).toBe('allow');
    expect(decide(person({ email: 'eve@evil.com' }), some, '/').kind).toBe('deny');
  });
});

describe('rules', () => {
  it('the first that matches decides, else the app’s own list', () => {
    const both = policy({
      allow: ['role:viewer'],
      rules: [restrict('/a/b', 'role:viewer'), restrict('/a/**', 'role:admin')],
    });
    expect(decide(viewer, both, '/a/b').kind).toBe('allow');
    expect(decide(viewer, both, '/a/c').kind).toBe('deny');
    expect(decide(admin, both, '/a/c').kind).toBe('allow');
    expect(decide(admin, both, '/z').kind).toBe('deny');
  });

  it('public opens a path to everybody, signed in or not, and no other path', () => {
    const health = policy({ at: '/sales', rules: [open('/_stcore/health')] });
    expect(decide(undefined, health, '/sales/_stcore/health').kind).toBe('allow');
    expect(decide(viewer, health, '/sales/_stcore/health').kind).toBe('allow');
    for (const path of [
      '/_stcore/health',
      '/sales/_stcore/health/',
      '/sales//_stcore/health',
      '/sales/_stcore/health;x',
      '/sales/_stcore/health%3Fx',
      '/sales/_stcore/healthy',
      '/sales/_stcore/HEALTH',
      '/sales/x/_stcore/health',
      '/sales/x?/_stcore/health',
      '/sales/x#/_stcore/health',
      '/sales/x%23/_stcore/health',
      '/sales/_stcore/health/../../admin',
      '/sales/_stcore/health%2f..%2fadmin',
    ])
      expect([path, decide(undefined, health, path).kind]).not.toEqual([path, 'allow']);
  });

  it('that restrict hold for every spelling an app may read as the same path', () => {
    const guarded = policy({
      rules: [restrict('/admin/**', 'role:admin'), restrict('/report', 'role:admin')],
    });
    const spellings = [
      ...[
        '/admin',
        '/admin/',
        '/admin/x',
        '//admin/x',
        '/admin//x',
        '/%61dmin/x',
        '/%61%64min',
        '/admin;v=1/x',
      ],
      ...[
        '/admin%3Fx',
        '/admin%23x',
        '/;x/admin',
        '/report',
        '/report/',
        '//report',
        '/repor%74',
        '/report;a',
        '/report%3f',
      ],
    ];
    for (const path of spellings) {
      expect([path, decide(viewer, guarded, path).kind]).toEqual([path, 'deny']);
      expect([path, decide(admin, guarded, path).kind]).toEqual([path, 'allow']);
    }
    expect(decide(viewer, guarded, '/administrator').kind).toBe('allow');
  });

  it('are not dodged by any percent-encoding of the letters of a path', () => {
    const guarded = policy({ rules: [restrict('/admin/**', 'role:admin')] });
    const encode = (letter: string, upper: boolean): string => {
      const hex = letter.charCodeAt(0).toString(16);
      return `%${upper ? hex.toUpperCase() : hex}`;
    };
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('plain', 'lower', 'upper'), { minLength: 5, maxLength: 5 }),
        (how) => {
          const word = [...'admin'].map((letter, i) =>
            how[i] === 'plain' ? letter : encode(letter, how[i] === 'upper'),
          );
          return decide(viewer, guarded, `/${word.join('')}/x`).kind === 'deny';
        },
      ),
    );
  });

  it('deny what cannot be read in one way, even to whoever may see everything', () => {
    const guarded = policy({ rules: [open('/public/**')] });
    for (const path of [
      '/public/../x',
      '/public/%2e%2e/x',
      '/public%2f..%2fx',
      '/%2570ublic',
      '/public/..;/x',
      '/a\\b',
    ])
      expect([path, decide(admin, guarded, path).kind]).toEqual([path, 'deny']);
  });

  it('a person admitted by a rule that is public in the other reading is still judged by the strict one', () => {
    const mixed = policy({ allow: ['role:admin'], rules: [open('/open')] });
    expect(decide(viewer, mixed, '/open').kind).toBe('allow');
    expect(decide(viewer, mixed, '/open/').kind).toBe('deny');
    expect(decide(undefined, mixed, '/open/').kind).toBe('login');
  });
});

describe('the reason of a denial', () => {
  it('says what is needed and what this person has', () => {
    const some = policy({ allow: ['role:analyst', 'group:finance'] });
    expect(decide(viewer, some, '/').reason).toBe(
      'needs one of: role analyst, group finance; ada@example.com has role viewer',
    );
  });

  it('names no other person', () => {
    const some = policy({ allow: ['email:boss@example.com', 'email:eve@example.org', 'domain:example.net'] });
    const { reason } = decide(viewer, some, '/');
    expect(reason).toBe(
      'needs one of: an address at example.net, to be one of 2 listed people; ada@example.com has role viewer',
    );
    expect(reason).not.toMatch(/boss|eve/);
  });

  it('stays short for a person with hundreds of groups, and works for one without anything', () => {
    const groups = Array.from({ length: 300 }, (_, index) => `g${index}`);
    const some = policy({ allow: ['role:x'] });
    expect(decide(person({ groups }), some, '/').reason).toContain('groups g0, g1, g2, g3, g4 and 295 more');
    const { email: _none, ...nameless } = person();
    expect(decide(nameless, some, '/').reason).toBe('needs role x; this account has no roles and no groups');
  });
});
