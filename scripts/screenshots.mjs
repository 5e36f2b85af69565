// Writes docs/images/*.png from a real `portico demo` with the five real apps. Needs Node 24, which runs TypeScript
// directly, a build and a Chromium: npm run build && node scripts/screenshots.mjs [NAME …]
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { REAL_APPS } from '../packages/gateway/test/e2e/apps/index.ts';
import { startDemo } from '../packages/gateway/test/e2e/support/demo.ts';
import { choose, PEOPLE } from '../packages/gateway/test/e2e/support/people.ts';
import { launchBrowser, newPage } from '../test/browser.ts';

const LARGEST = 200 * 1024;
const folder = fileURLToPath(new URL('../docs/images/', import.meta.url));
const wanted = process.argv.slice(2);

const [gateway, browser] = await Promise.all([startDemo(), launchBrowser()]);
try {
  const { page } = await newPage(browser, {
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  mkdirSync(folder, { recursive: true });

  await page.goto(`${gateway.url}/.auth/`);
  await page.getByRole('heading', { name: 'Who do you want to be?' }).waitFor();
  // Nobody is cut off, however many there are.
  await shoot(page, 'sign-in', { fullPage: true });

  await choose(page, 'ana');
  await page.waitForURL(`${gateway.url}/.auth/`);
  await shoot(page, 'launcher');

  await page.goto(`${gateway.url}/demo/admin/`);
  await page.getByRole('heading', { name: 'You cannot open Live operations' }).waitFor();
  await shoot(page, 'denied');

  await page.goto(`${gateway.url}/demo/`);
  await page.locator('#connection').getByText('Live', { exact: true }).waitFor();
  await page.locator('#chart .stroke').waitFor();
  await shoot(page, 'dashboard');

  for (const app of REAL_APPS) {
    await page.goto(`${gateway.url}/${app.framework}/`);
    await app.greets(page, PEOPLE.ana);
    if (app.framework === 'gradio') {
      // Its tables are empty until somebody asks.
      await page.getByRole('button', { name: 'Measure' }).click();
      await page.getByText('brown').last().waitFor();
    }
    await shoot(page, app.framework);
  }
} finally {
  await browser.close();
  await gateway.stop();
}

async function shoot(page, name, options = {}) {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  await page.mouse.move(1279, 799);
  await page.evaluate('document.fonts.ready');
  await steady(page);
  const path = `${folder}${name}.png`;
  await page.screenshot({ path, caret: 'hide', animations: 'disabled', ...options });
  const { size } = statSync(path);
  console.log(`docs/images/${name}.png  ${Math.round(size / 1024)} KB`);
  if (size <= LARGEST) return;
  rmSync(path);
  throw new Error(`${name}.png would be larger than ${LARGEST / 1024} KB.`);
}

/** Waits until two pictures in a row are the same, or until it is clear that the page never rests. */
async function steady(page) {
  let before = await page.screenshot();
  for (let tries = 0; tries < 12; tries++) {
    await page.waitForTimeout(250);
    const now = await page.screenshot();
    if (now.equals(before)) return;
    before = now;
  }
}
