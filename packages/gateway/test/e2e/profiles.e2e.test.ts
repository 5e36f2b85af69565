import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import { type GatewayProcess, startGateway } from '../../../../test/gateway-process.ts';
import { describeWith } from '../../../../test/support/requires.ts';
import { EXAMPLES } from '../../src/demo/examples.ts';
import { ensurePython } from '../../src/demo/python.ts';
import { appsReady } from './support/demo.ts';
import { choose, cookieOf, PEOPLE } from './support/people.ts';

const APPS = join(import.meta.dirname, 'profiles');
const app = (file: string): string => join(APPS, file);

const config = ({ url }: { readonly url: string }): string =>
  JSON.stringify({
    dev: true,
    apps: {
      credentials: { at: '/', run: ['shiny', 'run', app('credentials.py')] },
      orders: {
        at: '/orders',
        run: ['streamlit', 'run', app('app_service.py')],
        profiles: ['easyauth'],
      },
      board: { at: '/board', run: ['python', app('dash_enterprise.py')], profiles: ['dash-enterprise'] },
      verifiers: {
        at: '/verifiers',
        run: ['python', app('verifiers.py')],
        profiles: ['cloudflare-access', 'google-iap', 'oauth2-proxy'],
        env: {
          TEAM_DOMAIN: `${url}/.auth/cloudflare-access`,
          POLICY_AUD: 'verifiers',
          IAP_KEYS: `${url}/.auth/google-iap/public_key`,
        },
      },
    },
  });

describeWith('browser', 'python')('apps that were written for another gateway', () => {
  let gateway: GatewayProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    const python = await ensurePython({ frameworks: EXAMPLES, quiet: true });
    const env = { PATH: `${python}:${process.env['PATH']}` };
    [gateway, browser] = await Promise.all([startGateway({ config, env }), launchBrowser()]);
    await appsReady(gateway, ['credentials', 'orders', 'board', 'verifiers']);
    ({ context, page } = await newPage(browser));
    await page.goto(`${gateway.url}/.auth/login/aad?post_login_redirect_uri=/.auth/me`);
    await choose(page, 'ada');
    await page.waitForURL(`${gateway.url}/.auth/me`);
  });
  afterAll(async () => {
    await context?.close();
    await browser?.close();
    await gateway?.stop();
  });

  const seen = (text: string): Promise<void> => page.getByText(text).waitFor();

  test('Streamlit written for App Service runs unchanged: name, claims and roles, over the WebSocket', async () => {
    await page.goto(`${gateway.url}/orders/`);
    await seen(`name ${PEOPLE.ada.email} by aad`);
    await seen(`display ${PEOPLE.ada.name}`);
    await seen('object ada');
    await seen('roles admin,analyst,viewer');
    await seen('token none');
  });

  test('its page can ask /.auth/me, and renew by /.auth/refresh', async () => {
    const me = (await page.evaluate("fetch('/.auth/me').then((answer) => answer.json())")) as {
      user_id: string;
    }[];
    expect(me.map(({ user_id }) => user_id)).toEqual([PEOPLE.ada.email]);
    expect(JSON.stringify(me)).not.toContain('token');
    for (const method of ['GET', 'POST'])
      expect(
        await page.evaluate(`fetch('/.auth/refresh', { method: '${method}' }).then(({ status }) => status)`),
      ).toBe(200);
  });

  test('Shiny fills session.user and session.groups, without a word in the configuration', async () => {
    await page.goto(`${gateway.url}/`);
    await seen(`user ${PEOPLE.ada.email} groups it,finance`);
  });

  test('a callback of a Dash Enterprise app knows the person', async () => {
    await page.goto(`${gateway.url}/board/`);
    await seen(`username ${PEOPLE.ada.email} groups it,finance`);
  });

  test('PyJWT accepts what Cloudflare Access and Identity-Aware Proxy would have signed', async () => {
    const headers = { cookie: await cookieOf(gateway.url, 'ada'), 'cf-access-jwt-assertion': 'forged' };
    const ask = async (path: string) => {
      const answer = await fetch(`${gateway.url}/verifiers/${path}`, { headers });
      return { status: answer.status, told: (await answer.json()) as Record<string, string> };
    };
    expect(await ask('cloudflare')).toEqual({
      status: 200,
      told: { email: PEOPLE.ada.email, header: PEOPLE.ada.email },
    });
    expect(await ask('iap')).toEqual({
      status: 200,
      told: { email: PEOPLE.ada.email, header: `securetoken.google.com/dev:${PEOPLE.ada.email}` },
    });
    const { told } = await ask('oauth2-proxy');
    expect(told['X-Auth-Request-Email']).toBe(PEOPLE.ada.email);
    expect(told['X-Forwarded-Groups']).toBe('it,finance');
  });

  test('a link to /.auth/logout in the app signs out at once, and comes back where it says', async () => {
    await page.goto(`${gateway.url}/orders/`);
    const opening = context.waitForEvent('page');
    await page.getByRole('link', { name: 'Sign out' }).click();
    const tab = await opening;
    await tab.getByText('You are signed out').waitFor();
    expect(await tab.evaluate("fetch('/.auth/me').then(({ status }) => status)")).toBe(401);
  });
});
