import { decodeJwt } from 'jose';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import { freePort } from '../../../../test/gateway-process.ts';
import { missing } from '../../../../test/support/requires.ts';
import { describePeer } from './peers/cache.ts';
import {
  type Behind,
  gatewayFor,
  isSignedIn,
  signOut,
  tokenFor,
  told,
  useUntilRenewed,
} from './peers/journey.ts';
import {
  findKeycloak,
  KEYCLOAK_API,
  KEYCLOAK_PERSON,
  KEYCLOAK_SECRET,
  type Keycloak,
  startKeycloak,
} from './peers/keycloak.ts';

const noBrowser = missing('browser');
const found = noBrowser === undefined ? await findKeycloak() : { missing: noBrowser };

/** By exchange for another client, by the refresh token for less, and what the person has no role for. */
const APIS = {
  orders: `resource: ${KEYCLOAK_API}`,
  calls: 'scopes: [openid, phone]',
  little: 'scopes: [openid]',
  secrets: 'resource: other-api',
};

describePeer('Keycloak', found, () => {
  let keycloak: Keycloak;
  let behind: Behind;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    const port = await freePort();
    const keys = `type: keycloak, url: "http://localhost:${port}", realm: portico, client_secret: ${KEYCLOAK_SECRET}`;
    [behind, browser] = await Promise.all([gatewayFor('keycloak', keys, APIS), launchBrowser()]);
    keycloak = await startKeycloak('path' in found ? found.path : '', port, behind.gateway.url);
  });
  afterAll(async () => {
    await browser?.close();
    await behind?.stop();
    await keycloak?.stop();
  });
  beforeEach(async () => {
    ({ page, context } = await newPage(browser));
  });
  afterEach(() => context.close());

  async function signIn(): Promise<void> {
    await page.goto(`${behind.gateway.url}/`);
    await page.getByLabel('Username or email').fill(KEYCLOAK_PERSON.username);
    await page.getByRole('textbox', { name: 'Password' }).fill(KEYCLOAK_PERSON.password);
    await page.getByRole('button', { name: 'Sign In' }).click();
    await page.waitForURL(`${behind.gateway.url}/`);
  }

  test('says who is there, with roles of realm and client and groups without the slash', async () => {
    await signIn();
    const person = await told(page);
    expect(person).toMatchObject({
      email: KEYCLOAK_PERSON.email,
      name: 'Ann Analyst',
      groups: ['finance/eu'],
      provider: 'keycloak',
    });
    expect(person['roles']).toEqual(expect.arrayContaining(['analyst', 'editor']));
    expect(person['roles']).not.toContain('unused');
  });

  test('renews the tokens in use', async () => {
    await signIn();
    await useUntilRenewed(context, behind.gateway);
    await page.reload();
    expect((await told(page))['roles']).toEqual(expect.arrayContaining(['analyst', 'editor']));
  });

  test('gives tokens for APIs: for another client by exchange, for less by the refresh token', async () => {
    await signIn();
    const sub = (await told(page))['sub'];
    const orders = await tokenFor(page, behind.gateway, 'orders');
    expect(orders).toMatchObject({ token_type: 'Bearer', expires_in: expect.any(Number) });
    expect(decodeJwt(String(orders['access_token']))).toMatchObject({
      aud: KEYCLOAK_API,
      azp: 'portico',
      sub,
    });
    const scopesOf = async (api: string) => {
      const { access_token: token } = await tokenFor(page, behind.gateway, api);
      return String(decodeJwt(String(token))['scope']).split(' ');
    };
    expect(await scopesOf('calls')).toContain('phone');
    expect(await scopesOf('little')).not.toContain('phone');
  });

  test('gives none for an API that it does not know, and nobody is signed out by that', async () => {
    await signIn();
    expect(await tokenFor(page, behind.gateway, 'secrets')).toMatchObject({ error: 'access_denied' });
    expect(await isSignedIn(context, behind.gateway)).toBe(true);
  });

  test('is told that somebody signs out here, and asks for the password again', async () => {
    await signIn();
    await signOut(page, behind.gateway);
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await page.goto(`${behind.gateway.url}/`);
    await page.getByRole('textbox', { name: 'Password' }).waitFor();
  });

  test('tells the gateway that an administrator ended a session (back-channel logout)', async () => {
    await signIn();
    await keycloak.signOutEverywhere();
    await vi.waitFor(async () => expect(await isSignedIn(context, behind.gateway)).toBe(false), 10_000);
    expect(behind.gateway.lines.some((line) => line.includes('signed out at the provider'))).toBe(true);
  });

  test('leaves no secret in the log', () => {
    expect(behind.gateway.lines.join('\n')).not.toContain(KEYCLOAK_SECRET);
  });
});
