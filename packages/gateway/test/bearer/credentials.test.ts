import { describe, expect, it } from 'vitest';
import { bearerToken } from '../../src/bearer/credentials.ts';
import { headerName } from '../../src/http/header-names.ts';

const AUTHORIZATION = headerName('Authorization') ?? expect.fail();
const given = (values: readonly string[], query = '') =>
  bearerToken({ names: values.map(() => AUTHORIZATION), values, query });
const refused = { code: 'invalid_request', status: 400 };

describe('security fact 12: the token of a request', () => {
  it.each(['Bearer abc.def-1_2~+/==', 'bearer abc.def-1_2~+/==', 'BEARER   abc.def-1_2~+/=='])(
    'is what follows the scheme: %s',
    (value) => {
      expect(given([value])).toBe('abc.def-1_2~+/==');
    },
  );

  it.each([
    ['nothing', []],
    ['another scheme', ['Basic YWRhOnBlbmNpbA==']],
    ['a scheme that only begins so', ['Bearerx abc']],
    ['an empty header', ['']],
  ])('is not there with %s', (_name, values) => {
    expect(given(values)).toBeUndefined();
  });

  it('is not looked for in the query, which an app may use as it likes', () => {
    expect(given([], 'access_token=abc')).toBeUndefined();
  });

  it.each<[string, readonly string[], string?]>([
    ['two headers', ['Bearer a', 'Bearer b']],
    ['twice the same', ['Bearer a', 'Bearer a']],
    ['another scheme before it', ['Basic YWRh', 'Bearer a']],
    ['another scheme after it', ['Bearer a', 'Basic YWRh']],
    ['one in the query as well', ['Bearer a'], 'x=1&access_token=b'],
    ['a name in the query without a value', ['Bearer a'], 'access_token'],
    ['no token', ['Bearer']],
    ['nothing but spaces', ['Bearer  ']],
    ['two tokens in one header', ['Bearer a, Bearer b']],
    ['a token in quotes', ['Bearer "a"']],
    ['a tab in place of the space', ['Bearer\ta']],
    ['a colon behind the scheme', ['Bearer: a']],
    ['a comma behind the scheme', ['Bearer, a']],
    ['a token with a space', ['Bearer a b']],
  ])('is refused with %s', (_name, values, query = '') => {
    expect(() => given(values, query)).toThrow(expect.objectContaining(refused));
  });
});
