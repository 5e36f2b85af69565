import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../test/browser.ts';
import { describeWith } from '../../../test/support/requires.ts';
import { DataApps, FRAMEWORKS, type Framework } from './support/data-apps.ts';
import { becomes } from './support/stage.ts';

describeWith('browser', 'python')('portico.bridge', () => {
  const apps = new DataApps();
  let browser: Browser;
  beforeAll(async () => {
    [browser] = await Promise.all([launchBrowser(), apps.start()]);
  });
  afterAll(async () => {
    await browser?.close();
    await apps.stop();
  });

  const show = async (framework: Framework, roles: readonly string[] = ['analyst']) => {
    const { page } = await newPage(browser);
    await page.goto(apps.page);
    await page.waitForFunction(() => customElements.get('portico-app'));
    const given = { src: `${apps.url}/${framework}/`, token: apps.token(...roles) };
    await page.evaluate(
      (all) => {
        window.element = Object.assign(document.createElement('portico-app'), all);
        window.element.on('picked', (data) => window.heard.push(data));
        // Sent before the app's Python has begun.
        window.element.send('region', 'South');
        document.body.append(window.element);
      },
      { ...given, parameters: { colour: 'green' } },
    );
    const frame = page.frameLocator('portico-app iframe');
    return { page, frame };
  };
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
      const { page, frame } = await show(name);
      await frame.getByText('For Ada, analyst').waitFor();
      await frame.getByText('South: 27 orders').waitFor();
      await becomes(page, 'ready');
      await page.evaluate(() => window.element.send('region', 'West'));
      await frame.getByText('West: 19 orders').waitFor();
      const tell = frame.getByRole('button', { name: 'Tell the page' });
      await tell.click();
      await expect.poll(() => heard(page)).toEqual(['West']);
      await tell.click();
      await expect.poll(() => heard(page)).toEqual(['West', 'West']);
    },
  );

  test.each(FRAMEWORKS)('%s: Python replies to what the page asks', async (name) => {
    const { page, frame } = await show(name);
    await frame.getByText('South: 27 orders').waitFor();
    const ask = (regions: readonly string[]) =>
      page.evaluate((all) => window.element.request('total', all), regions);
    expect(await ask(['North', 'West'])).toBe(60);
    // Many at once: none is passed over, and each has its own.
    const each = ['North', 'South', 'East', 'West'].map((region) => ask([region]));
    expect(await Promise.all(each)).toEqual([41, 27, 38, 19]);
  });

  test.each(FRAMEWORKS)('%s: Python has the parameters, and those that they are changed to', async (name) => {
    const { page, frame } = await show(name);
    await frame.getByText('South: 27 orders').waitFor();
    const colour = () => colourOf(frame, 'South: 27 orders');
    const isGreen = ([red = 0, green = 0, blue = 0]: readonly number[]) => green > red && green > blue;
    const isRed = ([red = 0, green = 0, blue = 0]: readonly number[]) => red > green && red > blue;
    await expect.poll(async () => isGreen(await colour())).toBe(true);
    await page.evaluate(() => {
      window.element.parameters = { colour: 'red' };
    });
    await expect.poll(async () => isRed(await colour())).toBe(true);
    expect(apps.log).not.toContain('colour');
  });

  test.each(FRAMEWORKS)('%s: the roles of the product’s token decide what is shown', async (name) => {
    const { frame } = await show(name, ['admin']);
    await frame.getByText('Margin: 12 %').waitFor();
    const analyst = await show(name);
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
