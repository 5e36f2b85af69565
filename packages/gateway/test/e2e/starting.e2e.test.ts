import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import { type GatewayProcess, startGateway } from '../../../../test/gateway-process.ts';
import { describeWith } from '../../../../test/support/requires.ts';
import { DEMO_PERSONAS } from '../../src/demo/settings.ts';
import { ask } from './support/ask.ts';
import { choose, cookieOf } from './support/people.ts';

const APP = fileURLToPath(new URL('./support/slow-app.mjs', import.meta.url));

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describeWith('browser')('an app that the gateway starts', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  /** A gateway whose app listens once `go` was called. */
  async function start(): Promise<{ gateway: GatewayProcess; go: () => Promise<void> }> {
    const config = JSON.stringify({
      dev: { personas: DEMO_PERSONAS },
      apps: { slow: { title: 'Slow app', run: [process.execPath, APP, './go'], allow: ['everyone'] } },
    });
    const gateway = await startGateway({ config });
    onTestFinished(async () => {
      await gateway.stop('SIGKILL');
    });
    return { gateway, go: () => writeFile(join(gateway.directory, 'go'), '') };
  }

  async function open(gateway: GatewayProcess): Promise<Page> {
    const { page, context } = await newPage(browser);
    onTestFinished(() => context.close());
    await page.goto(`${gateway.url}/slow/`);
    await choose(page, 'ana');
    return page;
  }

  async function processes(gateway: GatewayProcess): Promise<number[]> {
    const cookie = await cookieOf(gateway.url, 'ana');
    const { body } = await ask(`${gateway.url}/slow/pids`, { manner: 'data', cookie });
    return JSON.parse(body) as number[];
  }

  test('shows that it starts, with its output, and turns into the app by itself', async () => {
    const { gateway, go } = await start();
    const page = await open(gateway);
    await page.getByRole('heading', { name: 'Starting Slow app' }).waitFor();
    await page.getByText('waiting for ./go').waitFor();
    const cookie = await cookieOf(gateway.url, 'ana');
    const data = await ask(`${gateway.url}/slow/data`, { manner: 'data', cookie });
    expect([data.status, JSON.parse(data.body)]).toMatchObject([
      503,
      { error: 'app_not_ready', state: 'starting' },
    ]);
    await go();
    await page.getByRole('heading', { name: 'The app itself' }).waitFor();
    expect(page.url()).toBe(`${gateway.url}/slow/`);
  });

  test('is started again when it crashes, and an open page finds back to it', async () => {
    const { gateway, go } = await start();
    await go();
    const page = await open(gateway);
    await page.getByRole('heading', { name: 'The app itself' }).waitFor();
    const [before = 0] = await processes(gateway);
    await page.goto(`${gateway.url}/slow/crash`);
    await expect.poll(() => isRunning(before)).toBe(false);
    await page.goto(`${gateway.url}/slow/`);
    await page.getByRole('heading', { name: 'The app itself' }).waitFor();
    const [after = 0] = await processes(gateway);
    expect(after).not.toBe(before);
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`ends with the gateway, its own children too: ${signal}`, async () => {
      const { gateway, go } = await start();
      await go();
      await gateway.line(/slow is ready/);
      const pids = await processes(gateway);
      expect(pids.map(isRunning)).toEqual([true, true]);
      await gateway.stop(signal);
      await expect.poll(() => pids.map(isRunning), { timeout: 20_000 }).toEqual([false, false]);
    });
  }
});
