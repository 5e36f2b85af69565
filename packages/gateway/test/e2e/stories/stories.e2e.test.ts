import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../../../test/browser.ts';
import { describeWith } from '../../../../../test/support/requires.ts';
import { PEOPLE, signIn } from '../support/people.ts';
import { closedSocket } from '../support/sockets.ts';
import { beginDay, type Day } from './day.ts';
import { type Asked, StoryPage } from './page.ts';
import { PLAIN, pathOf, STORIES, type Story } from './stories.ts';

/** Seconds that tokens live here. The gateway gives out none whose last quarter has begun. */
const TOKEN_LIFETIME = 6;
/** RFC 6455, section 7.4.1. */
const POLICY_VIOLATION = 1008;
const NAMES = STORIES.map(({ name }) => name);

describeWith('browser', 'python')('one day of an app in each framework', () => {
  let day: Day;
  let browser: Browser;
  let first: Page;
  const pages = new Map<string, StoryPage>();

  beforeAll(async () => {
    [day, browser] = await Promise.all([
      beginDay({ stories: STORIES, plain: PLAIN, tokenLifetime: TOKEN_LIFETIME }),
      launchBrowser(),
    ]);
    ({ page: first } = await newPage(browser));
    await signIn(first, `${day.gateway.url}/.auth/`, 'ana');
    const state = await first.context().storageState();
    for (const story of STORIES)
      pages.set(story.name, await StoryPage.open(browser, state, day.gateway.url + pathOf(story)));
  });
  afterAll(async () => {
    await browser?.close();
    await day?.end();
  });

  const of = (name: string): { story: Story; shown: StoryPage } => {
    const [story, shown] = [STORIES.find((one) => one.name === name), pages.get(name)];
    if (story === undefined || shown === undefined) throw new Error(`${name} has no page`);
    return { story, shown };
  };

  /** The same work for all apps at once; each test waits for its own. */
  function abreast<T>(work: (story: Story, shown: StoryPage) => Promise<T>): Map<string, Promise<T>> {
    return new Map(
      NAMES.map((name) => {
        const { story, shown } = of(name);
        const done = work(story, shown);
        // Told by the test that waits for it.
        done.catch(() => undefined);
        return [name, done];
      }),
    );
  }

  describe('who is there', () => {
    test.for(NAMES)('%s shows the verified person and their roles', async (name) => {
      const { name: whose, email } = PEOPLE.ana;
      await of(name).shown.page.getByText(`${whose} (${email}) with analyst,viewer at`).waitFor();
    });

    test.for(PLAIN)('$name knows nothing of Portico, and shows the person, too', async (plain) => {
      const { page, context } = await newPage(browser, {
        storageState: await first.context().storageState(),
      });
      const { port, url } = day.gateway;
      // On another host the provider, which knows her already, asks nothing.
      await page.goto(plain.host === undefined ? `${url}/${plain.name}/` : `http://${plain.host}:${port}/`);
      await page.getByText(plain.shows(PEOPLE.ana)).waitFor();
      await context.close();
    });
  });

  describe('a page that stays open', () => {
    let days: Map<string, Promise<readonly Asked[]>>;
    beforeAll(() => {
      days = abreast(async (_, shown) => {
        const answers = [await shown.ask()];
        while (answers.length < 4) {
          const { graph, orders } = answers.at(-1) as Asked;
          const over = Math.max(Date.parse(graph.expiresAt), Date.parse(orders.expiresAt));
          await pause(over - Date.now());
          answers.push(await shown.ask());
        }
        return answers;
      });
    });

    test.for(NAMES)('%s reads two protected APIs across three expiries of their tokens', async (name) => {
      const { story, shown } = of(name);
      const answers = (await days.get(name)) ?? [];
      for (const { name: whose, roles } of answers)
        expect([whose, roles]).toEqual([PEOPLE.ana.name, ['analyst', 'viewer']]);
      for (const api of ['graph', 'orders'] as const) {
        expect(new Set(answers.map((one) => one[api].id)).size, api).toBe(4);
        for (const [i, one] of answers.slice(1).entries())
          expect(Date.parse(one[api].issuedAt), api).toBeGreaterThan(
            Date.parse(answers[i]?.[api].issuedAt ?? ''),
          );
      }
      expect(shown.loads, 'loads of the page').toBe(1);
      expect(shown.sockets.filter((one) => one.isClosed()).map((one) => one.url())).toEqual([]);
      expect(shown.sockets.length > 0).toBe(story.socket);
    });
  });

  describe('the gateway is stopped and started again', () => {
    let answers: Map<string, Promise<Asked>>;
    beforeAll(async () => {
      await day.restart();
      answers = abreast(async (story, shown) => {
        if (!story.resumes) await shown.reload();
        return shown.ask();
      });
    });

    test.for(NAMES)('%s goes on, and nobody has to sign in', async (name) => {
      expect(await answers.get(name)).toMatchObject({ name: PEOPLE.ana.name, roles: ['analyst', 'viewer'] });
      const { story, shown } = of(name);
      expect(shown.loads, 'loads of the page').toBe(story.resumes ? 1 : 2);
    });
  });

  describe('the role is withdrawn at the provider', () => {
    beforeAll(async () => {
      await first.goto(`${day.gateway.url}/.auth/dev/people`);
      const ana = first.locator('form').filter({ hasText: PEOPLE.ana.email });
      await ana.getByLabel('Roles').fill('viewer');
      await ana.getByRole('button', { name: 'Save and end tokens now' }).click();
      await ana.getByRole('status').waitFor();
    });

    test.for(NAMES)('%s closes, and cannot be opened any more', async (name) => {
      const { story, shown } = of(name);
      if (story.socket) {
        const closed = await closedSocket(shown.page, POLICY_VIOLATION);
        expect(closed).toMatchObject({ clean: true, reason: 'access changed' });
        await expect.poll(() => shown.sockets.every((one) => one.isClosed())).toBe(true);
      } else {
        const refused = shown.page.waitForResponse((answer) => answer.status() === 403);
        await shown.page.getByRole('button', { name: 'Ask' }).click();
        await refused;
      }
      const answer = await shown.page.reload();
      expect(answer?.status()).toBe(403);
      await shown.page.getByRole('heading', { name: /^You cannot open/ }).waitFor();
    });
  });
});
