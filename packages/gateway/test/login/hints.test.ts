import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hintsOf } from '../../src/login/hints.ts';

describe('the wishes of a sign-in link', () => {
  it.each([
    ['login_hint=ada%40example.com', { loginHint: 'ada@example.com' }],
    ['prompt=select_account', { prompt: 'select_account' }],
    ['prompt=login&login_hint=ada', { prompt: 'login', loginHint: 'ada' }],
    ['prompt=none', {}],
    ['prompt=login%20none', {}],
    ['login_hint=', {}],
    ['login_hint=a%0d%0ab', {}],
    [`login_hint=${'a'.repeat(255)}`, {}],
    ['scope=admin&redirect_uri=https://evil.example', {}],
  ])('%s', (query, hints) => {
    expect(hintsOf(new URLSearchParams(query))).toEqual(hints);
  });

  it('never hold anything but the two', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (pairs) => {
        const keys = Object.keys(hintsOf(new URLSearchParams(pairs)));
        expect(keys.every((key) => key === 'prompt' || key === 'loginHint')).toBe(true);
      }),
    );
  });
});
