import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Reply } from '../../src/http/reply.ts';
import { CHROMIUM_FLAGS, chromiumPath, servePages } from './browser.ts';
import { samples } from './samples.ts';

const executablePath = chromiumPath();
if (executablePath === undefined)
  console.warn('SKIPPED: pages in a browser. No Chromium found; set CHROMIUM_PATH to one.');

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const waiting = (value: unknown): Reply => ({
  status: 503,
  headers: [['content-type', 'application/json']],
  body: JSON.stringify(value),
});

// Without a browser there is nothing to look at; the warning above says so.
describe.skipIf(executablePath === undefined)('pages in a browser', { timeout: 60_000 }, () => {
  let browser: Browser;
  let origin: string;
  let server: Server;
  /** What the gateway says of the app that starts. */
  let poll: Reply = waiting({ state: 'starting' });
  const pages = { ...samples };

  beforeAll(async () => {
    ({ origin, server } = await servePages(pages, (path) => (path === '/poll' ? poll : undefined)));
    browser = await chromium.launch({ ...(executablePath && { executablePath }), args: CHROMIUM_FLAGS });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [320, 1280]) {
      test(`axe finds nothing, the page fits and the policy holds: ${colorScheme}, ${width} px`, async () => {
        const context = await browser.newContext({
          colorScheme,
          reducedMotion: 'reduce',
          viewport: { width, height: 800 },
        });
        const tab = await context.newPage();
        const complaints: string[] = [];
        tab.on('console', (message) => {
          // The poll's 503 is what the starting page waits out.
          if (message.type() === 'error' && !message.text().includes('503')) complaints.push(message.text());
        });
        for (const name of Object.keys(samples)) {
          await tab.goto(`${origin}/${name}`);
          // A debugger's evaluation is not held by the page's CSP, a script tag would be.
          await tab.evaluate(axeSource);
          const violations: unknown = await tab.evaluate(
            `axe.run(document).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html).join(' ')))`,
          );
          expect(violations, name).toEqual([]);
          const overflow: unknown = await tab.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          expect(overflow, `${name} scrolls sideways`).toBe(0);
        }
        expect(complaints).toEqual([]);
        await context.close();
      });
    }
  }

  test('the starting page brings news, then turns into the app', async () => {
    const tab = await browser.newPage();
    poll = waiting({ state: 'crashed', lines: ['<b>first</b>', 'second'] });
    await tab.goto(`${origin}/starting`);
    await tab.getByText('Sales dashboard stopped').waitFor();
    expect(await tab.locator('pre').textContent()).toBe('<b>first</b>\nsecond');

    Object.assign(pages, { starting: '<!doctype html><title>app</title><h1>The app itself</h1>' });
    poll = { status: 200, headers: [], body: 'anything' };
    await tab.getByText('The app itself').waitFor();
    await tab.close();
  });

  test('a page that waits turns into the app without script, too', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const tab = await context.newPage();
    await tab.goto(`${origin}/crashed`);
    Object.assign(pages, { crashed: '<!doctype html><title>app</title><h1>The app itself</h1>' });
    await tab.getByText('The app itself').waitFor();
    await context.close();
  });

  test('the frame page tries again when the person comes back from signing in', async () => {
    const context = await browser.newContext();
    const tab = await context.newPage();
    Object.assign(pages, { '.auth/login': '<!doctype html><title>sign in</title>' });
    await tab.goto(`${origin}/frame`);
    const [other] = await Promise.all([
      context.waitForEvent('page'),
      tab.getByText('Sign in in a new tab').click(),
    ]);
    await other.waitForURL('**/.auth/login');
    Object.assign(pages, { frame: '<!doctype html><title>app</title><h1>The app itself</h1>' });
    await other.close();
    // Headless tabs are always visible, so the return is told by hand.
    await tab.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await tab.getByText('The app itself').waitFor();
    await context.close();
  });
});
