import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../test/browser.ts';
import { describeWith } from '../../../test/support/requires.ts';
import { DataApps, FRAMEWORKS, TRIALS } from './support/data-apps.ts';
import { becomes } from './support/stage.ts';

describeWith('browser', 'python')('the ends of the bridge in Python', () => {
  const apps = new DataApps(TRIALS);
  let browser: Browser;
  beforeAll(async () => {
    [browser] = await Promise.all([launchBrowser(), apps.start()]);
  });
  afterAll(async () => {
    await browser?.close();
    await apps.stop();
  });

  const eventually = <Value>(get: () => Promise<Value>) => expect.poll(get, { timeout: 30_000 });
  const heard = (page: Page) => page.evaluate(() => window.heard);

  test.each(FRAMEWORKS)('%s: messages in a row are heard one by one, in their order', async (name) => {
    const { page, frame } = await apps.show(browser, name, { early: [['note', 'a']] });
    await frame.getByText('heard: a').waitFor();
    await page.evaluate(() => {
      for (const data of ['b', 'b', 'c', 'd']) window.element.send('note', data);
    });
    await frame.getByText('heard: a,b,b,c,d').waitFor();
    await frame.getByText('latest: d').waitFor();
  });

  test.each(FRAMEWORKS)('%s: what Python sends in a row arrives once and in its order', async (name) => {
    const { page, frame } = await apps.show(browser, name);
    await frame.getByText('heard:').waitFor();
    await page.evaluate(() => window.element.on('number', (data) => window.heard.push(data)));
    const all = Array.from({ length: 20 }, (_, number) => number);
    await frame.getByRole('button', { name: 'Many' }).click();
    await eventually(async () => (await heard(page)).length).toBe(20);
    await frame.getByRole('button', { name: 'Many' }).click();
    await eventually(() => heard(page)).toEqual([...all, ...all]);
  });

  test.each(FRAMEWORKS)('%s: Python asks, and the page replies', async (name) => {
    const { page, frame } = await apps.show(browser, name);
    await page.evaluate(() => {
      window.element.on('price', async (data) => {
        window.heard.push(data);
        return '12 €';
      });
    });
    await frame.getByRole('button', { name: 'Ask' }).click();
    await frame.getByText('price: 12 €').waitFor();
    expect(await heard(page)).toEqual([{ id: 7 }]);
  });

  test.each(FRAMEWORKS)('%s: Python is told why the page does not reply', async (name) => {
    const { page, frame } = await apps.show(browser, name);
    await page.evaluate(() => {
      window.element.on('price', () => Promise.reject(new Error('a secret of the page')));
    });
    await frame.getByRole('button', { name: 'Ask' }).click();
    await frame.getByText('no price: failed').waitFor();
    const alone = await newPage(browser);
    await alone.page.setExtraHTTPHeaders({ authorization: `Bearer ${apps.token('analyst')}` });
    await alone.page.goto(`${apps.url}/${name}/`);
    await alone.page.getByRole('button', { name: 'Ask' }).click();
    await alone.page.getByText('no price: not_embedded').waitFor();
  });

  test.each(FRAMEWORKS)('%s: a function that fails says so, and not why', async (name) => {
    const { page, frame } = await apps.show(browser, name);
    await frame.getByText('heard:').waitFor();
    const reason = await page.evaluate(() =>
      window.element.request('broken').catch((error) => [error.reason, String(error)]),
    );
    expect(reason).toEqual([name === 'dash' ? 'timeout' : 'failed', expect.not.stringContaining('secret')]);
  });

  test('Streamlit takes the page’s theme, and the next one', async () => {
    const theme = { base: 'dark', backgroundColor: '#123456', textColor: '#fedcba' } as const;
    const { page, frame } = await apps.show(browser, 'streamlit', { theme });
    const colour = () =>
      frame.locator('[data-testid=stApp]').evaluate((app) => getComputedStyle(app).backgroundColor);
    await eventually(colour).toBe('rgb(18, 52, 86)');
    await page.evaluate(() => {
      window.element.theme = { backgroundColor: '#abcdef' };
    });
    await eventually(colour).toBe('rgb(171, 205, 239)');
    await page.evaluate(() => {
      window.element.theme = 'dark';
    });
    // Streamlit's own dark is another one from time to time.
    await eventually(colour).toMatch(/^rgb\([0-5]?\d, [0-5]?\d, [0-5]?\d\)$/);
  });

  test('Streamlit runs its script again when the page says so, and gets query parameters', async () => {
    const { page, frame } = await apps.show(browser, 'streamlit', { path: '?title=Quarter' });
    await becomes(page, 'ready');
    await page.evaluate(() => window.element.on('streamlit:title', (data) => window.heard.push(data)));
    await frame.getByText('query: none').waitFor();
    const runs = async () => Number((await frame.getByText(/runs: \d+/).innerText()).split(' ')[1]);
    const before = await runs();
    await page.evaluate(() => window.element.send('streamlit:rerun'));
    await eventually(runs).toBeGreaterThan(before);
    await page.evaluate(() => window.element.send('streamlit:query', 'region=EU&title=Year'));
    await frame.getByText('query: EU').waitFor();
    await eventually(() => heard(page)).toContain('Year');
  });

  test('the page is told what Streamlit’s script does', async () => {
    const { page, frame } = await apps.show(browser, 'streamlit');
    await frame.getByText('heard:').waitFor();
    const scripts = () => page.evaluate(() => window.states.flatMap(({ script }) => script ?? []));
    await eventually(scripts).toContain('running');
    await eventually(async () => (await scripts()).at(-1)).toBe('notRunning');
    expect(await page.evaluate(() => window.element.state)).toBe('ready');
  });

  test('Streamlit believes the listed pages, and not those of its makers’ cloud', async () => {
    const headers = { authorization: `Bearer ${apps.token('analyst')}` };
    const answer = await fetch(`${apps.url}/streamlit/_stcore/host-config`, { headers });
    expect(await answer.json()).toMatchObject({ allowedOrigins: [apps.page], useExternalAuthToken: false });
  });
});
