import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCleanQuery, isUnambiguousPath } from '../../src/http/target.ts';

const REFUSED: Record<string, string> = {
  'encoded slash': '/admin%2fusers',
  'encoded slash in capitals': '/admin%2Fusers',
  'encoded backslash': '/admin%5cusers',
  backslash: '/admin\\users',
  'encoded NUL': '/admin%00',
  NUL: '/admin\0',
  'encoded control byte': '/admin%0d%0aX:y',
  'encoded tab': '/ad%09min',
  'encoded DEL': '/admin%7f',
  'dot segment': '/static/../admin',
  'dot segment at the end': '/static/..',
  'single dot segment': '/./admin',
  'single dot at the end': '/admin/.',
  'encoded dot segment': '/static/%2e%2e/admin',
  'half encoded dot segment': '/static/.%2E/admin',
  'encoded single dot (CVE-2026-40912: prefix stripped before, dots resolved after)': '/static/%2e/admin',
  'dot segment behind a prefix (CVE-2026-40912)': '/api/../admin',
  'dot segment with a parameter': '/static/..;/admin',
  'dot segment with a filled parameter': '/static/..;a=b/admin',
  'double encoding': '/static/%252e%252e/admin',
  'double encoding of a slash': '/admin%252fusers',
  'double encoding whose second half is encoded': '/admin%25%32%66users',
  'double encoding, half and half': '/admin%252%66users',
  'double encoding of a letter': '/%2561dmin',
  'triple encoding': '/admin%25252fusers',
  'overlong slash': '/admin%c0%afusers',
  'overlong dot': '/%c0%ae%c0%ae/admin',
  'three bytes overlong slash': '/admin%e0%80%afusers',
  'lone continuation byte': '/%80',
  'truncated UTF-8': '/%e2%82',
  'surrogate in UTF-8': '/%ed%a0%80',
  'beyond Unicode': '/%f5%80%80%80',
  'byte of ISO 8859-1': '/%e9',
  'IIS encoding': '/%u002e%u002e/admin',
  'incomplete escape': '/a%2',
  'percent sign alone': '/100%',
  fragment: '/public#/admin',
  'empty segment': '/static//admin',
  'empty segment first, which a URL parser takes for a host': '//admin.example/',
  'three slashes': '/a///b',
  'empty segment behind a colon': '/a://admin',
  'empty segment at the end': '/admin//',
  'embedded URL with an empty segment': '/gradio_api/proxy=https:///x',
  'embedded URL as a segment of its own': '/x/https://admin/',
  space: '/ad min',
  tab: '/ad\tmin',
  newline: '/admin\n',
  'raw byte above ASCII': '/\xe9',
  'no slash': 'admin',
  'absolute form': 'http://a.example/',
  asterisk: '*',
  empty: '',
};

const ACCEPTED = [
  '/',
  '/a/b.c',
  '/a/',
  '/...',
  '/..a/.b',
  '/.well-known/x',
  '/a;b=c',
  '/caf%C3%A9',
  '/a%20b',
  '/100%25',
  '/50%25-off',
  "/~user/!$&'()*+,;=:@",
  '/lab/tree/RTC:Notebook.ipynb',
  '/gradio_api/proxy=https://host.example/x',
  '/gradio_api/file=http://host.example/x',
  '/%E2%82%AC',
];

/** What is put together here is what people attack with. */
const piece = fc.constantFrom(
  ...[
    '/',
    '.',
    '..',
    '%',
    '%2',
    '%25',
    '%2e',
    '%2F',
    '%5c',
    '\\',
    ';',
    ':',
    '//',
    '#',
    '?',
    'a',
    'admin',
    '2f',
    '2e',
  ],
  ...[
    '%32',
    '%66',
    '%C3',
    '%A9',
    '%c0',
    '%af',
    '%e2%82%ac',
    '%20',
    ' ',
    '\t',
    '\0',
    '\x7f',
    '\xe9',
    '@',
    '{',
    '"',
    '|',
  ],
  ...[
    'https:',
    'proxy=http:',
    '^',
    '`',
    '<',
    '~',
    '+',
    '&',
    '=',
    '%7B',
    '%41',
    '%u0',
    '%00',
    '%ef%bc%8f',
    '*',
    "'",
  ],
);
const attack = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);
const embedded = /=https?:\/\//;

/** The segments as policy sees them. */
const segments = (path: string): string[] => path.split('/').map((segment) => decodeURIComponent(segment));

/** As a WSGI-like server: decode the whole, then resolve. */
const wsgi = (path: string): string[] => posix.normalize(decodeURIComponent(path)).split('/');

const whatwg = (path: string): string[] => {
  const url = new URL(path, 'http://a.example');
  expect([url.host, url.search, url.hash]).toEqual(['a.example', '', '']);
  return segments(url.pathname);
};

describe('a path that could be read in two ways is refused', () => {
  it.each(Object.entries(REFUSED))('%s: %j', (_name, path) => {
    expect(isUnambiguousPath(path)).toBe(false);
  });

  it.each(ACCEPTED)('%s is read alike by everybody', (path) => {
    expect(isUnambiguousPath(path)).toBe(true);
    expect(whatwg(path)).toEqual(segments(path));
    if (!embedded.test(path)) expect(wsgi(path)).toEqual(segments(path));
  });

  it('whatever is accepted has the same segments for a URL parser, and for a server that decodes and normalises', () => {
    let accepted = 0;
    fc.assert(
      fc.property(attack, (path) => {
        if (!isUnambiguousPath(path)) return;
        accepted++;
        expect(whatwg(path)).toEqual(segments(path));
        if (!embedded.test(path)) expect(wsgi(path)).toEqual(segments(path));
      }),
      { numRuns: 20_000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });

  it('whatever is accepted means the same when it is decoded twice', () => {
    fc.assert(
      fc.property(attack, (path) => {
        if (!isUnambiguousPath(path)) return;
        const once = decodeURIComponent(path);
        expect(once.replace(/%[0-9a-f]{2}/gi, decodeURIComponent)).toBe(once);
      }),
      { numRuns: 20_000 },
    );
  });

  it('ordinary paths of any names are accepted once they are encoded', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => !/[/\\%.\0-\x1f\x7f]/.test(text));
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        expect(isUnambiguousPath(`/${names.map(encodeURIComponent).join('/')}`)).toBe(true);
      }),
    );
  });
});

describe('query', () => {
  it.each(['a=b', 'path=/../x', 'u=http%3A%2F%2Fx%00', 'a\\b', '"<>{}|^`', '?'])('%s passes', (query) => {
    expect(isCleanQuery(query)).toBe(true);
  });
  it.each(['a#b', 'a b', 'a\tb', 'a\r\nb', 'a\0', '\xe9', '\x7f'])('%j is refused', (query) => {
    expect(isCleanQuery(query)).toBe(false);
  });
});
