import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { head, rawClient } from '../gate/client.ts';
import {
  ASSERTION,
  type Caller,
  CREDENTIAL,
  startApi,
  startCaller,
  stopCallers,
  type TestApi,
} from './caller.ts';

let api: TestApi;
let elsewhere: TestApi;
let caller: Caller;
beforeAll(async () => {
  api = await startApi((_request, response) => response.end('api'));
  elsewhere = await startApi((_request, response) => response.end('elsewhere'));
  caller = await startCaller({ url: `${api.origin}/base/v1` });
});
afterAll(stopCallers);

/** What people have tried on gateways that put two paths together. */
const HOSTILE = fc.constantFrom(
  ...[
    '/',
    '//',
    '..',
    '.',
    '/..',
    '/../',
    '/./',
    '..;',
    '/..;/',
    ';',
    '%2e',
    '%2E%2e',
    '%2f',
    '%2F',
    '%5c',
    '\\',
  ],
  ...[
    '%252e',
    '%252f',
    '?',
    '??',
    '#',
    '%23',
    '%3f',
    '@',
    ':',
    '%00',
    '%0d%0a',
    '%c0%ae',
    '%e2%80%a5',
    '*',
    '~',
  ],
  ...['base', 'v1', 'v2', 'me', 'http:', 'http://', '=http://', '127.0.0.1', '.auth', 'api', 'graph', 'x'],
);
const REST = fc.oneof(
  fc
    .array(fc.oneof(HOSTILE, fc.string({ unit: 'grapheme-ascii', maxLength: 3 })), { maxLength: 9 })
    .map((p) => p.join('')),
  fc.constantFrom('elsewhere').map(() => `@${elsewhere.origin.slice('http://'.length)}/`),
);

test('whatever an app asks for, nothing but the declared host below the declared path is called', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('/', '', '//', '/='), REST, async (first, rest) => {
      api.seen.length = 0;
      const client = await rawClient(caller);
      client.send(
        head(
          `GET /.auth/api/graph${first}${rest}`,
          'a=1',
          `Authorization: ${CREDENTIAL}`,
          `Portico-Assertion: ${ASSERTION}`,
          'Connection: close',
        ),
      );
      const answer = await client.until(undefined);
      for (const { url } of api.seen) {
        expect(url).toMatch(/^\/base\/v1(?:[/?]|$)/);
        // As any client or server would resolve it.
        for (const text of [url, decodeURIComponent(url.split('?')[0] ?? ''), url.replaceAll(';', '/')])
          expect(new URL(text, api.origin).pathname).toMatch(/^\/base\/v1(?:\/|$)/);
      }
      expect(elsewhere.seen).toEqual([]);
      expect(answer).toMatch(api.seen.length === 1 ? /^HTTP\/1.1 200 / : /^HTTP\/1.1 4\d\d /);
    }),
    { numRuns: 400 },
  );
});

test('what is harmless goes on byte for byte', async () => {
  const segment = fc.string({
    unit: fc.constantFrom(..."abcXYZ019-_~!$&()*+,:@'"),
    minLength: 1,
    maxLength: 8,
  });
  const query = fc.string({ unit: fc.constantFrom(...'ab=&/?:@%2F%41$.+'), maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 4 }), query, async (segments, asked) => {
      api.seen.length = 0;
      const rest = `/${segments.join('/')}${asked === '' ? '' : `?${asked}`}`;
      const client = await rawClient(caller);
      client.send(
        head(
          `GET /.auth/api/graph${rest}`,
          'a=1',
          `Authorization: ${CREDENTIAL}`,
          `Portico-Assertion: ${ASSERTION}`,
          'Connection: close',
        ),
      );
      await client.until(undefined);
      expect(api.seen.map(({ url }) => url)).toEqual([`/base/v1${rest}`]);
    }),
    { numRuns: 200 },
  );
});
