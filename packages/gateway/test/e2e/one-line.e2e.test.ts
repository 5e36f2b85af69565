import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import { GATEWAY, ROOT } from '../../../../test/support/node.ts';
import { describeWith } from '../../../../test/support/requires.ts';
import { typedServe } from '../../../../test/support/typed.ts';
import { EXAMPLES } from '../../src/demo/examples.ts';
import { ensurePython } from '../../src/demo/python.ts';
import { ask } from './support/ask.ts';
import { choose } from './support/people.ts';

/** Of tests that run side by side: each has to say which one it is. */
type Finish = TestContext['onTestFinished'];

/** What the page of a framework, or README.md, tells people to type and to write. */
function documented(page: string, language: string, wanted: RegExp): string {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  const found = blocks.find(([, name, inside = '']) => name === language && wanted.test(inside));
  if (found === undefined) throw new Error(`${page} has no such ${language} block`);
  return found[2] ?? '';
}

/** The frameworks with a page that shows an app. marimo's shows a cell: its app is among the examples. */
const FRAMEWORKS = readdirSync(join(ROOT, 'docs', 'frameworks'))
  .filter((page) => page !== 'marimo.md')
  .filter((page) => /^```python$/m.test(readFileSync(join(ROOT, 'docs', 'frameworks', page), 'utf8')))
  .map((page) => page.replace(/\.md$/, ''));

/** A folder in which `npx portico` is this portico, as after an installation. */
function folder(app: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'portico-one-line-'));
  const bin = join(directory, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(GATEWAY, join(directory, 'node_modules', 'portico'), 'junction');
  symlinkSync(join(GATEWAY, 'bin', 'portico.js'), join(bin, 'portico'));
  writeFileSync(join(directory, 'app.py'), app);
  writeFileSync(join(directory, 'client-secret'), 'not-a-real-one\n');
  return directory;
}

/** Types the line beside the app, and waits until the app is ready. @returns the gateway's address */
async function start(line: string, app: string, python: string, finish: Finish): Promise<string> {
  const directory = folder(app);
  const gateway = await typedServe(line, { directory, programs: [python] });
  finish(async () => {
    await gateway.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  return gateway.url;
}

describeWith('browser', 'python')('the one line of each page, typed as it is written', () => {
  let browser: Browser;
  let python: string;
  beforeAll(async () => {
    [browser, python] = await Promise.all([
      launchBrowser(),
      ensurePython({ frameworks: EXAMPLES, tests: true, quiet: true }),
    ]);
  });
  afterAll(() => browser?.close());

  test.concurrent.for(FRAMEWORKS)(
    '%s: nobody gets in before sign-in, and the app of the page then says who is there',
    async (framework, { onTestFinished }) => {
      const page = `docs/frameworks/${framework}.md`;
      const line = documented(page, 'sh', /^npx portico serve --dev -- /);
      const url = await start(line, documented(page, 'python', /import/), python, onTestFinished);
      expect((await ask(`${url}/`, { manner: 'page' })).status).toBe(302);
      const opened = await newPage(browser);
      onTestFinished(() => opened.context.close());
      await opened.page.goto(`${url}/`);
      await choose(opened.page, 'ada');
      await opened.page
        .getByText('Hello, ')
        .filter({ hasText: /Ada Admin|ada@example\.com/ })
        .waitFor();
    },
  );

  test.concurrent('one app with real people: the recipe of README.md', async ({ onTestFinished }) => {
    const line = documented('README.md', 'sh', /--oauth-issuer/);
    const app = documented('docs/frameworks/streamlit.md', 'python', /import/);
    const url = await start(line, app, python, onTestFinished);
    const headers = { host: 'sales.example.com', 'x-forwarded-proto': 'https' };
    const refused = await ask(`${url}/`, { manner: 'page', headers });
    expect([refused.status, refused.headers['location']]).toEqual([302, '/.auth/login?return_to=%2F']);
    const closed = await ask(`${url}/_stcore/stream`, { manner: 'upgrade', headers });
    expect(closed.status).toBe(401);
  });
});
