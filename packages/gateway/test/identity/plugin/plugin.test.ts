import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PluginProviderSettings } from '../../../src/config/provider-settings.ts';
import { createProvider } from '../../../src/identity/create.ts';
import type { IdentityProvider, ValidatedCallback } from '../../../src/identity/provider.ts';
import { NOW, TRANSACTION } from '../oauth/provider.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-plugin-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;

/** A plug-in with this source, as `type: ./file` in a configuration beside it. */
async function load(source: string, more: Partial<PluginProviderSettings> = {}): Promise<IdentityProvider> {
  const file = join(folder, `plugin-${++count}.ts`);
  await writeFile(file, source);
  return createProvider(settings({ module: file, ...more }), {
    clock: () => NOW,
    random: (n) => new Uint8Array(n),
  });
}

const settings = (more: Partial<PluginProviderSettings>): PluginProviderSettings => ({
  name: 'ours',
  type: 'plugin',
  title: 'Ours',
  place: './ours.ts',
  module: './ours.ts',
  base: folder,
  options: {},
  ...more,
});

const FORM = (authenticate: string): string => `export default {
  kind: 'form', name: 'wrong', title: 'wrong', asksUsername: true,
  async authenticate() { ${authenticate} },
};`;
const REDIRECT = (redeem: string, url = "new URL('https://id.example.com/')"): string => `export default {
  kind: 'redirect',
  async authorizationUrl() { return ${url}; },
  async redeem() { ${redeem} },
  async refresh() { ${redeem} },
  async revoke() {},
  async endSessionUrl() { return ${url}; },
};`;
const ANN =
  "{ issuer: 'https://id.example.com', subject: 'ann', provider: 'x', roles: ['r'], groups: ['g'] }";
const CALLBACK = { url: new URL(TRANSACTION.redirectUri), transaction: TRANSACTION } as ValidatedCallback;
const GIVEN = { username: 'ann', password: 'x', clientAddress: '127.0.0.1' };

async function authenticate(source: string): Promise<unknown> {
  const provider = await load(FORM(source));
  return provider.kind === 'form' ? provider.authenticate(GIVEN) : undefined;
}

async function redirecting(source: string) {
  const provider = await load(source);
  if (provider.kind !== 'redirect') throw new TypeError('not a provider that redirects');
  return provider;
}

