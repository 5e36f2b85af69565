import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import { freePort } from '../../../../test/gateway-process.ts';
import { missing } from '../../../../test/support/requires.ts';
import { describePeer } from './peers/cache.ts';
import { DEX_PERSON, DEX_SECRET, findDex, startDex } from './peers/dex.ts';
import { type Behind, gatewayFor, isSignedIn, signOut, told, useUntilRenewed } from './peers/journey.ts';
import type { Server } from './peers/server.ts';

const noBrowser = missing('browser');
const found = noBrowser === undefined ? await findDex() : { missing: noBrowser };

describePeer('Dex', found, () => {
  let dex: Server;
  let behind: Behind;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let issuer: string;

  beforeAll(async () => {
    const port = await freePort();
    issuer = `http://127.0.0.1:${port}/dex`;
    const keys = `type: oidc, issuer: "${issuer}", client_secret: ${DEX_SECRET}, scope: "openid profile email groups offline_access"`;
    [behind, browser] = await Promise.all([gatewayFor('dex', keys), launchBrowser()]);
    dex = await startDex('path' in found ? found.path : '', port, behind.gateway.url);
  });
  afterAll(async () => {
    await browser?.close();
    await behind?.stop();
    await dex?.stop();
  });
  beforeEach(async () => {
    ({ page, context } = await newPage(browser));
  });
  afterEach(() => context.close());

  async function signIn(): Promise<void> {
    await page.goto(`${behind.gateway.url}/`);
    await page.getByLabel('Email Address').fill(DEX_PERSON.email);
    await page.getByLabel('Password').fill(DEX_PERSON.password);
    await page.getByRole('button', { name: 'Login' }).click();
    await page.waitForURL(`${behind.gateway.url}/`);
  }

  test('says who is there, with a verified address and groups, and the app is told', async () => {
    await signIn();
    expect(await told(page)).toMatchObject({
      email: DEX_PERSON.email,
      groups: DEX_PERSON.groups,
      provider: 'dex',
    });
  });

  test('renews the tokens in use', async () => {
    await signIn();
    await useUntilRenewed(context, behind.gateway);
    expect(await isSignedIn(context, behind.gateway)).toBe(true);
  });

  test('is told that somebody signs out here, and asks for the password again', async () => {
    await signIn();
    await signOut(page, behind.gateway);
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    expect(await isSignedIn(context, behind.gateway)).toBe(false);
    await page.goto(`${behind.gateway.url}/`);
    await page.getByLabel('Password').waitFor();
  });

  test('tells the gateway that somebody signed out there (back-channel logout)', async () => {
    await signIn();
    await page.goto(`${issuer}/logout`);
    await page.getByRole('button', { name: 'Log Out' }).click();
    await page.getByRole('heading', { name: 'Logged Out' }).waitFor();
    await vi.waitFor(async () => expect(await isSignedIn(context, behind.gateway)).toBe(false), 10_000);
    expect(behind.gateway.lines.some((line) => line.includes('signed out at the provider'))).toBe(true);
  });

  test('leaves no secret in the log', () => {
    expect(behind.gateway.lines.join('\n')).not.toContain(DEX_SECRET);
  });
});
