import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with the page as it is now, one line for each violation. */
export async function violations(page: Page): Promise<string[]> {
  // A debugger's evaluation is not held by the page's Content-Security-Policy, a script tag would be.
  await page.evaluate(source);
  return page.evaluate(
    `axe.run(document).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html).join(' ')))`,
  );
}
