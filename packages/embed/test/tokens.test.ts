import { describe, expect, test, vi } from 'vitest';
import { expiryOf, TokenSource } from '../src/tokens.ts';
import { tokenFor } from './support/stand-in.ts';

const reasonOf = (promise: Promise<unknown>) => promise.then(String, (error) => error.reason);

describe('where the token comes from', () => {
  test('a token that the page sets later is waited for', async () => {
    const tokens = new TokenSource();
    const token = tokens.get();
    tokens.set({ token: 'one' });
    expect(await token).toBe('one');
    const newer = tokens.get(true);
    tokens.set({ token: 'two' });
    expect(await newer).toBe('two');
  });

  test('a provider is asked, and told when the last token is no longer good', async () => {
    const provider = vi.fn(({ renew }: { renew: boolean }) => (renew ? 'newer' : 'first'));
    const tokens = new TokenSource();
    tokens.set({ token: 'set', provider });
    expect([await tokens.get(), await tokens.get(true)]).toEqual(['first', 'newer']);
  });

  test.each([
    ['no token ever', {}, false, 'no_token'],
    ['no newer token', { token: 'one' }, true, 'token_expired'],
    ['a provider that never answers', { provider: () => new Promise<string>(() => {}) }, false, 'no_token'],
    ['a provider that fails', { provider: () => Promise.reject(new Error('secret')) }, false, 'token_failed'],
    ['a provider without a result', { provider: () => '' }, false, 'token_failed'],
  ])('%s is an end, with a reason', async (_what, from, renew, reason) => {
    const tokens = new TokenSource(20);
    tokens.set(from);
    expect(await reasonOf(tokens.get(renew))).toBe(reason);
  });
});

describe('when a token runs out', () => {
  test('is read from a JWT, whatever else stands in it', () => {
    const expiry = expiryOf(tokenFor('Ægir ÿ?>', 60)) ?? 0;
    expect(Math.abs(expiry - Date.now() - 60_000)).toBeLessThan(10_000);
  });

  test.each(['', 'opaque', 'a.b.c', 'a..c', `a.${btoa('{"exp":"soon"}')}.c`, `a.${btoa('null')}.c`])(
    'is unknown of %j',
    (token) => {
      expect(expiryOf(token)).toBeUndefined();
    },
  );
});
