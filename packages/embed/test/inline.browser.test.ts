import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../test/browser.ts';
import { describeWith } from '../../../test/support/requires.ts';
import type { ExampleName } from '../../gateway/src/demo/examples.ts';
import { RealApps } from './support/inline.ts';
import { becomes } from './support/stage.ts';
import { countListeners, tracesOf } from './support/traces.ts';

describeWith('browser', 'python')('an app without a frame, behind the real gateway', () => {
  const real = new RealApps();
  let browser: Browser;
  beforeAll(async () => {
    [browser] = await Promise.all([
      launchBrowser(),
      real.start(['dash', 'bokeh', 'panel', 'streamlit', 'gradio']),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await real.stop();
  });

  const product = async (): Promise<Page> => {
    const { page } = await newPage(browser);
    await page.goto(real.page);
    await page.waitForFunction(() => window.sdk !== undefined);
    return page;
  };
  const shown = async (framework: ExampleName): Promise<Page> => {
    const page = await product();
    await real.show(page, framework);
    expect(await becomes(page, 'ready')).toBeUndefined();
    return page;
  };

  test('Dash: the person is known, a menu opens beside it, a callback draws', async () => {
    const page = await shown('dash');
    await page.locator('#who').getByText('ada@example.com', { exact: true }).waitFor();
    await page.locator('#chart .trace').first().waitFor();
    await page.locator('#cities').click();
    await page.getByRole('option', { name: 'Porto' }).click();
    await page.getByText('270 readings, drawn for ada@example.com').waitFor();
    expect(await page.title()).toBe('Shop');
    expect(await page.locator('iframe').count()).toBe(0);
  });

  test('Bokeh: a slider answers over a WebSocket that a ticket opened', async () => {
    const page = await shown('bokeh');
    await page.getByText('ada@example.com').waitFor();
    await page.locator('.noUi-handle').first().press('ArrowRight');
    await page.getByText('Spread: 1.1').waitFor();
    // The server writes this when the WebSocket is open.
    await page.getByText('No figures:').waitFor();
    expect(real.log).not.toContain('portico_ticket');
  });

  test('Panel: a template with its styles, and a slider that draws anew', async () => {
    const page = await shown('panel');
    await page.getByText('ada@example.com').waitFor();
    await page.getByText('Revenue now').waitFor();
    await page.locator('.noUi-handle').first().press('ArrowRight');
    await page.getByText('Frequency: 2.1').waitFor();
    // The template's `:root` variables arrive where its `html` stands.
    const header = page.locator('#header');
    expect(await header.evaluate((one) => getComputedStyle(one).backgroundColor)).not.toBe(
      'rgba(0, 0, 0, 0)',
    );
  });

  test('Streamlit, as an experiment: a choice runs the script again', async () => {
    const page = await shown('streamlit');
    await page.getByText('Welcome, Ada.').waitFor();
    await page.getByText('North').first().waitFor();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('No figures:').waitFor();
  });

  test('Gradio, by its own element: a button measures a text', async () => {
    const page = await shown('gradio');
    await page.getByText('ada@example.com').waitFor();
    await page.getByRole('button', { name: 'Measure' }).click();
    // The answer comes as server-sent events.
    await expect
      .poll(() => page.getByLabel('Summary', { exact: true }).inputValue())
      .toBe('14 words, 11 different, measured for ada@example.com');
  });

  test.each(['dash', 'bokeh', 'panel', 'streamlit', 'gradio'] as const)(
    '%s leaves the page as it was, and comes back',
    async (framework) => {
      const page = await product();
      const listeners = await countListeners(page);
      const before = { ...(await tracesOf(page)), listeners: await listeners() };
      // Streamlit's modules run once in a page.
      const rounds = framework === 'streamlit' ? 1 : 2;
      for (let round = 0; round < rounds; round += 1) {
        await real.show(page, framework);
        await becomes(page, 'ready');
        await page.getByText('ada@example.com').first().waitFor();
        await page.evaluate(() => window.element.remove());
        // `element` itself is the test's own.
        await page.evaluate(() => Reflect.deleteProperty(window, 'element'));
        expect({ ...(await tracesOf(page)), listeners: await listeners() }).toEqual(before);
      }
    },
  );
});
