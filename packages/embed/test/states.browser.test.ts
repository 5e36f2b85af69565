import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/support/requires.ts';
import { becomes, Stage } from './support/stage.ts';
import { tokenFor } from './support/stand-in.ts';

describeWith('browser')('the states of the element', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage?.stop());

  const loadOf = (page: Page) => page.frameLocator('portico-app iframe').locator('#load').textContent();
  /** A provider in the page that gives these tokens one after the other, and the last again and again. */
  const providing = async (page: Page, tokens: readonly string[]) => {
    await page.evaluate((all) => {
      window.tokens = [...all];
      const tokenProvider = async () =>
        (window.tokens.length > 1 ? window.tokens.shift() : window.tokens[0]) ?? '';
      window.element = Object.assign(document.createElement('portico-app'), { tokenProvider });
    }, tokens);
    await page.evaluate((src) => {
      document.body.append(Object.assign(window.element, { src }));
    }, `${stage.gateway.url}/sales/`);
  };

  test('loading, then ready, each told once', async () => {
    const page = await stage.page();
    await stage.show(page, { token: tokenFor('ada') });
    await becomes(page, 'ready');
    expect(await page.evaluate(() => window.states)).toEqual([{ state: 'loading' }, { state: 'ready' }]);
    expect(await page.getByText('Loading…').isVisible()).toBe(false);
  });

  test('an app without the script is ready when it has loaded', async () => {
    const page = await stage.page();
    const frame = await stage.show(page, { token: tokenFor('ada') }, '/sales/plain');
    await becomes(page, 'ready');
    await frame.getByText('an app without the script').waitFor();
  });

  test.each(['', 'javascript:alert(1)', 'https://', 'data:text/html,x'])(
    'an address that is none (%j) is an error',
    async (src) => {
      const page = await stage.page();
      await stage.show(page, { token: tokenFor('ada'), src });
      expect(await becomes(page, 'error')).toBe('bad_src');
      expect(page.frames()).toHaveLength(1);
    },
  );

  test.each([
    ['of another audience', () => tokenFor('ada', 3600, 'shop'), 'invalid_token'],
    ['that has run out', () => tokenFor('ada', -60), 'invalid_token'],
  ])('a token %s asks for a sign-in', async (_what, token, reason) => {
    const page = await stage.page();
    await stage.show(page, { token: token() });
    expect(await becomes(page, 'login_required')).toBe(reason);
    await page.getByRole('status').getByText('Sign in again to see this app.').waitFor();
    expect(await page.getByText(reason).isVisible()).toBe(true);
    // The page has signed its user in meanwhile.
    await page.evaluate((good) => {
      window.element.token = good;
    }, tokenFor('ada'));
    await becomes(page, 'ready');
  });

  test('a provider that fails asks for a sign-in, and the person may try again', async () => {
    const page = await stage.page();
    await page.evaluate((src) => {
      const tokenProvider = () => Promise.reject(new Error('secret of the provider'));
      window.element = Object.assign(document.createElement('portico-app'), { src, tokenProvider });
      document.body.append(window.element);
    }, `${stage.gateway.url}/sales/`);
    expect(await becomes(page, 'login_required')).toBe('token_failed');
    expect(JSON.stringify(await page.evaluate(() => window.states))).not.toContain('secret');
    await page.evaluate((good) => {
      window.element.tokenProvider = null;
      window.element.token = good;
    }, tokenFor('ada'));
    await becomes(page, 'ready');
  });

  test('a page that is not listed may not show it, and it says so', async () => {
    const page = await stage.page(stage.stranger);
    // Its origin gets no script from the gateway either, so it brings its own.
    await page.route(`${stage.gateway.url}/**/*.js`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({
        response,
        headers: { ...response.headers(), 'access-control-allow-origin': '*' },
      });
    });
    await page.reload();
    await page.waitForFunction(() => customElements.get('portico-app'));
    await stage.show(page, { token: tokenFor('ada') });
    expect(await becomes(page, 'error')).toBe('unreachable');
    await page.getByText('does not allow being shown on this page').waitFor();
  });

  test('an outage is an error with another try', async () => {
    const page = await stage.page();
    stage.gateway.trouble.code = 503;
    await stage.show(page, { token: tokenFor('ada') });
    expect(await becomes(page, 'error')).toBe('unavailable');
    stage.gateway.trouble.code = 0;
    await page.getByRole('button', { name: 'Try again' }).click();
    await becomes(page, 'ready');
  });

  test('a browser that keeps no cookie does not make it try for ever', async () => {
    const page = await stage.page();
    stage.gateway.trouble.noCookie = true;
    await providing(page, [tokenFor('ada')]);
    expect(await becomes(page, 'login_required')).toBe('session_missing');
    await page.getByText('The browser may be blocking its cookie.').waitFor();
    expect(stage.gateway.count('POST /.auth/embed/code')).toBe(2);
  });

  test('what never answers does not hang: the page’s tokens, the code, the app', async () => {
    const never = async (prepare: (page: Page) => Promise<unknown>, state: string) => {
      const page = await stage.page();
      await page.clock.install();
      await prepare(page);
      await page.locator('portico-app[state=loading]').waitFor();
      return {
        reason: async () => {
          await expect
            .poll(async () => {
              await page.clock.fastForward(61_000);
              return page.evaluate(() => window.element.state);
            })
            .toBe(state);
          return page.evaluate(() => window.element.reason);
        },
      };
    };
    const withoutToken = await never((page) => stage.show(page, {}), 'login_required');
    expect(await withoutToken.reason()).toBe('no_token');
    const code = await never((page) => {
      stage.gateway.trouble.code = 'never';
      return stage.show(page, { token: tokenFor('ada') });
    }, 'error');
    expect(await code.reason()).toBe('timeout');
    const app = await never((page) => {
      stage.gateway.trouble.page = 'never';
      return stage.show(page, { token: tokenFor('ada') });
    }, 'error');
    expect(await app.reason()).toBe('timeout');
    const page = await stage.page();
    await page.clock.install();
    await stage.show(page, { token: tokenFor('ada') }, '/sales/plain');
    await becomes(page, 'ready');
    const asked = page.evaluate(() => window.element.request('anything').catch((error) => error.reason));
    await page.clock.fastForward(11_000);
    expect(await asked).toBe('timeout');
  });

  test('a token that runs out is renewed in time, and the app goes on as it is', async () => {
    const page = await stage.page();
    await providing(page, [tokenFor('ada', 4), tokenFor('ada')]);
    await becomes(page, 'ready');
    const before = await loadOf(page);
    await expect.poll(() => stage.gateway.count('POST /.auth/embed/renew'), { timeout: 8000 }).toBe(1);
    expect(await page.evaluate(() => window.element.request('double', 2))).toBe(4);
    expect(await loadOf(page)).toBe(before);
    expect(await page.evaluate(() => window.states)).toHaveLength(2);
  });

  test('a newer token that the page sets renews the session as well', async () => {
    const page = await stage.page();
    await stage.show(page, { token: tokenFor('ada') });
    await becomes(page, 'ready');
    const before = await loadOf(page);
    await page.evaluate(
      (newer) => {
        window.element.token = newer;
      },
      tokenFor('ada', 7200),
    );
    await expect.poll(() => stage.gateway.count('POST /.auth/embed/renew')).toBe(1);
    expect(await loadOf(page)).toBe(before);
  });

  test('a token of another person begins a session of theirs', async () => {
    const page = await stage.page();
    await stage.show(page, { token: tokenFor('ada') });
    await becomes(page, 'ready');
    await page.evaluate((other) => {
      window.element.token = other;
    }, tokenFor('bob'));
    await expect.poll(() => stage.gateway.sessions.at(-1)?.sub).toBe('bob');
    await becomes(page, 'ready');
  });

  test('without a newer token it asks for a sign-in when the last one runs out', async () => {
    const page = await stage.page();
    await stage.show(page, { token: tokenFor('ada', 3) });
    await becomes(page, 'ready');
    expect(await becomes(page, 'login_required')).toBe('token_expired');
  });

  test('a session that the gateway has ended begins anew while the page still has a token', async () => {
    const page = await stage.page();
    await providing(page, [tokenFor('ada', 4), tokenFor('ada'), tokenFor('ada')]);
    await becomes(page, 'ready');
    const before = await loadOf(page);
    for (const session of stage.gateway.sessions) session.live = false;
    await expect.poll(() => loadOf(page), { timeout: 8000 }).not.toBe(before);
    await becomes(page, 'ready');
    expect(stage.gateway.count('POST /.auth/embed/code')).toBe(2);
  });

  test('signing out in the page ends the session, closes the app’s socket and takes the app away', async () => {
    const page = await stage.page();
    await stage.show(page, { token: tokenFor('ada') }, '/sales/socket');
    await becomes(page, 'ready');
    await expect.poll(() => stage.gateway.sessions.at(-1)?.sockets.size).toBe(1);
    const closed = new Promise((resolve) => {
      for (const socket of stage.gateway.sessions.at(-1)?.sockets ?? []) socket.once('close', resolve);
    });
    await page.evaluate(() => {
      window.element.token = null;
    });
    await closed;
    expect(await becomes(page, 'login_required')).toBe('signed_out');
    expect(page.frames()).toHaveLength(1);
    // Nobody is signed in until the page says so.
    await page.getByRole('button').click();
    await becomes(page, 'loading');
    await page.evaluate((token) => {
      window.element.token = token;
    }, tokenFor('bob'));
    await becomes(page, 'ready');
  });

  test('a page with only a server behind it gives the address with the code', async () => {
    const page = await stage.page();
    const body = new URLSearchParams({ app: 'sales', origin: stage.host });
    const headers = { authorization: `Bearer ${tokenFor('ada')}`, origin: stage.host };
    const answer = await fetch(`${stage.gateway.url}/.auth/embed/code`, { method: 'POST', body, headers });
    const { start } = (await answer.json()) as { start: string };
    await stage.show(page, { start, parameters: { region: 'EU' } });
    await becomes(page, 'ready');
    await page.frameLocator('portico-app iframe').getByText('[true,{"region":"EU"},{}]').waitFor();
  });

  test('properties set before the script has come are taken over, and attributes do the same', async () => {
    const page = await stage.page();
    await page.route('**/portico.js', (route) => route.abort());
    await page.reload();
    await stage.show(page, { token: tokenFor('ada') });
    await page.evaluate(() => {
      window.element.setAttribute('parameters', '{"region":"EU"}');
      window.element.setAttribute('theme', 'dark');
    });
    await page.unroute('**/portico.js');
    await page.addScriptTag({ url: `${stage.gateway.url}/.auth/embed/portico.js`, type: 'module' });
    await becomes(page, 'ready');
    const frame = page.frameLocator('portico-app iframe');
    await frame.getByText('[true,{"region":"EU"},{"base":"dark"}]').waitFor();
  });

  test('taken off the page it is quiet, and put back it begins anew', async () => {
    const page = await stage.page();
    await stage.show(page, { token: tokenFor('ada') });
    await becomes(page, 'ready');
    await page.evaluate(() => window.element.remove());
    expect(page.frames()).toHaveLength(1);
    await page.evaluate(() => document.body.append(window.element));
    await expect.poll(() => stage.gateway.count('POST /.auth/embed/code')).toBe(2);
    await becomes(page, 'ready');
  });
});
