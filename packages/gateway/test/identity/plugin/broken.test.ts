import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ORIGIN } from '../../gate/gateway.ts';
import { Browser, isCallback } from '../../login/browser.ts';
import { githubSettings, type World, world } from '../oauth/world.ts';

let folder: string;
let all: World;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-broken-'));
});
afterEach(async () => {
  await all.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a plug-in that breaks after the start', () => {
  it('costs its own sign-ins only: a page says so, and other providers and sessions go on', async () => {
    const module = join(folder, 'broken.ts');
    writeFileSync(
      module,
      `let calls = 0;
      export default {
        kind: 'redirect',
        authorizationUrl(transaction) {
          if (calls++ > 0) throw new Error('canary-inside');
          return new URL(transaction.redirectUri + '?code=x&state=' + transaction.state);
        },
        async redeem() { return undefined.canary; },
        async refresh() {}, async revoke() {}, async endSessionUrl() {},
      };`,
    );
    const broken = {
      name: 'broken',
      type: 'plugin',
      title: 'Broken',
      place: module,
      module,
      base: folder,
      options: {},
    } as const;
    all = await world([broken, githubSettings()]);
    const somebody = new Browser();
    await all.signIn('github', somebody);

    const { url } = await all.signIn('broken', new Browser(), isCallback);
    expect(url).toContain('/.auth/login/broken/callback?code=x');
    const browser = new Browser();
    const page = await all.signIn('broken', browser);
    expect(page.status).toBe(502);
    expect(page.body).toContain('This sign-in could not be completed.');
    expect(page.body).not.toContain('canary');
    expect(all.gateway.log.join()).toContain('canary-inside');

    expect(await all.who(somebody)).toMatchObject({ provider: 'github' });
    expect((await browser.fetch(`${ORIGIN}/.auth/healthz`)).status).toBe(200);
  });

  it('in the callback makes no session', async () => {
    const module = join(folder, 'callback.ts');
    writeFileSync(
      module,
      `export default {
        kind: 'redirect',
        async authorizationUrl(transaction) { return new URL(transaction.redirectUri + '?code=x&state=' + transaction.state); },
        async redeem() { return undefined.canary; },
        async refresh() {}, async revoke() {}, async endSessionUrl() {},
      };`,
    );
    all = await world([
      { name: 'broken', type: 'plugin', title: 'Broken', place: module, module, base: folder, options: {} },
    ]);
    const browser = new Browser();
    expect((await all.signIn('broken', browser)).status).toBe(502);
    expect(await all.who(browser)).toBeUndefined();
  });
});
