import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../test/browser.ts';
import { describeWith } from '../../../test/support/requires.ts';
import { RealApps } from './support/inline.ts';
import { becomes } from './support/stage.ts';

describeWith('browser', 'python')('a page with an app without a frame', () => {
  const real = new RealApps();
  let browser: Browser;
  beforeAll(async () => {
    [browser] = await Promise.all([launchBrowser(), real.start(['parts', 'flask'])]);
  });
  afterAll(async () => {
    await browser?.close();
    await real.stop();
  });

  const product = async (at = real.page): Promise<Page> => {
    const { page } = await newPage(browser);
    await page.goto(at);
    await page.waitForFunction(() => window.sdk !== undefined);
    return page;
  };
  const shown = async (): Promise<Page> => {
    const page = await product();
    await real.show(page, 'parts');
    expect(await becomes(page, 'ready')).toBeUndefined();
    await page.locator('#logo').waitFor();
    return page;
  };

  test('has its pictures, style sheets and variables, all fetched with the token, and its fonts', async () => {
    const page = await shown();
    await expect
      .poll(() => page.locator('#logo').evaluate((one: HTMLImageElement) => one.naturalWidth))
      .toBe(30);
    const style = await page.locator('#shaded').evaluate((one) => {
      const { color, backgroundImage } = getComputedStyle(one);
      return { color, backgroundImage };
    });
    expect(style).toEqual({ color: 'rgb(1, 2, 3)', backgroundImage: expect.stringMatching(/^url\("blob:/) });
    expect(await page.evaluate(() => [...document.fonts].map(({ family }) => family))).toEqual(['Parts']);
  });

  test('downloads a file of the app with the token, under its name', async () => {
    const page = await shown();
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#file').click()]);
    expect(download.suggestedFilename()).toBe('square.svg');
    const there = new URL('./parts/assets/logo.svg', import.meta.url);
    expect(readFileSync(await download.path(), 'utf8')).toBe(readFileSync(there, 'utf8'));
  });

  test('keeps its address, its title and its own document', async () => {
    const page = await shown();
    await page.locator('#elsewhere').click();
    expect(page.url()).toBe(`${real.page}/`);
    const seen = await page.evaluate(() => ({
      title: document.title,
      app: document.querySelector('#logo'),
      byId: document.getElementById('react-entry-point'),
      body: document.body.querySelector('#around')?.textContent,
      colour: getComputedStyle(document.querySelector('p') ?? document.body).color,
    }));
    expect(seen).toEqual({
      title: 'Shop',
      app: null,
      byId: null,
      body: 'The shop',
      colour: 'rgb(0, 128, 0)',
    });
  });

  test('keeps its own requests: no token on them, and addresses without a host are its own', async () => {
    const page = await shown();
    const [request] = await Promise.all([
      page.waitForRequest((one) => one.url().endsWith('/parts/of-the-page')),
      page.evaluate(() => fetch('/parts/of-the-page')),
    ]);
    expect(request.url()).toBe(`${real.page}/parts/of-the-page`);
    expect(await request.headerValue('authorization')).toBeNull();
  });

  test('shows one such app, and says so of a second', async () => {
    const page = await shown();
    const first = await page.evaluateHandle(() => window.element);
    await real.show(page, 'parts');
    expect(await becomes(page, 'error')).toBe('inline_taken');
    expect(await first.evaluate((one) => one.state)).toBe('ready');
    await first.evaluate((one) => one.remove());
    await page.evaluate(() => window.element.reload());
    await page.locator('#logo').waitFor();
  });

  test.each([
    ['login_required', 'token_refused', { aud: 'another' }],
    ['error', 'forbidden', { roles: [] }],
  ])('shows %s with the reason %s for such a token', async (state, reason, claims) => {
    const page = await product();
    await real.show(page, 'parts', real.token(claims));
    expect(await becomes(page, state)).toBe(reason);
  });

  test('comes back when the page brings a good token after a bad one', async () => {
    const page = await product();
    await real.show(page, 'parts', real.token({}, -60));
    expect(await becomes(page, 'login_required')).toBe('token_refused');
    await page.evaluate((token) => {
      window.element.tokenProvider = () => token;
    }, real.token());
    expect(await becomes(page, 'ready')).toBeUndefined();
  });

  test('says that an app of another framework is for a frame', async () => {
    const page = await product();
    await real.show(page, 'flask');
    expect(await becomes(page, 'error')).toBe('not_inline');
  });

  test('reads nothing when it is not listed, though it has a good token', async () => {
    const { page } = await newPage(browser);
    const answers = async (at: string): Promise<string> => {
      await page.goto(at);
      return page.evaluate(
        async ([url, token]) => {
          const headers = { Authorization: `Bearer ${token}` };
          return fetch(url, { headers }).then(
            ({ status }) => `${status}`,
            ({ name }) => name,
          );
        },
        [`${real.url}/parts/`, real.token()] as const,
      );
    };
    expect([await answers(real.page), await answers(real.stranger)]).toEqual(['200', 'TypeError']);
  });
});
