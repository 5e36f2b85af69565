import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../test/browser.ts';
import { describeWith } from '../../../test/support/requires.ts';
import { DataApps, EXAMPLES, FRAMEWORKS, type Framework } from './support/data-apps.ts';
import { becomes } from './support/stage.ts';

describeWith('browser', 'python')('portico.bridge', () => {
  const apps = new DataApps(EXAMPLES);
  let browser: Browser;
  beforeAll(async () => {
    [browser] = await Promise.all([launchBrowser(), apps.start()]);
  });
  afterAll(async () => {
    await browser?.close();
    await apps.stop();
  });

  const show = async (framework: Framework, ...roles: readonly string[]) => {
    const early = [['region', 'South']] as const;
    const shown = await apps.show(browser, framework, { roles, early, parameters: { colour: 'green' } });
    await shown.page.evaluate(() => window.element.on('picked', (data) => window.heard.push(data)));
    return shown;
  };
  const eventually = <Value>(get: () => Promise<Value>) => expect.poll(get, { timeout: 30_000 });
  const heard = (page: Page) => page.evaluate(() => window.heard);
  const colourOf = (frame: FrameLocator, text: string) =>
    frame.getByText(text).evaluate((found) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext(
        '2d',
      );
      if (!canvas) return [];
      canvas.fillStyle = getComputedStyle(found).color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    });

  test.each(FRAMEWORKS)(
    '%s: a click in the page changes the app, and one in the app the page',
    async (name) => {
      const { page, frame } = await show(name, 'analyst');
      await frame.getByText('For Ada, analyst').waitFor();
      await frame.getByText('South: 27 orders').waitFor();
      await becomes(page, 'ready');
      await page.evaluate(() => window.element.send('region', 'West'));
      await frame.getByText('West: 19 orders').waitFor();
      const tell = frame.getByRole('button', { name: 'Tell the page' });
      await tell.click();
      await eventually(() => heard(page)).toEqual(['West']);
      await tell.click();
      await eventually(() => heard(page)).toEqual(['West', 'West']);
    },
  );

  test.each(FRAMEWORKS)('%s: Python replies to what the page asks', async (name) => {
    const { page, frame } = await show(name, 'analyst');
    await frame.getByText('South: 27 orders').waitFor();
    const ask = (regions: readonly string[]) =>
      page.evaluate((all) => window.element.request('total', all), regions);
    expect(await ask(['North', 'West'])).toBe(60);
    // Many at once: none is passed over, and each has its own.
    const each = ['North', 'South', 'East', 'West'].map((region) => ask([region]));
    expect(await Promise.all(each)).toEqual([41, 27, 38, 19]);
  });

  test.each(FRAMEWORKS)('%s: Python has the parameters, and those that they are changed to', async (name) => {
    const { page, frame } = await show(name, 'analyst');
    await frame.getByText('South: 27 orders').waitFor();
    const colour = () => colourOf(frame, 'South: 27 orders');
    const isGreen = ([red = 0, green = 0, blue = 0]: readonly number[]) => green > red && green > blue;
    const isRed = ([red = 0, green = 0, blue = 0]: readonly number[]) => red > green && red > blue;
    await eventually(async () => isGreen(await colour())).toBe(true);
    await page.evaluate(() => {
      window.element.parameters = { colour: 'red' };
    });
    await eventually(async () => isRed(await colour())).toBe(true);
    expect(apps.log).not.toContain('colour');
  });

  test.each(FRAMEWORKS)('%s: the roles of the product’s token decide what is shown', async (name) => {
    const { frame } = await show(name, 'admin');
    await frame.getByText('Margin: 12 %').waitFor();
    const analyst = await show(name, 'analyst');
    await analyst.frame.getByText('For Ada, analyst').waitFor();
    expect(await analyst.frame.getByText('Margin').count()).toBe(0);
  });

  test.each(FRAMEWORKS)('%s: at the top of a tab the app works by itself', async (name) => {
    const { page } = await newPage(browser);
    await page.setExtraHTTPHeaders({ authorization: `Bearer ${apps.token('analyst')}` });
    await page.goto(`${apps.url}/${name}/`);
    await page.getByText('North: 41 orders').waitFor();
    await page.getByRole('button', { name: 'Tell the page' }).click();
    await page.getByText('North: 41 orders').waitFor();
  });
});
