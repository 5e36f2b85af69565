import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../test/browser.ts';
import { describeWith } from '../../../test/support/requires.ts';
import { Real } from './support/real.ts';
import { becomes } from './support/stage.ts';

/** Page and gateway are two ports of one host: over plain http no cookie goes further. */
describeWith('browser')('the element and the real gateway', () => {
  const real = new Real();
  let browser: Browser;
  beforeAll(async () => {
    [browser] = await Promise.all([launchBrowser(), real.start()]);
  });
  afterAll(async () => {
    await browser?.close();
    await real.stop();
  });

  const page = async (at = real.pages[0] ?? '') => {
    const opened = await newPage(browser);
    await opened.page.goto(at);
    return opened.page;
  };
  /** The tokens are given one after the other, the last again and again. */
  const show = async (on: Page, ...tokens: readonly string[]) => {
    await on.evaluate(
      ([src, ...all]) => {
        const tokenProvider = () => (all.length > 1 ? all.shift() : all[0]) ?? '';
        window.element = Object.assign(document.createElement('portico-app'), { src, tokenProvider });
        document.body.append(window.element);
      },
      [`${real.url}/sales/`, ...tokens] as const,
    );
    return on.frameLocator('portico-app iframe');
  };

  test('show the app in a frame as the person whom the token names, with the bridge in both directions', async () => {
    const host = await page();
    const frame = await show(host, real.token());
    await becomes(host, 'ready');
    await frame.getByText('Ada, analyst').waitFor();
    await frame.getByText('open', { exact: true }).waitFor();
    await host.evaluate(() => {
      window.element.on('picked', (data) => window.heard.push(data));
      window.element.send('colour', 'green');
    });
    await frame.getByText('green').waitFor();
    await frame.getByRole('button').click();
    await host.waitForFunction(() => window.heard.length > 0);
    expect(await host.evaluate(() => window.heard)).toEqual(['EU']);
  });

  test('cost two round trips before the app is asked, and no question of the browser before them', async () => {
    const host = await page();
    const network = await host.context().newCDPSession(host);
    const asked: string[] = [];
    network.on('Network.requestWillBeSent', ({ request }) => {
      if (request.url.startsWith(real.url)) asked.push(`${request.method} ${new URL(request.url).pathname}`);
    });
    await network.send('Network.enable');
    await show(host, real.token());
    await becomes(host, 'ready');
    const app = asked.indexOf('GET /sales/');
    expect(asked.slice(0, app + 1)).toEqual([
      'POST /.auth/embed/code',
      'GET /.auth/embed/start',
      'GET /sales/',
    ]);
  });

  test('keep the token from the app and from the log', async () => {
    const host = await page();
    const token = real.token();
    await show(host, token);
    await becomes(host, 'ready');
    expect(real.app.headers.length).toBeGreaterThan(0);
    expect(real.app.headers.filter((headers) => headers.includes(token))).toEqual([]);
    expect(real.log).not.toContain(token);
  });

  test('go on when the first token runs out: nothing reloads, the socket stays open', async () => {
    const host = await page();
    const first = real.token({}, 6);
    const { exp } = JSON.parse(Buffer.from(first.split('.')[1] ?? '', 'base64url').toString());
    const frame = await show(host, first, real.token());
    await frame.getByText('open', { exact: true }).waitFor();
    const load = await frame.locator('#load').textContent();
    await expect.poll(() => Date.now() > (exp + 2) * 1000, { timeout: 20_000 }).toBe(true);
    expect(await frame.locator('#socket').textContent()).toBe('open');
    expect(await frame.locator('#load').textContent()).toBe(load);
    expect(await frame.locator('body').evaluate(async () => (await fetch('/sales/me')).status)).toBe(200);
  });

  test('end together: signing out in the page closes the app’s socket', async () => {
    const host = await page();
    const before = real.app.sockets.size;
    const frame = await show(host, real.token());
    await frame.getByText('open', { exact: true }).waitFor();
    expect(real.app.sockets.size).toBe(before + 1);
    const closed = new Promise((resolve) => [...real.app.sockets].at(-1)?.once('close', resolve));
    await host.evaluate(() => window.element.end());
    await closed;
    expect(await becomes(host, 'login_required')).toBe('signed_out');
  });

  test.each([
    ['of another audience', () => real.token({ aud: 'shop' }), 'login_required', 'invalid_token'],
    ['that has run out', () => real.token({}, -120), 'login_required', 'invalid_token'],
    [
      'that somebody else signed',
      () => `${real.token().slice(0, -8)}AAAAAAAA`,
      'login_required',
      'invalid_token',
    ],
  ])('refuse a token %s, with a reason on the page', async (_what, token, state, reason) => {
    const host = await page();
    await show(host, token());
    expect(await becomes(host, state)).toBe(reason);
  });

  test('refuse a page that is not listed, which cannot even load the script', async () => {
    const stranger = await page(real.pages[1]);
    expect(await stranger.evaluate(() => customElements.get('portico-app') === undefined)).toBe(true);
    const status = await stranger.evaluate(
      (url) => fetch(url, { method: 'POST' }).then(String, () => 'refused'),
      `${real.url}/.auth/embed/code`,
    );
    expect(status).toBe('refused');
  });

  test('the interceptor reads the app’s data from the page, and opens its socket with a ticket', async () => {
    const host = await page();
    const seen = await host.evaluate(
      async ([app, token]) => {
        const before = (await fetch(`${app}/me`)).status;
        window.sdk.installFetchInterceptor({ match: app, getToken: () => token });
        const me = await (await fetch(`${app}/me`)).json();
        const echo = await new Promise((resolve) => {
          const socket = new WebSocket(`${app.replace('http', 'ws')}/ws?room=1`);
          socket.onopen = () => socket.send('hello');
          socket.onmessage = ({ data }) => resolve(data);
          socket.onclose = ({ code }) => resolve(code);
        });
        return [before, me.name, echo];
      },
      [`${real.url}/sales`, real.token()] as const,
    );
    expect(seen).toEqual([401, 'Ada', '/sales/ws?room=1 hello']);
  });
});
