import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { href, html } from '../../src/http/pages/html.ts';
import { pagesWith } from './samples.ts';

/** A page with every word and every attribute value blanked: what is left is markup, and markup is ours alone. */
function skeleton(page: string): string {
  return page.replace(/="[^"]*"/g, '=""').replace(/>[^<]*</g, '><');
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('<', '>', '"', "'", '&', '`', '=', '/', '!', '-', ' ', 's', '\n', '\0', '$'),
  }),
  fc.constantFrom(
    '</title><script>alert(1)</script>',
    '" autofocus onfocus="alert(1)',
    '<!--',
    ']]>',
    '$1$&$`',
    '&lt;script&gt;',
    'javascript:alert(1)',
    '<img src=x onerror=alert(1)>',
  ),
);

describe('escaping', () => {
  const plain = Object.entries(pagesWith('plain'));

  test('no words of a user, an app or a provider become markup on any page', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const pages = pagesWith(text);
        for (const [name, page] of plain) expect(skeleton(pages[name] ?? '')).toBe(skeleton(page));
      }),
    );
  });

  test('the words arrive as they were written', () => {
    const decode = (text: string) =>
      text
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&#96;', '`')
        .replaceAll('&amp;', '&');
    fc.assert(
      fc.property(hostile, (text) => {
        expect(decode(html`${text}`.toString())).toBe(text);
      }),
    );
  });

  test('a link never leads to a script', () => {
    const scheme = fc.constantFrom(
      'javascript:',
      'JaVaScRiPt:',
      'data:',
      'vbscript:',
      '\tjavascript:',
      ' javascript:',
      '//',
      '/\\',
      '/\t/',
    );
    fc.assert(
      fc.property(scheme, fc.string(), (start, rest) => {
        const url = new URL(href(start + rest), 'https://apps.example.com');
        expect(url.origin).toBe('https://apps.example.com');
      }),
    );
  });

  test('own paths and web addresses stay as they are', () => {
    for (const target of [
      '/',
      '/.auth/login?return_to=%2Fsales',
      'https://sales.example.com/x',
      'http://localhost:8000/',
    ])
      expect(href(target)).toBe(target);
  });

  test('nothing is left behind by values that are absent', () => {
    expect(html`a${undefined}b${false}c${[html`<i>`, 'd&', 4]}`.toString()).toBe('abc<i>d&amp;4');
  });
});
