import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/support/requires.ts';
import { becomes, Stage } from './support/stage.ts';
import { tokenFor } from './support/stand-in.ts';

describeWith('browser')('the bridge between a page and the app in its frame', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage?.stop());

  const shown = async (path = '/sales/') => {
    const page = await stage.page();
    const frame = await stage.show(page, { token: tokenFor('ada'), parameters: { region: 'EU' } }, path);
    await becomes(page, 'ready');
    return { page, frame };
  };

  test('a click in the app changes the page, and a message of the page changes the app', async () => {
    const { page, frame } = await shown();
    await page.evaluate(() => window.element.on('picked', (data) => window.heard.push(data)));
    await frame.getByRole('button').click();
    await page.waitForFunction(() => window.heard.length > 0);
    expect(await page.evaluate(() => window.heard)).toEqual([{ region: 'EU' }]);
    await page.evaluate(() => window.element.send('colour', 'green'));
    await frame.getByText('green').waitFor();
  });

  test('a request is replied to in both directions, and a handler that fails says so without saying why', async () => {
    const { page, frame } = await shown();
    expect(await page.evaluate(() => window.element.request('double', 21))).toBe(42);
    const reasons = await page.evaluate(() =>
      Promise.all(
        ['broken', 'nobody'].map((name) => window.element.request(name).catch((error) => error.reason)),
      ),
    );
    expect(reasons).toEqual(['failed', 'no_handler']);
    await page.evaluate(() => window.element.on('add', (data) => (data as number[]).reduce((a, b) => a + b)));
    const added = await frame.locator('body').evaluate(() => window.portico?.request('add', [1, 2, 3]));
    expect(added).toBe(6);
  });

  test('what is sent before the app listens is delivered when it does', async () => {
    const page = await stage.page();
    const frame = await stage.show(page, { token: tokenFor('ada') });
    await page.evaluate(() => window.element.send('colour', 'early'));
    await frame.getByText('early').waitFor();
  });

  test('parameters and theme reach the app, again when they change, and stand in no address', async () => {
    const { page, frame } = await shown();
    await frame.getByText('[true,{"region":"EU"},{}]').waitFor();
    await page.evaluate(() => {
      window.element.parameters = { region: 'US' };
      window.element.theme = { base: 'dark', primaryColor: 'rgb(1, 2, 3)' };
    });
    const root = frame.locator('html[data-portico-theme=dark]');
    await root.waitFor();
    const seen = await root.evaluate((html) => [
      window.portico?.parameters,
      getComputedStyle(html).getPropertyValue('--portico-primary-color'),
    ]);
    expect(seen).toEqual([{ region: 'US' }, 'rgb(1, 2, 3)']);
    expect(stage.gateway.log.filter(({ line }) => /region|EU|US/.test(line))).toEqual([]);
  });

  test('the token is in no address and reaches neither the frame nor the app', async () => {
    const token = tokenFor('ada');
    const page = await stage.page();
    const frame = await stage.show(page, { token });
    await becomes(page, 'ready');
    expect(stage.gateway.log.filter(({ line }) => line.includes(token))).toEqual([]);
    // Nor does the browser have to ask first whether it may send it.
    expect(stage.gateway.log.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
    const before = stage.gateway.log.map(({ line }) => line.replace(/\?.*/, '')).slice(-5, -1);
    expect(before).toEqual([
      'POST /.auth/embed/code',
      'GET /.auth/embed/start',
      'GET /sales/',
      'GET /.auth/embed/app.js',
    ]);
    expect(await page.locator('portico-app').evaluate((element) => element.outerHTML)).not.toContain(token);
    expect(await frame.locator('html').evaluate((html) => html.outerHTML)).not.toContain(token);
  });

  /** Something that every forged message claims. */
  const forged = [
    { portico: 1, kind: 'event', name: 'picked', data: 'forged' },
    { portico: 1, kind: 'state', name: 'login_required' },
    { portico: 1, kind: 'event', name: 'colour', data: 'forged' },
  ];

  test('the page hears no other window and no other origin', async () => {
    const { page } = await shown();
    await page.evaluate(() => window.element.on('picked', (data) => window.heard.push(data)));
    // A page of the same origin as the app, in another frame; the product's own window; another product.
    for (const url of [
      `${stage.gateway.url}/sales/plain`,
      `${stage.stranger}/other`,
      `${stage.host}/other`,
    ]) {
      await page.evaluate(async (src) => {
        const other = Object.assign(document.createElement('iframe'), { src, className: 'other' });
        const loaded = new Promise((resolve) => other.addEventListener('load', resolve, { once: true }));
        document.body.append(other);
        await loaded;
      }, url);
    }
    for (const frame of page.frames().slice(2))
      await frame.evaluate((all) => all.map((one) => parent.postMessage(one, '*')), forged);
    await page.evaluate((all) => all.map((one) => window.postMessage(one, '*')), forged);
    // Messages of one window arrive in order: what comes behind them shows that they were passed over.
    await page.frames()[1]?.evaluate(() => window.portico?.send('picked', 'real'));
    await page.waitForFunction(() => window.heard.length > 0);
    expect(page.frames()).toHaveLength(5);
    expect(await page.evaluate(() => [window.heard, window.element.state])).toEqual([['real'], 'ready']);
  });

  test('the page does not hear what has taken the app’s place in the frame', async () => {
    const { page, frame } = await shown();
    await page.evaluate(() => {
      window.element.on('picked', (data) => window.heard.push(data));
      addEventListener('message', ({ data }) => data === 'last' && document.body.append('arrived'));
    });
    await frame.locator('body').evaluate((_body, url) => location.assign(url), `${stage.stranger}/other`);
    await frame.getByText('another page of the product').waitFor();
    await page.frames()[1]?.evaluate((all) => {
      for (const one of all) parent.postMessage(one, '*');
      // Behind the others from the same window, so that they have arrived when this has.
      parent.postMessage('last', '*');
    }, forged);
    await page.getByText('arrived').waitFor();
    expect(await page.evaluate(() => [window.heard, window.element.state])).toEqual([[], 'ready']);
  });

  test('the app hears nobody but the page around it', async () => {
    const { page, frame } = await shown();
    await page.evaluate(async (src) => {
      const app = window.element.shadowRoot?.querySelector('iframe')?.contentWindow;
      const other = Object.assign(document.createElement('iframe'), { src });
      const loaded = new Promise((resolve) => other.addEventListener('load', resolve, { once: true }));
      document.body.append(other);
      await loaded;
      Object.assign(other.contentWindow ?? {}, { app });
    }, `${stage.host}/other`);
    // Same origin as the page, and not the page.
    await page.frames()[2]?.evaluate((all) => {
      const { app } = window as unknown as { app: Window };
      for (const one of all) app.postMessage(one, '*');
    }, forged);
    await frame.locator('body').evaluate((_body, all) => {
      for (const one of all) window.postMessage(one, '*');
    }, forged);
    expect(await page.evaluate(() => window.element.request('double', 1))).toBe(2);
    expect(await frame.locator('#heard').textContent()).toBe('nothing');
  });

  test('a page that the session does not name neither hears nor reaches the app, though it frames it', async () => {
    const { page } = await shown();
    const other = await page.context().newPage();
    await other.goto(`${stage.stranger}/other`);
    const known = other.waitForResponse(/embed\/context/);
    await other.evaluate((src) => {
      window.heard = [];
      addEventListener('message', (event) => window.heard.push(event.data));
      document.body.append(Object.assign(document.createElement('iframe'), { src }));
    }, `${stage.gateway.url}/sales/`);
    await (await known).finished();
    const inside = other.frames()[1];
    // Once the script knows whose the session is, what waited goes out.
    await inside?.evaluate(async () => {
      window.portico?.send('picked', 'secret');
      for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    });
    await other.evaluate((target) => {
      frames[0]?.postMessage({ portico: 1, kind: 'event', name: 'colour', data: 'x' }, target);
    }, stage.gateway.url);
    await inside?.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
    expect(await other.evaluate(() => window.heard)).toEqual([]);
    expect(await inside?.locator('#heard').textContent()).toBe('nothing');
  });

  test('without a page around it the app is told so at once', async () => {
    const { page } = await shown();
    await page.goto(`${stage.gateway.url}/sales/`);
    await page.getByText('[false,{},{}]').waitFor();
    const reason = await page.evaluate(() => window.portico?.request('add').catch((error) => error.reason));
    expect(reason).toBe('not_embedded');
  });

  test('the frame is as high as the app, up and down, and does not grow for ever', async () => {
    const { page, frame } = await shown();
    const height = () => page.locator('portico-app iframe').evaluate((one) => one.clientHeight);
    const contentBecomes = async (px: number) => {
      await frame.locator('#content').evaluate((content, to) => {
        content.style.height = `${to}px`;
      }, px);
      await expect.poll(height).toBeGreaterThanOrEqual(px);
      await expect.poll(height).toBeLessThan(px + 250);
    };
    await contentBecomes(1500);
    await contentBecomes(100);
    const endless = await shown('/sales/endless');
    const grown = () => endless.page.locator('portico-app iframe').evaluate((one) => one.clientHeight);
    await expect.poll(grown).toBeGreaterThan(640);
    const settled = await endless.page.evaluate(async () => {
      for (let frames = 0; frames < 60; frames += 1) await new Promise(requestAnimationFrame);
      return document.querySelector('portico-app')?.shadowRoot?.querySelector('iframe')?.clientHeight;
    });
    expect(settled).toBeLessThan(800);
  });
});
