import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { People } from '../../src/devidp/people.ts';
import { Sealer } from '../../src/session/seal.ts';
import { Browser, type Page } from '../login/browser.ts';
import { PERSONAS, startTestGateway, type TestGateway, viaInternal } from '../login/gateway.ts';
import { askGraph, refreshed, refreshTokenOf } from './tokens.ts';

let gateway: TestGateway;
let browser: Browser;
beforeEach(async () => {
  gateway = await startTestGateway();
  browser = new Browser();
});
afterEach(() => gateway.close());

const url = () => `${gateway.origin}/.auth/dev/people`;

function change(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Page> {
  const body = new URLSearchParams({ person: 'ann', roles: 'analyst', groups: 'finance, eu', ...fields });
  return browser.fetch(url(), { method: 'POST', body: body.toString(), headers });
}

async function who(): Promise<{ roles: string[]; groups: string[] }> {
  const someone = new Browser();
  await someone.signIn(gateway.origin, 'ann');
  return JSON.parse((await someone.fetch(`${gateway.origin}/.auth/session`)).body);
}

describe('the page of people', () => {
  test('shows everybody with roles and groups, escaped', async () => {
    await change({ roles: 'a"><b>', do: 'save' });
    const { status, body } = await browser.fetch(url());
    expect(status).toBe(200);
    expect(body).toContain('value="admin"');
    expect(body).toContain('value="finance, eu"');
    expect(body).toContain('value="a&quot;&gt;&lt;b&gt;"');
  });

  test('changes what somebody is from the next sign-in on, also after a restart', async () => {
    const saved = await change({ roles: 'viewer,  lead auditor, viewer,', groups: '', do: 'save' });
    expect(saved.status).toBe(303);
    expect(await who()).toMatchObject({ roles: ['viewer', 'lead auditor'], groups: [] });
    await gateway.restartDev();
    expect(await who()).toMatchObject({ roles: ['viewer', 'lead auditor'], groups: [] });
  });

  test('goes back to the configuration', async () => {
    await change({ roles: 'viewer', do: 'save' });
    expect((await browser.fetch(url())).body).toContain('As configured');
    await change({ do: 'reset' });
    expect((await browser.fetch(url())).body).not.toContain('As configured');
    expect(await who()).toMatchObject({ roles: ['analyst'], groups: ['finance', 'eu'] });
  });

  test('changes nothing for a form from elsewhere', async () => {
    const elsewhere = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ];
    for (const headers of elsewhere) {
      expect((await change({ roles: 'admin', do: 'save' }, headers)).status).toBe(400);
    }
    expect(await who()).toMatchObject({ roles: ['analyst'] });
  });

  test.each([
    { person: 'nobody', do: 'save' },
    { do: 'constructor' },
    { do: '' },
    { roles: 'x'.repeat(5000), do: 'save' },
  ])('refuses a form that makes no sense: %o', async (fields) => {
    expect((await change({ ...fields, groups: 'other' })).status).toBe(400);
    expect(await who()).toMatchObject({ roles: ['analyst'], groups: ['finance', 'eu'] });
  });

  test('says what was done in fixed words only', async () => {
    const after = await browser.fetch(`${url()}?done=end&person=ann`);
    expect(after.body).toContain('every access token of this person is over');
    const nonsense = await browser.fetch(`${url()}?done=%3Cb%3Ehi&person=ann`);
    expect(nonsense.body).not.toContain('hi</b>');
    expect(nonsense.body).not.toContain('role="status"');
  });

  test('is shown on the public address, where its forms are good', async () => {
    const answer = await fetch(`http://127.0.0.1:${gateway.dev.port}/.auth/dev/people`, {
      redirect: 'manual',
    });
    expect(answer.headers.get('location')).toBe(url());
  });
});

describe('ending tokens', () => {
  test('ends all access tokens of one person, and leaves the grant', async () => {
    const scope = 'openid profile email roles groups User.Read';
    gateway.provider({ name: 'dev', scope }, viaInternal(gateway.dev));
    await new Browser().signIn(gateway.origin, 'ada');
    const other = await refreshed(gateway, refreshTokenOf(gateway), { scope: 'User.Read' });
    await new Browser().signIn(gateway.origin, 'ann');
    const own = await refreshed(gateway, refreshTokenOf(gateway));
    const before = await refreshed(gateway, own.refreshToken, { scope: 'User.Read' });
    expect(decodeJwt(before.accessToken).sub).toBe('ann');
    expect((await askGraph(gateway, '/me', before.accessToken)).status).toBe(200);

    expect((await change({ do: 'end' })).headers.get('location')).toContain('done=end');

    expect((await askGraph(gateway, '/me', before.accessToken)).status).toBe(401);
    const userinfo = await fetch(`${gateway.dev.issuer}/me`, {
      headers: { authorization: `Bearer ${own.accessToken}` },
    });
    expect(userinfo.status).toBe(401);
    expect((await askGraph(gateway, '/me', other.accessToken)).status).toBe(200);
    const after = await refreshed(gateway, before.refreshToken, { scope: 'User.Read' });
    expect((await askGraph(gateway, '/me', after.accessToken)).status).toBe(200);
  });
});

test('a change made of one configuration gives way to a later configuration', async () => {
  const sealer = new Sealer(['a secret for tests']);
  const before = new People(PERSONAS, gateway.store, sealer);
  await before.change('ann', { roles: ['viewer'], groups: [] });
  expect(await before.find('ann')).toMatchObject({ roles: ['viewer'], changed: true });
  const reconfigured = PERSONAS.map((persona) => ({ ...persona, roles: ['owner'] }));
  const after = new People(reconfigured, gateway.store, sealer);
  expect(await after.find('ann')).toMatchObject({ roles: ['owner'], changed: false });
});
