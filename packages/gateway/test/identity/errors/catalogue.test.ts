import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { CATALOGUE, lookUp, lookUpPage } from '../../../src/identity/errors/catalogue.ts';
import { oidcError, ProviderError } from '../../../src/identity/errors/provider-error.ts';

/** As the OIDC client throws it: the provider's words as properties, the answer as cause. */
function said(error: string | undefined, description: string | undefined): Error {
  return Object.assign(new Error('server responded with an error in the response body'), {
    name: 'ResponseBodyError',
    code: 'OAUTH_RESPONSE_BODY_ERROR',
    status: 400,
    ...(error === undefined ? {} : { error }),
    ...(description === undefined ? {} : { error_description: description }),
  });
}

const entryOf = (error: unknown) => (error instanceof ProviderError ? error.entry : undefined);
const spoken = CATALOGUE.filter(({ example }) => example.error !== undefined || example.text !== undefined);
const seen = CATALOGUE.filter(({ when }) => when.code !== undefined);

describe('the catalogue', () => {
  test.each(spoken)('knows the documented words of $vendor: $id', (entry) => {
    const { error, text } = entry.example;
    const told = oidcError('corp', 'token request', said(error, text));
    expect(entryOf(told)?.id).toBe(entry.id);
    expect(told.code).toBe(entry.wayOn);
    expect(told.message).toContain(entry.fix);
    expect(told.message).toContain(entry.link);
  });

  test.each(spoken.filter(({ example }) => example.text !== undefined))(
    'finds them on a page as well: $id',
    ({ id, example }) => {
      const page = `<!doctype html><p>${example.text}</p>`;
      expect(lookUpPage(page)?.id).toBe(id);
    },
  );

  test.each(seen)('knows by its code: $id', ({ id, when }) => {
    for (const code of when.code ?? [])
      expect(
        lookUp({ errors: [], text: '', codes: ['TypeError', code], doing: when.doing ?? 'token request' })
          ?.id,
      ).toBe(id);
  });

  test('has every entry once, with a fix, and an https link to a document', () => {
    const ids = CATALOGUE.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { happened, fix, link } of CATALOGUE) {
      expect(happened).toMatch(/^[A-Z].*\.$/);
      expect(fix).toMatch(/^[A-Z<].*[.)]$/);
      expect(new URL(link).protocol).toBe('https:');
    }
  });

  test('says nothing of it to the person: neither the fix, nor the vendor’s words, nor a link', () => {
    for (const { example, fix, link } of spoken) {
      const told = oidcError('corp', 'token request', said(example.error, example.text));
      const shown = `${told.publicMessage} ${told.publicHint}`;
      expect(shown).not.toContain(fix);
      expect(shown).not.toContain(link);
      expect(shown).not.toContain(example.text ?? 'AADSTS');
      expect(shown.length).toBeGreaterThan(30);
    }
  });

  test.each([
    ['access_denied', 'User is not assigned to the client application.', 'account_not_allowed'],
    ['access_denied', 'something else', 'access_denied'],
    [
      'invalid_grant',
      "AADSTS50020: User account 'x' from identity provider 'y' does not exist",
      'wrong_tenant',
    ],
    ['invalid_grant', 'redirect_uri does not match', 'redirect_uri_mismatch'],
    ['a_word_that_nobody_knows', 'and nothing else', 'sign_in_refused'],
  ])('lets the vendor’s words count more than the standard’s: %s, %s', (error, description, code) => {
    expect(oidcError('corp', 'token request', said(error, description)).code).toBe(code);
  });

  test('a longer number is another error', () => {
    const told = oidcError('corp', 'token request', said('invalid_client', 'AADSTS500119: something'));
    expect(entryOf(told)?.id).toBe('invalid_client');
  });

  test('no secret that a provider repeats reaches the log or a person', () => {
    const canary = 'canary-Q8Jw2nR5tYc7Vb1Zx3Lk9Mp4Ds6';
    for (const { example } of spoken) {
      const error = said(example.error, `${example.text ?? ''} ${canary}`);
      error.cause = new URLSearchParams({ code: canary });
      const told = oidcError('corp', 'token request', error);
      const all = JSON.stringify([told.message, told.publicMessage, told.publicHint, told.stack, told.cause]);
      expect(all).not.toContain(canary);
    }
  });
});

describe('trouble on the way', () => {
  test('to a name that nobody has, and to a port where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    for (const [url, id] of [
      ['https://no-such-host.invalid/', 'unknown host'],
      [`http://127.0.0.1:${port}/`, 'connection refused'],
    ] as const) {
      const caught: unknown = await fetch(url).catch((error: unknown) => error);
      const told = oidcError('corp', 'discovery', caught);
      expect([told.code, entryOf(told)?.id]).toEqual(['provider_unreachable', id]);
    }
  });

  test('that nobody can describe is no reason to fall over', () => {
    expect(oidcError('corp', 'discovery', undefined).code).toBe('sign_in_refused');
  });
});
