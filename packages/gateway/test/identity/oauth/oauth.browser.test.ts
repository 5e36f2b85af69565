import { type Browser, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ORIGIN } from '../../gate/gateway.ts';
import { CHROMIUM_FLAGS, chromiumPath } from '../../pages/browser.ts';
import { type Outside, openOutside } from './chromium.ts';
import { bitbucketSettings, GHE, githubSettings, oauth2Settings, type World, world } from './world.ts';

const executablePath = chromiumPath();
if (executablePath === undefined)
  console.warn('SKIPPED: OAuth 2 in a browser. No Chromium found; set CHROMIUM_PATH to one.');

const PROVIDERS = [
  { ...githubSettings(), title: 'GitHub' },
  { ...githubSettings(GHE, 'ghe'), title: 'Our GitHub' },
  { ...bitbucketSettings(), title: 'Bitbucket' },
  { ...oauth2Settings(), title: 'Legacy' },
];

// Without a browser there is nothing to try; the warning above says so.
describe.skipIf(executablePath === undefined)(
  'sign-in in Chromium, from the chooser',
  { timeout: 60_000 },
  () => {
    let browser: Browser;
    let all: World;
    let outside: Outside;

    beforeAll(async () => {
      outside = await openOutside();
      browser = await chromium.launch({
        ...(executablePath && { executablePath }),
        args: [...CHROMIUM_FLAGS, ...outside.flags],
      });
    }, 60_000);
    afterEach(() => all.close());
    afterAll(async () => {
      await browser?.close();
      await outside?.close();
    });

    test.each([
      ['GitHub', { user: '1', email: 'octocat@github.com', groups: ['github', 'github/justice-league'] }],
      ['Our GitHub', { user: '1', email: 'octocat@github.com', provider: 'ghe' }],
      [
        'Bitbucket',
        {
          user: '{d301aafa-d676-4ee0-88be-962be7417567}',
          email: 'emma@example.com',
          groups: ['bbworkspace1'],
        },
      ],
      ['Legacy', { user: '4711', email: null, groups: ['finance'] }],
    ])('with %s', async (title, expected) => {
      all = await world(PROVIDERS);
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      const tab = await context.newPage();
      await tab.goto(`${ORIGIN}/.auth/login?return_to=/.auth/session`);
      await tab.getByRole('link', { name: new RegExp(`(?<!Our )${title}$`) }).click();
      await tab.waitForURL(`${ORIGIN}/.auth/session`);
      expect(JSON.parse(await tab.locator('body').innerText())).toMatchObject(expected);
      await context.close();
    });
  },
);
