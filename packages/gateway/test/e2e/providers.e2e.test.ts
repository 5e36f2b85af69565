import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import { type GatewayProcess, startGateway } from '../../../../test/gateway-process.ts';
import { describeWith } from '../../../../test/support/requires.ts';
import { CLIENT_ID, CLIENT_SECRET } from '../identity/oauth/grants.ts';
import { type Internet, openInternet } from './support/internet.ts';
import { type Vendor, vendors } from './support/vendors.ts';

const VENDORS = vendors();

function configuration(all: readonly Vendor[]): string {
  const client = `client_id: ${CLIENT_ID}, client_secret: ${CLIENT_SECRET}`;
  const providers = all.map(({ name, keys }) => `  ${name}: { ${keys}, title: "Vendor ${name}", ${client} }`);
  return `providers:\n${providers.join('\n')}\napps: { sales: { at: /sales, upstream: "http://127.0.0.1:9" } }\n`;
}

describeWith('browser')('somebody with an account at a vendor', () => {
  let internet: Internet;
  let gateway: GatewayProcess;
  let browser: Browser;

  beforeAll(async () => {
    internet = await openInternet(new Map(VENDORS.flatMap(({ hosts }) => Object.entries(hosts))));
    [gateway, browser] = await Promise.all([
      startGateway({ config: configuration(VENDORS), env: internet.environment }),
      launchBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
    await internet?.close();
  });

  test.each(VENDORS)('signs in with $name from the chooser', async ({ name, asks, who }) => {
    const { page, context } = await newPage(browser, {
      proxy: { server: internet.proxy, bypass: 'localhost' },
      ignoreHTTPSErrors: true,
    });
    await page.goto(`${gateway.url}/.auth/login?return_to=${encodeURIComponent('/.auth/session')}`);
    await page.getByRole('link', { name: `Vendor ${name}` }).click();
    if (asks !== undefined) {
      await page.getByRole('heading', { name: asks }).waitFor();
      expect(new URL(page.url()).protocol).toBe('https:');
      await page.getByRole('link', { name: 'Continue' }).click();
    }
    await page.waitForURL(`${gateway.url}/.auth/session`);
    expect(JSON.parse(await page.locator('body').innerText())).toMatchObject({ ...who, provider: name });
    await context.close();
  });

  test('leaves no client secret in the log', () => {
    expect(gateway.lines.join('\n')).not.toContain(CLIENT_SECRET);
  });
});
