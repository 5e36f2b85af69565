import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import type { GatewayProcess } from '../../../../test/gateway-process.ts';
import { describeWith } from '../../../../test/support/requires.ts';
import { violations } from './support/axe.ts';
import { startDemo } from './support/demo.ts';
import { choose, signIn } from './support/people.ts';

describeWith('browser')('portico demo, alone', () => {
  let gateway: GatewayProcess;
  let browser: Browser;

  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startDemo([]), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  const dashboard = (): string => `${gateway.url}/demo/`;
  const live = (page: Page): Promise<unknown> =>
    page.locator('#connection').getByText('Live', { exact: true }).waitFor();

  test('leads from the front door over one click to a dashboard that is live', async () => {
    const { page, context, problems } = await newPage(browser);
    await page.goto(gateway.url);
    await page.getByRole('heading', { name: 'Who do you want to be?' }).waitFor();
    await choose(page, 'ana');
    await page.waitForURL(`${gateway.url}/.auth/`);
    await page.getByRole('link', { name: 'Live operations' }).click();
    await page.getByRole('heading', { name: 'Hello, Ana Analyst' }).waitFor();
    expect(await page.locator('#roles li').allTextContents()).toEqual(['analyst', 'viewer']);
    expect(await page.locator('#groups li').allTextContents()).toEqual(['finance']);
    await live(page);

    // The numbers come over the WebSocket, again and again.
    const drawn = async (): Promise<string | null> => page.locator('#chart .stroke').getAttribute('d');
    const first = await drawn();
    await expect.poll(drawn, { timeout: 20_000 }).not.toBe(first);
    expect(problems).toEqual([]);
    await context.close();
  });

  test('shows what an API says on somebody’s behalf, and asks it again', async () => {
    const { page, context, problems } = await newPage(browser);
    await signIn(page, dashboard(), 'ana');
    await page.getByText('The API knows you as Ana Analyst.').waitFor();
    expect(await page.locator('#api-rows tr').count()).toBe(4);
    await page.locator('#api-token').getByText('Access token of').waitFor();
    const revenue = (): Promise<string> => page.locator('#api-rows').innerText();
    const before = await revenue();
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Ask again' }).click();
        return revenue();
      })
      .not.toBe(before);
    expect(problems).toEqual([]);
    await context.close();
  });

  test('changes a person on the page of people, and takes it back', async () => {
    const { page, context, problems } = await newPage(browser, { viewport: { width: 390, height: 800 } });
    const card = page.getByRole('listitem').filter({ hasText: 'Vik Viewer' });
    const press = (name: string): Promise<void> => card.getByRole('button', { name, exact: true }).click();
    await page.goto(`${gateway.url}/.auth/dev/people`);
    await card.getByLabel('Roles').fill('viewer, analyst');
    await press('Save and end tokens now');
    await card.getByRole('status').getByText('open apps see it now').waitFor();
    const vik = await newPage(browser);
    await signIn(vik.page, dashboard(), 'vik');
    expect(await vik.page.locator('#roles li').allTextContents()).toEqual(['viewer', 'analyst']);

    await press('As configured');
    await card.getByRole('status').getByText('As in the configuration again').waitFor();
    expect(await card.getByLabel('Roles').inputValue()).toBe('viewer');
    const overflow = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBe(false);
    expect(problems).toEqual([]);
    await Promise.all([context.close(), vik.context.close()]);
  });

  test('counts everybody who looks', async () => {
    const ana = await newPage(browser);
    const vik = await newPage(browser);
    await signIn(ana.page, dashboard(), 'ana');
    await live(ana.page);
    const before = Number(await ana.page.locator('#watching').textContent());
    await signIn(vik.page, dashboard(), 'vik');
    await ana.page.waitForFunction(`document.getElementById('watching').textContent === '${before + 1}'`);
    await Promise.all([ana.context.close(), vik.context.close()]);
  });

  test('shows the admin page to Ada and tells Ana why not to her', async () => {
    const ada = await newPage(browser);
    await signIn(ada.page, `${dashboard()}admin/`, 'ada');
    await ada.page.getByRole('heading', { name: 'Who is watching' }).waitFor();
    await ada.context.close();

    const ana = await newPage(browser);
    await ana.page.goto(`${dashboard()}admin/`);
    await choose(ana.page, 'ana');
    await ana.page.getByRole('heading', { name: 'You cannot open Live operations' }).waitFor();
    await ana.page.getByText('needs role admin; ana@example.com has roles analyst, viewer').waitFor();
    expect((await ana.page.reload())?.status()).toBe(403);
    await ana.context.close();
  });

  test('signs out: the open dashboard goes dark and nothing opens without signing in again', async () => {
    const { page, context } = await newPage(browser);
    await signIn(page, dashboard(), 'ana');
    await live(page);
    const other = await context.newPage();
    await other.goto(dashboard());
    await other.getByRole('link', { name: 'Sign out' }).click();
    await other.getByRole('heading', { name: 'Sign out?' }).waitFor();
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.getByRole('heading', { name: 'You are signed out' }).waitFor();

    await page.getByRole('heading', { name: 'Your session ended' }).waitFor();
    expect(await page.locator('#orders').textContent()).toBe('–');
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await choose(page, 'vik');
    await page.waitForURL(dashboard());
    await page.getByRole('heading', { name: 'Hello, Vik Viewer' }).waitFor();
    await context.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing wrong, ${colorScheme}`, { timeout: 60_000 }, async () => {
      const { page, context } = await newPage(browser, { colorScheme, reducedMotion: 'reduce' });
      await page.goto(dashboard());
      await page.getByRole('heading', { name: 'Who do you want to be?' }).waitFor();
      expect(await violations(page), 'personas').toEqual([]);
      await choose(page, 'ana');
      await live(page);
      expect(await violations(page), 'dashboard').toEqual([]);
      for (const path of ['/.auth/', '/.auth/dev/people', '/demo/admin/', '/nowhere', '/.auth/logout']) {
        await page.goto(gateway.url + path);
        expect(await violations(page), path).toEqual([]);
      }
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
      expect(await violations(page), 'signed out').toEqual([]);
      await signIn(page, `${dashboard()}admin/`, 'ada');
      expect(await violations(page), 'admin page').toEqual([]);
      await context.close();
    });
  }
});
