import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLiteral } from '../../src/config/literal.ts';

describe('a Python literal', () => {
  it.each<[string, unknown]>([
    [
      `{'a': 'b', "c": ['d', ("e", 1.5, -2,)], 'f': None, 'g': True,}`,
      { a: 'b', c: ['d', ['e', 1.5, -2]], f: null, g: true },
    ],
    [`{'a': 'it\\'s', 'b': "say \\"x\\"", 'c': '\\u00e9\\x41\\n'}`, { a: "it's", b: 'say "x"', c: 'éA\n' }],
    [`{"a": {"b": [true, false, null]}}`, { a: { b: [true, false, null] } }],
    [`  {'a' : 'x: {y}, [z]'} `, { a: 'x: {y}, [z]' }],
  ])('%s', (text, value) => {
    expect(readLiteral(text)).toEqual(value);
  });

  it.each([
    '',
    '{',
    "{'a'}",
    '__import__("os")',
    "{'a': open('x')}",
    '{1: 2}',
    "{'a': 1 + 1}",
    "'a' 'b'",
    "{'a': 'b}",
  ])('is not %s', (text) => {
    expect(readLiteral(text)).toBeUndefined();
  });

  it('may be any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(readLiteral(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});
