import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMalformed } from '../../src/policy/allow.ts';
import { compilePattern, readingsOf } from '../../src/policy/pattern.ts';

function matches(pattern: string, path: string): boolean {
  const compiled = compilePattern(pattern);
  if (isMalformed(compiled)) throw new Error(compiled.message);
  return compiled(path);
}

describe('a path pattern', () => {
  it.each([
    ['/health', '/health', true],
    ['/health', '/health2', false],
    ['/health', '/x/health', false],
    ['/health', '/Health', false],
    ['/health', '/health/live', false],
    ['/x/*', '/x/a', true],
    ['/x/*', '/x/', false],
    ['/x/*', '/x', false],
    ['/x/*', '/x/a/b', false],
    ['/x/*/y', '/x/a/y', true],
    ['/x/*/y', '/x/a/b/y', false],
    ['/files/*.csv', '/files/a.csv', true],
    ['/files/*.csv', '/files/a.csvx', false],
    ['/files/*.csv', '/files/axcsv', false],
    ['/files/*.csv', '/files/a/b.csv', false],
    ['/admin/**', '/admin', true],
    ['/admin/**', '/admin/', true],
    ['/admin/**', '/admin/a/b', true],
    ['/admin/**', '/administrator', false],
    ['/admin/**', '/x/admin/a', false],
    ['/admin/**', '/admin\n/a', false],
    ['/**', '/', true],
    ['/**', '/a\u2028b/c', true],
    ['/', '/', true],
    ['/', '/a', false],
    ['/a.b', '/axb', false],
    ['/(a|b)+$', '/(a|b)+$', true],
    ['/[a-z]', '/b', false],
  ])('%j on %j is %s', (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  it.each([
    '',
    'admin',
    '/a?b',
    '/a#b',
    '/%61',
    '/a\\b',
    '/a//b',
    '/a/../b',
    '/./a',
    '/a/..',
    '/**/a',
    '/a**',
    '/*a*',
    '/a\u0000',
  ])('refuses %j with a fix', (pattern) => {
    const compiled = compilePattern(pattern);
    expect(isMalformed(compiled) && compiled.fix.length > 0).toBe(true);
  });

  it('without wildcards matches itself and nothing else', () => {
    const path = fc
      .stringMatching(/^(\/[a-zA-Z0-9._(){}+^$|[\]-]{1,8}){1,4}$/)
      .filter((text) => !/\/\.{1,2}(\/|$)/.test(text));
    fc.assert(
      fc.property(
        path,
        path,
        (pattern, other) => matches(pattern, pattern) && matches(pattern, other) === (pattern === other),
      ),
    );
  });
});

describe('the readings of a path', () => {
  it.each([
    ['/', '/admin/x', ['/admin/x']],
    ['/', '/%61dmin', ['/admin']],
    ['/', '/caf%C3%A9', ['/café']],
    ['/', '/100%25', ['/100%']],
    ['/', '//admin', ['//admin', '/admin']],
    ['/', '/admin/', ['/admin/', '/admin']],
    ['/', '/admin;v=1/x', ['/admin;v=1/x', '/admin/x']],
    ['/', '/health%3Fx', ['/health?x', '/health']],
    ['/', '/public%23/x', ['/public#/x', '/public']],
    ['/', '/;x', ['/;x', '/']],
    ['/sales', '/sales', ['/']],
    ['/sales', '/sales/admin', ['/admin']],
    ['/sales', '/s%61les/admin', ['/admin']],
  ])('below %s, %s are %j', (at, path, readings) => {
    expect(readingsOf(at, path)).toEqual(readings);
  });

  it.each([
    ['/', '/a/../b'],
    ['/', '/a/..'],
    ['/', '/./a'],
    ['/', '/a/%2e%2e/b'],
    ['/', '/a/.%2E/b'],
    ['/', '/a%2fb'],
    ['/', '/a%2Fb'],
    ['/', '/a%5Cb'],
    ['/', '/a\\b'],
    ['/', '/a%00'],
    ['/', '/a%0a'],
    ['/', '/%2561dmin'],
    ['/', '/%c0%ae%c0%ae/a'],
    ['/', '/%zz'],
    ['/', '/%'],
    ['/', '/a?b'],
    ['/', '/a#b'],
    ['/', '/public/..;/admin'],
    ['/', 'admin'],
    ['/sales', '/salesman'],
    ['/sales', '/SALES/x'],
    ['/sales', '/other'],
  ])('below %s, %s has none', (at, path) => {
    expect(readingsOf(at, path)).toEqual([]);
  });

  it('never contain a dot segment, a backslash or a control character', () => {
    const piece = fc.constantFrom(
      '/',
      '..',
      '.',
      ';',
      '%2e',
      '%2F',
      '%5c',
      '%00',
      '?',
      '#',
      '%3f',
      '%23',
      'a',
      'admin',
      '%',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) =>
        readingsOf('/', `/${pieces.join('')}`).every(
          (path) => !/(^|\/)\.{1,2}(\/|$)|[\\\u0000-\u001f]/.test(path),
        ),
      ),
      { numRuns: 2000 },
    );
  });
});
