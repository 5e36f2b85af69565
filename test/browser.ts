import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from './support/chromium.ts';

/** No sandbox because tests often run as root in a container; nothing that calls home or changes between runs. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A headless Chromium. Close it in `afterAll`.
 *
 * @param more - flags
 * @throws Error when the machine has none
 */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('No Chromium was found; set CHROMIUM_PATH to one.');
  return chromium.launch({ executablePath, args: [...FLAGS, ...more], timeout: 60_000 });
}

export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors and uncaught exceptions of the page so far, for the message of a failing test. */
  readonly problems: readonly string[];
}

/** A page in a context (cookies, storage) of its own, like a person who has never been here. */
export async function newPage(
  browser: Browser,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  return { page, context, problems };
}
