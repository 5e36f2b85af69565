import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matcher } from '../src/interceptor/match.ts';
import { themeOf } from '../src/settings.ts';
import { appOf, urlOf } from '../src/url.ts';

describe('a theme', () => {
  test('is a name or colours, and nothing that is not understood', () => {
    expect(themeOf('dark')).toEqual({ base: 'dark' });
    expect(themeOf({ base: 'light', primaryColor: '#123456', textColor: 7, script: 'x' })).toEqual({
      base: 'light',
      primaryColor: '#123456',
    });
    expect([themeOf('purple'), themeOf({ base: 'purple' }), themeOf(null)]).toEqual([{}, {}, {}]);
  });
});

describe('an address', () => {
  test.each(['', ' ', 'javascript:alert(1)', 'data:text/html,x', 'https://', undefined, 7])(
    'is not %j',
    (text) => {
      expect(urlOf(text, 'https://shop.example.com/')).toBeUndefined();
    },
  );

  test('says which app it is by the first part of its path', () => {
    const names = ['/sales', '/sales/', '/sales/a/b?c', '/s%C3%A4les', '/'].map((path) =>
      appOf(new URL(path, 'https://apps.example.com')),
    );
    expect(names).toEqual(['sales', 'sales', 'sales', 'säles', '']);
  });
});

describe('what the interceptor attaches a token to', () => {
  const base = 'https://shop.example.com/page';
  const match = matcher('https://apps.example.com/sales/', base);

  test.each([
    'https://apps.example.com/sales',
    'https://apps.example.com/sales/a?b#c',
    'wss://apps.example.com/sales/ws',
    'HTTPS://APPS.EXAMPLE.COM:443/sales/',
    'https://apps.example.com/other/../sales/',
  ])('%s', (url) => {
    expect(match(url)?.origin).toBe('https://apps.example.com');
  });

  test.each([
    'https://apps.example.com/',
    'https://apps.example.com/salesforce',
    'https://apps.example.com/Sales/',
    'https://apps.example.com/sales/../admin',
    'https://apps.example.com/sales/%2e%2e/admin',
    'https://apps.example.com\\@evil.example/sales/',
    'https://apps.example.com@evil.example/sales/',
    'https://apps.example.com.evil.example/sales/',
    'https://apps.example.com:8443/sales/',
    'http://apps.example.com/sales/',
    'ws://apps.example.com/sales/',
    '//evil.example/sales/',
    '/sales/',
    'blob:https://apps.example.com/sales/',
  ])('not %s', (url) => {
    expect(match(url)).toBeUndefined();
  });

  test('never another origin, whatever the address looks like', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
        expect(match(url)).toBeUndefined();
        expect(match(`${url}#https://apps.example.com/sales/`)).toBeUndefined();
      }),
    );
  });

  test('an address that is none is said at once', () => {
    expect(() => matcher('javascript:1', base)).toThrow(/no http or https address/);
  });
});