describe('a plug-in', () => {
  it('in TypeScript is an object, or a function of its options and the gateway’s tools', async () => {
    const made = await load(
      `type Text = string;
       export default async (options: { who: Text }, tools: { name: Text; title: Text; clock(): number; random(n: number): Uint8Array }) => ({
         kind: 'form', name: tools.name, title: tools.title, asksUsername: false,
         async authenticate() {
           const subject = [options.who, tools.name, tools.title, tools.clock(), tools.random(3).length].join(' ');
           return { identity: { issuer: 'i', subject, provider: '', roles: [], groups: [] }, tokens: {} };
         },
       });`,
      { options: { who: 'ann' } },
    );
    expect(made).toMatchObject({ kind: 'form', name: 'ours', title: 'Ours', asksUsername: false });
    expect(made.kind === 'form' && (await made.authenticate(GIVEN)).identity.subject).toBe(
      `ann ours Ours ${NOW} 3`,
    );
  });

  it('may be a package that is installed beside the configuration', async () => {
    const file = join(folder, 'node_modules/our-sign-in/index.js');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, FORM(`return { identity: ${ANN}, tokens: {} };`));
    await writeFile(join(dirname(file), 'package.json'), '{"type":"module","exports":"./index.js"}');
    const tools = { clock: () => NOW, random: (n: number) => new Uint8Array(n) };
    const provider = await createProvider(settings({ module: 'our-sign-in', place: 'our-sign-in' }), tools);
    expect(provider).toMatchObject({ kind: 'form', name: 'ours' });
  });

  it('is called what the configuration calls it, and so are the people it knows', async () => {
    expect(await authenticate(`return { identity: ${ANN}, tokens: {} };`)).toEqual({
      identity: {
        issuer: 'https://id.example.com',
        subject: 'ann',
        provider: 'ours',
        roles: ['r'],
        groups: ['g'],
      },
      tokens: {},
    });
  });

  it.each([
    [
      'is not there',
      () =>
        createProvider(settings({ module: join(folder, 'none.ts') }), {
          clock: Date.now,
          random: (n) => new Uint8Array(n),
        }),
      /cannot be loaded/,
    ],
    [
      'is a package that nobody installed',
      () =>
        createProvider(settings({ module: 'no-such-package-here' }), {
          clock: Date.now,
          random: (n) => new Uint8Array(n),
        }),
      /cannot be loaded/,
    ],
    ['has a syntax error', () => load('export default {{'), /cannot be loaded/],
    [
      'throws when it is loaded',
      () => load("throw new Error('no licence');"),
      /cannot be loaded: no licence/,
    ],
    ['has no default export', () => load('export const provider = 1;'), /neither a provider nor a function/],
    [
      'throws when it is made',
      () => load("export default () => { throw new Error('region is missing'); };"),
      /does not accept its options: region is missing/,
    ],
    ['is of no kind', () => load("export default { kind: 'saml' };"), /kind should be/],
    [
      'lacks members',
      () => load("export default { kind: 'redirect', redeem() {}, refresh: 1, revoke() {} };"),
      /authorizationUrl should be a function; refresh should be a function; endSessionUrl should be a function/,
    ],
    [
      'lacks what a form needs',
      () => load("export default { kind: 'form', authenticate() {} };"),
      /asksUsername should be a boolean/,
    ],
  ])('that %s is a problem at the start', async (_, loading, message) => {
    await expect(loading()).rejects.toMatchObject({
      code: 'provider_plugin_invalid',
      message: expect.stringMatching(message),
      publicHint: expect.stringMatching(/./),
    });
  });

  it.each([
    ['throws', "throw new Error('canary-password');"],
    ['rejects with nothing', 'return Promise.reject();'],
    ['answers nothing', ''],
    ['answers without an identity', 'return { tokens: {} };'],
    ['answers without an issuer', "return { identity: { subject: 'a' }, tokens: {} };"],
    ['answers without a subject', "return { identity: { issuer: 'i' }, tokens: {} };"],
    [
      'answers a subject with control characters',
      "return { identity: { issuer: 'i', subject: 'a\\u0000' }, tokens: {} };",
    ],
    ['answers a token that is no text', `return { identity: ${ANN}, tokens: { accessToken: 1 } };`],
    [
      'answers an end of life that is no number',
      `return { identity: ${ANN}, tokens: { accessTokenExpiresAt: 'soon' } };`,
    ],
  ])('that %s makes the sign-in fail, with a page that tells nothing', async (_, source) => {
    const error = (await authenticate(source).catch((caught: unknown) => caught)) as Error;
    expect(error).toMatchObject({ name: 'GatewayError', code: 'sign_in_refused' });
    expect((error as { publicMessage?: string }).publicMessage).toEqual(expect.any(String));
    expect(error.message).not.toContain('canary');
  });

  it('may say what apps call somebody', async () => {
    const source = (user: string): string =>
      `return { identity: { issuer: 'i', subject: 's', user: ${user}, roles: [], groups: [] }, tokens: {} };`;
    expect(await authenticate(source("'ann'"))).toMatchObject({ identity: { subject: 's', user: 'ann' } });
    await expect(authenticate(source("'a\\nb'"))).rejects.toMatchObject({ code: 'user_claim_missing' });
  });

  it('leaves out an e-mail, roles and groups that are malformed', async () => {
    const odd =
      "{ issuer: 'i', subject: 'a', email: 'a@evil@corp', name: 'a\\nb', roles: [1, 'r', 'x\\u0007'], groups: 'g' }";
    expect(await authenticate(`return { identity: ${odd}, tokens: {} };`)).toMatchObject({
      identity: { issuer: 'i', subject: 'a', provider: 'ours', roles: ['r'], groups: ['g'] },
    });
    expect(await authenticate(`return { identity: ${odd}, tokens: {} };`)).not.toHaveProperty(
      'identity.email',
    );
  });

  it.each([
    ['javascript:alert(1)', "new URL('javascript:alert(1)')"],
    ['plain http', "new URL('http://id.example.com/')"],
    ['text', "'https://id.example.com/'"],
  ])('cannot send a browser to %s', async (_, url) => {
    const provider = await redirecting(REDIRECT('', url));
    await expect(provider.authorizationUrl(TRANSACTION)).rejects.toMatchObject({ code: 'sign_in_refused' });
    await expect(provider.endSessionUrl({}, 'https://apps.example.com/')).rejects.toMatchObject({
      code: 'sign_in_refused',
    });
  });

  it('may tell further claims, held to what every provider may tell', async () => {
    const claims =
      "{ department: 'R&D', level: 3, staff: true, sites: ['Bonn'], manager: { id: 1 }, bad: 'a\\nb' }";
    const made = await authenticate(`return { identity: { ...${ANN}, claims: ${claims} }, tokens: {} };`);
    expect(made).toMatchObject({
      identity: { claims: { department: 'R&D', level: 3, staff: true, sites: ['Bonn'] } },
    });
    expect(made).not.toHaveProperty('identity.claims.manager');
    expect(made).not.toHaveProperty('identity.claims.bad');
  });

  it('that gives back the identity it got does not make the configuration’s roles its own', async () => {
    const echo = REDIRECT(`return { identity: ${ANN}, tokens: {} };`).replace(
      /async refresh\(\) \{.*?\},\n/,
      'async refresh(session) { return session; },\n',
    );
    const provider = await redirecting(echo);
    const { identity, tokens } = await provider.redeem(CALLBACK);
    const mapped = { ...identity, roles: ['r', 'analyst'], addedRoles: ['analyst'] };
    expect((await provider.refresh({ identity: mapped, tokens })).identity).toEqual(identity);
  });

  it('cannot turn one person into another with a refresh', async () => {
    const provider = await redirecting(REDIRECT(`return { identity: ${ANN}, tokens: {} };`));
    const signedIn = await provider.redeem(CALLBACK);
    expect(await provider.refresh(signedIn)).toEqual(signedIn);
    const other = { ...signedIn, identity: { ...signedIn.identity, subject: 'bob' } };
    await expect(provider.refresh(other)).rejects.toMatchObject({ code: 'refresh_refused' });
  });

  it('says what it means with the gateway’s own errors', async () => {
    const provider = await load(`export default (_, { error }) => ({
      kind: 'form', asksUsername: true,
      async authenticate() { throw error('wrong_password', 401, 'no such user', { publicMessage: 'No.' }); },
    });`);
    const attempt = provider.kind === 'form' ? provider.authenticate(GIVEN) : undefined;
    await expect(attempt).rejects.toMatchObject({
      code: 'wrong_password',
      status: 401,
      publicMessage: 'No.',
    });
  });
});
