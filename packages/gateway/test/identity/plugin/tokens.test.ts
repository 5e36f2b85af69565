import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProvider } from '../../../src/identity/create.ts';
import type { RedirectProvider } from '../../../src/identity/provider.ts';

const SESSION = {
  identity: { issuer: 'https://id.example.com', subject: 'ann', provider: 'ours', roles: [], groups: [] },
  tokens: { refreshToken: 'r' },
};
const WANTED = { grant: 'refresh', scopes: ['read'], resource: 'orders' } as const;

/** A plug-in whose `tokenFor` is this source. */
async function plugin(tokenFor: string | undefined): Promise<RedirectProvider> {
  const folder = mkdtempSync(join(tmpdir(), 'portico-plugin-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const module = join(folder, 'plugin.mjs');
  await writeFile(
    module,
    `export default (options, { error }) => ({
      kind: 'redirect',
      async authorizationUrl() {}, async redeem() {}, async refresh() {}, async revoke() {}, async endSessionUrl() {},
      ${tokenFor === undefined ? '' : `tokenFor: ${tokenFor},`}
    });`,
  );
  const settings = {
    ...{ name: 'ours', title: 'Ours', place: module, module, base: folder, options: {} },
    type: 'plugin',
  } as const;
  return (await createProvider(settings, {
    clock: Date.now,
    random: (n) => new Uint8Array(n),
  })) as RedirectProvider;
}
const asked = async (source: string) => (await plugin(source)).tokenFor?.(SESSION, WANTED);

describe('a plug-in and tokens for APIs', () => {
  it('need not know each other', async () => {
    expect((await plugin(undefined)).tokenFor).toBeUndefined();
  });

  it('is refused at the start when its member is no function', async () => {
    await expect(plugin("'yes'")).rejects.toMatchObject({
      code: 'provider_plugin_invalid',
      message: expect.stringContaining('tokenFor should be a function'),
    });
  });

  it('gets session and wish, and gives a token, with the session’s tokens where they changed', async () => {
    const source = `async ({ identity, tokens }, { grant, scopes, resource }) => ({
      token: { accessToken: [identity.subject, grant, ...scopes, resource].join('.'), expiresAt: 7, scope: 'read', more: 1 },
      tokens: { refreshToken: tokens.refreshToken + '2' },
    })`;
    expect(await asked(source)).toEqual({
      token: { accessToken: 'ann.refresh.read.orders', expiresAt: 7, scope: 'read' },
      tokens: { refreshToken: 'r2' },
    });
    expect(await asked("async () => ({ token: { accessToken: 'a' } })")).toEqual({
      token: { accessToken: 'a' },
    });
  });

  it.each([
    ['nothing', 'async () => undefined'],
    ['no token', 'async () => ({ token: {} })'],
    ['a token that is no text', 'async () => ({ token: { accessToken: 1 } })'],
    ['a token that would end a header', "async () => ({ token: { accessToken: 'a\\\\r\\\\nb: c' } })"],
    ['an end that is no number', "async () => ({ token: { accessToken: 'a', expiresAt: 'soon' } })"],
    ['session tokens that are none', "async () => ({ token: { accessToken: 'a' }, tokens: 'r' })"],
    ['an error of its own', "async () => { throw new Error('canary') }"],
  ])('that gives %s has failed, and its words stay inside', async (_what, source) => {
    const error = await asked(source).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'GatewayError', status: 502 });
    expect(JSON.stringify([String(error), error])).not.toContain('canary');
  });

  it('says no in the gateway’s words', async () => {
    const provider = await plugin("async () => { throw error('token_refused', 403, 'not for ann') }");
    await expect(provider.tokenFor?.(SESSION, WANTED)).rejects.toMatchObject({
      code: 'token_refused',
      status: 403,
    });
  });
});
