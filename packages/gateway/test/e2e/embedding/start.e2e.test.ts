import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { KITS, type Kit } from '../../../../../examples/hosts/run/products.ts';
import { launchBrowser, newPage } from '../../../../../test/browser.ts';
import { cleanEnvironment, ROOT } from '../../../../../test/support/node.ts';
import { describeWith, missing, type Requirement } from '../../../../../test/support/requires.ts';

const NEEDS: Readonly<Partial<Record<Kit, Requirement>>> = { php: 'php', csharp: 'mono' };

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** The first of three free ports, below those that systems give to whoever asks for any. */
async function threeFreePorts(): Promise<number> {
  for (;;) {
    const first = randomInt(10_000, 30_000);
    const free = await Promise.all([first, first + 1, first + 2].map(isFree));
    if (free.every(Boolean)) return first;
  }
}

/** `node scripts/host.mjs <kit>`, at another port. */
async function startHost(
  kit: string,
): Promise<{ url: string; said: readonly string[]; stop(): Promise<void> }> {
  const port = await threeFreePorts();
  const script = join(ROOT, 'scripts', 'host.mjs');
  const child = spawn(process.execPath, [script, kit, '--port', String(port)], {
    cwd: ROOT,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const ended = once(child, 'exit');
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        if (line.includes(`product is at http://localhost:${port}`)) resolve();
      });
    ended.then(() => reject(new Error(said.join('\n'))));
  });
  await ready;
  return {
    url: `http://localhost:${port}`,
    said,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

describeWith('browser', 'python')('`node scripts/host.mjs`', () => {
  for (const kit of KITS.filter((one) => one !== 'html')) {
    // A machine without PHP or Mono cannot run these two; `.ci/run` installs both.
    test.skipIf(missing(NEEDS[kit] ?? 'python') !== undefined)(`starts ${kit}`, async () => {
      const host = await startHost(kit);
      const text = await fetch(host.url)
        .then((answer) => answer.text())
        .finally(host.stop);
      expect(text).toContain('<title>Shop</title>');
    });
  }

  test('starts html, whose person is signed in to the apps on plain http at localhost', async () => {
    const host = await startHost('html');
    const browser = await launchBrowser();
    try {
      const { page } = await newPage(browser);
      await page.goto(host.url);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('button', { name: 'Mia Manager' }).click();
      await page.frameLocator('iframe[title="dash"]').getByText('hello, Mia Manager').waitFor();
    } finally {
      await browser.close();
      await host.stop();
    }
  });

  test('says which products there are', async () => {
    await expect(startHost('cobol')).rejects.toThrow('One of html, react, angular, php, csharp');
  });
});
