import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CookieNames, parseCookies, setCookie } from '../../src/http/cookies.ts';

describe('cookies', () => {
  it('are bound to their host and to https where there is https', () => {
    expect(new CookieNames(true).session).toBe('__Host-portico');
    expect(new CookieNames(false).session).toBe('portico');
  });

  it.each([
    ...['portico', '__Host-portico', '__host-Portico', '__Secure-portico', 'PORTICO'],
    ...['portico-login-x', '__Host-portico-login-x', '__Host-portico-anything'],
  ])('%s is ours, so no app gets it or sets it', (name) => {
    expect(CookieNames.reserved(name)).toBe(true);
  });

  it.each(['porticos', 'my-portico', 'session', '_xsrf', '__Host-session'])(
    '%s belongs to an app',
    (name) => {
      expect(CookieNames.reserved(name)).toBe(false);
    },
  );

  it('every cookie that is sent is read, in order, duplicates too', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/);
    const value = fc.stringMatching(/^[A-Za-z0-9=_%-]{0,12}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), fc.constantFrom('; ', ';', ' ;  '), (pairs, between) => {
        const header = pairs.map((pair) => pair.join('=')).join(between);
        expect(parseCookies(header)).toEqual(pairs);
      }),
    );
  });

  it('are out of reach of scripts and other sites, and are deleted with the attributes they were set with', () => {
    const attributes = (text: string): string[] => text.split('; ').slice(1).sort();
    const set = setCookie('__Host-portico', 'x', { secure: true, maxAge: 60 });
    expect(attributes(set)).toEqual(['HttpOnly', 'Max-Age=60', 'Path=/', 'SameSite=Lax', 'Secure']);
    const deleted = setCookie('__Host-portico', '', { secure: true, maxAge: 0 });
    expect(attributes(deleted)).toEqual(['HttpOnly', 'Max-Age=0', 'Path=/', 'SameSite=Lax', 'Secure']);
  });
});
