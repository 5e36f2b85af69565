import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PluginProviderSettings } from '../../../src/config/provider-settings.ts';
import { ORIGIN } from '../../gate/gateway.ts';
import { Browser, changed, isCallback } from '../../login/browser.ts';
import { type World, world } from '../oauth/world.ts';

const KEY = 'canary-portal-secret-0123456789-0123456789';
const EXAMPLE = join(import.meta.dirname, '../../../../../examples/provider-plugin');

const PORTAL: PluginProviderSettings = {
  name: 'portal',
  type: 'plugin',
  title: 'the company portal',
  place: './portal.ts',
  module: join(EXAMPLE, 'portal.ts'),
  base: EXAMPLE,
  options: { url: 'https://portal.example.com/sso.php', secret: KEY },
};

type Fields = Record<string, unknown>;

function ticket(fields: Fields, key = KEY): string {
  const body = Buffer.from(JSON.stringify(fields)).toString('base64url');
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}

let all: World;
let change: (fields: Fields) => Fields;
let key: string;
beforeEach(async () => {
  change = (fields) => fields;
  key = KEY;
  all = await world([PORTAL]);
  // What examples/provider-plugin/sso.php does.
  all.internet.host('https://portal.example.com', ({ url: { searchParams } }) => {
    const [back, state] = [searchParams.get('redirect_uri') ?? '', searchParams.get('state') ?? ''];
    const exp = Math.floor(Date.now() / 1000) + 60;
    const ann = {
      sub: '7',
      name: 'Ann',
      email: 'ann@example.com',
      groups: ['finance'],
      aud: back,
      state,
      exp,
    };
    const query = new URLSearchParams({ code: ticket(change(ann), key), state });
    return { status: 302, headers: { location: `${back}?${query}` } };
  });
});
afterEach(() => all.close());

describe('the example of a plug-in', () => {
  it('signs in whom the portal names', async () => {
    const browser = new Browser();
    await all.signIn('portal', browser);
    expect(await all.who(browser)).toMatchObject({
      user: '7',
      email: 'ann@example.com',
      name: 'Ann',
      groups: ['finance'],
      provider: 'portal',
    });
    expect(all.gateway.log.join()).not.toContain('canary');
  });

  it.each([
    ['signed with another key', (fields: Fields) => fields, 'x'.repeat(40)],
    ['for another site', (fields: Fields) => ({ ...fields, aud: 'https://evil.example.com/' }), KEY],
    ['for another sign-in', (fields: Fields) => ({ ...fields, state: 'another' }), KEY],
    ['that has expired', (fields: Fields) => ({ ...fields, exp: 1 }), KEY],
    ['that lives for a year', (fields: Fields) => ({ ...fields, exp: Date.now() / 1000 + 3e7 }), KEY],
    ['without an end', ({ exp: _, ...fields }: Fields) => fields, KEY],
    ['without a subject', ({ sub: _, ...fields }: Fields) => fields, KEY],
  ])('refuses a ticket %s', async (_, changing, signingKey) => {
    change = changing;
    key = signingKey;
    const browser = new Browser();
    expect((await all.signIn('portal', browser)).status).toBe(403);
    expect(await all.who(browser)).toBeUndefined();
  });

  it.each(['', '.', 'x.y', 'e30.', '..', `${'a'.repeat(5000)}.b`])(
    'refuses %j for a ticket, and the gateway goes on',
    async (code) => {
      const browser = new Browser();
      const { url } = await all.signIn('portal', browser, isCallback);
      const page = await browser.fetch(changed(url, (params) => params.set('code', code)));
      expect(page.status).toBeGreaterThanOrEqual(400);
      expect(await all.who(browser)).toBeUndefined();
      expect((await browser.fetch(`${ORIGIN}/.auth/healthz`)).status).toBe(200);
    },
  );
});
