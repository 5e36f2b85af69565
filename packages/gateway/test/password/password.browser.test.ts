import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stopAll } from '../gate/gateway.ts';
import { CHROMIUM_FLAGS, chromiumPath } from '../pages/browser.ts';
import { documentedBranding } from '../pages/documented.ts';
import { cleanUp, fileOf, HTPASSWD, passwordGateway, provider } from './gateway.ts';

const executablePath = chromiumPath();
if (executablePath === undefined)
  console.warn('SKIPPED: password sign-in in a browser. No Chromium found; set CHROMIUM_PATH to one.');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Without a browser there is nothing to try; the warning above says so.
describe.skipIf(executablePath === undefined)('password sign-in in a browser', { timeout: 60_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ ...(executablePath && { executablePath }), args: CHROMIUM_FLAGS });
  }, 60_000);
  afterEach(async () => {
    await stopAll();
    cleanUp();
  });
  afterAll(() => browser?.close());

  async function fill(tab: Page, username: string, password: string): Promise<void> {
    await tab.getByLabel('User name').fill(username);
    await tab.getByLabel('Password').fill(password);
    await tab.getByRole('button', { name: 'Sign in' }).click();
  }

  const json = () => fileOf('users.json', JSON.stringify({ ben: { password: 'x', roles: ['analyst'] } }));
  test.each([
    ['JSON', json],
    ['htpasswd', () => fileOf('htpasswd', HTPASSWD)],
  ])('signs in with a file of %s: a mistake first, then right, without any script', async (_, file) => {
    const { origin } = await passwordGateway({ providers: [provider({ usersFile: file() })] });
    const context = await browser.newContext({ javaScriptEnabled: false });
    const tab = await context.newPage();
    await tab.goto(`${origin}/report?q=1`);
    await fill(tab, 'ben', 'wrong');
    await tab.getByRole('alert').waitFor();
    expect(await tab.getByLabel('User name').inputValue()).toBe('ben');
    expect(await tab.getByLabel('Password').inputValue()).toBe('');
    // The name is right already, so the person just types.
    await tab.keyboard.type('x');
    await tab.keyboard.press('Enter');
    await tab.getByRole('heading', { name: 'app' }).waitFor();
    expect(new URL(tab.url()).pathname + new URL(tab.url()).search).toBe('/report?q=1');
    expect(await tab.locator('pre').textContent()).toContain('"sub":"ben"');
    await context.close();
  });

  test('tells who guesses to wait, and lets them in after that', async () => {
    const { origin } = await passwordGateway({ providers: [provider({ usersFile: json() })] });
    const context = await browser.newContext();
    const tab = await context.newPage();
    await tab.goto(`${origin}/`);
    for (let i = 0; i < 6; i++) {
      await fill(tab, 'ben', `wrong-${i}`);
      await tab.getByRole('alert').waitFor();
    }
    await fill(tab, 'ben', 'x');
    await expect.poll(() => tab.getByRole('alert').textContent()).toContain('Wait a second');
    await expect
      .poll(
        async () => {
          if (await tab.getByLabel('Password').isVisible()) await fill(tab, 'ben', 'x');
          return tab.locator('h1').textContent();
        },
        { timeout: 20_000, interval: 300 },
      )
      .toBe('app');
    await context.close();
  });

  test('a sign-in that another site sends signs nobody in', async () => {
    const { origin } = await passwordGateway({ providers: [provider({ usersFile: json() })] });
    const context = await browser.newContext();
    const tab = await context.newPage();
    const evil = `<form method="post" action="${origin}/.auth/login/team"><input name="username" value="ben"><input name="password" value="x"><button>Win</button></form>`;
    await tab.route('http://evil.example/', (route) =>
      route.fulfill({ contentType: 'text/html', body: evil }),
    );
    await tab.goto('http://evil.example/');
    await tab.getByRole('button', { name: 'Win' }).click();
    await tab.getByRole('heading', { name: 'Nobody was signed in' }).waitFor();
    expect(await context.cookies(origin)).toEqual([]);
    await context.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing on form, mistake and chooser, in the look of an operator: ${colorScheme}`, async () => {
      const { origin } = await passwordGateway({
        providers: [
          provider({ usersFile: json() }),
          provider({ name: 'guests', title: 'Guests', password: 'pencil-pencil' }),
        ],
        branding: await documentedBranding(),
      });
      const context = await browser.newContext({ colorScheme, viewport: { width: 360, height: 740 } });
      const tab = await context.newPage();
      const complaints: string[] = [];
      tab.on('console', (message) => {
        if (message.type() === 'error' && !/ 40[14] /.test(message.text())) complaints.push(message.text());
      });
      const look = async (name: string): Promise<void> => {
        await tab.evaluate(axeSource);
        const found: unknown = await tab.evaluate(
          `axe.run(document).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html).join(' ')))`,
        );
        expect(found, name).toEqual([]);
      };
      await tab.goto(`${origin}/`);
      await look('chooser');
      await tab.getByRole('link', { name: 'Team accounts' }).click();
      await tab.getByRole('heading', { name: 'Welcome to Example Inc.' }).waitFor();
      await look('form');
      await fill(tab, 'ben', 'wrong');
      await tab.getByRole('alert').waitFor();
      await look('mistake');
      const colour: unknown = await tab.evaluate(
        `getComputedStyle(document.querySelector('.button.primary')).backgroundColor`,
      );
      if (colorScheme === 'light') expect(colour).toBe('rgb(122, 31, 92)');
      expect(await tab.evaluate(`document.querySelector('img.logo').naturalWidth > 0`)).toBe(true);
      await tab.goto(`${origin}/.auth/signed-out`);
      await look('signed out');
      expect(complaints).toEqual([]);
      await context.close();
    });
  }
});
