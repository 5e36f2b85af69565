import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import type { GatewayProcess } from '../../../../test/gateway-process.ts';
import { describeWith } from '../../../../test/support/requires.ts';
import { EXAMPLE_APPS } from '../../src/demo/examples.ts';
import { REAL_APPS } from './apps/index.ts';
import { ask } from './support/ask.ts';
import { startDemo } from './support/demo.ts';
import { choose, PEOPLE, signIn } from './support/people.ts';
import { record } from './support/recording.ts';
import { expectSignInFirst } from './support/refusals.ts';

describeWith('browser', 'python')('the real apps behind the gate', () => {
  let gateway: GatewayProcess;
  let browser: Browser;

  beforeAll(async () => {
    [gateway, browser] = await Promise.all([
      startDemo(REAL_APPS.map(({ framework }) => framework)),
      launchBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  const launcher = (): string => `${gateway.url}/.auth/`;

  describe('for Ana, who signs in once', () => {
    let page: Page;
    let context: BrowserContext;
    let secret: string;

    beforeAll(async () => {
      ({ page, context } = await newPage(browser));
      await signIn(page, launcher(), 'ana');
      const cookies = await context.cookies();
      secret = cookies.find(({ name }) => name === 'portico')?.value ?? '';
    });
    afterAll(() => context?.close());

    for (const app of REAL_APPS) {
      test(`${app.framework} greets her, works, and nothing that it uses is open to anybody else`, async () => {
        expect(secret).not.toBe('');
        const recording = record(page);
        await page.goto(launcher());
        await page.getByRole('link', { name: EXAMPLE_APPS[app.framework].title }).click();
        await app.greets(page, PEOPLE.ana);
        await app.use(page, PEOPLE.ana);
        const seen = await recording.stop();

        expect(seen.problems).toEqual([]);

        // Neither the session's cookie nor any token has come to the page: not in its text, not in what it loaded.
        expect(await page.evaluate('document.cookie')).not.toContain(secret);
        for (const text of [await page.content(), ...seen.texts]) {
          expect(text.includes(secret), 'the cookie of the gateway is in a page').toBe(false);
          expect(text, 'a JWT is in a page').not.toMatch(/eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/);
        }

        // Everything that the browser really asked of the app is shut without a session.
        const own = seen.requests.filter(({ url }) => url.startsWith(`${gateway.url}/${app.framework}`));
        expect(own.length).toBeGreaterThan(1);
        for (const { url, method, manner } of own) {
          const answer = await ask(url, { method, manner });
          expectSignInFirst(answer, manner, method, `${method} ${url} as ${manner}`);
        }
        // And it asked nobody else: no other site learns who uses the app, and nothing of it lies beside its path.
        const beside = seen.requests
          .map(({ url }) => url)
          .filter((url) => !own.some((one) => one.url === url));
        expect(beside.filter((url) => !url.startsWith(launcher()))).toEqual([]);
      });
    }

    for (const framework of ['bokeh', 'panel']) {
      test(`the token in ${framework}'s page holds her name and no secret`, async () => {
        await page.goto(`${gateway.url}/${framework}/`);
        const token = /"token":"([^"]+)"/.exec(await page.content())?.[1] ?? '';
        const payload = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString();
        expect(payload).toContain('session_id');
        const told: string = await page.evaluate(`(async () => {
          const bytes = Uint8Array.from(atob(JSON.parse(${JSON.stringify(payload)}).__bk__zlib_.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
          return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))).text();
        })()`);
        expect(told).toContain('ana@example.com');
        expect(told.toLowerCase()).not.toContain('assertion');
        expect(told).not.toContain('portico=');
        expect(told).not.toContain(secret);
      });
    }
  });

  test('several tabs and two browsers at once: everybody sees their own name', async () => {
    const people = ['ana', 'ada'] as const;
    const contexts = await Promise.all(
      people.map(async (person) => {
        const { page, context } = await newPage(browser);
        await signIn(page, launcher(), person);
        return { person, context };
      }),
    );
    for (const app of REAL_APPS) {
      const tabs = await Promise.all(
        contexts.flatMap(({ person, context }) =>
          (person === 'ana' ? [1, 2] : [1]).map(async () => {
            const tab = await context.newPage();
            await tab.goto(`${gateway.url}/${app.framework}/`);
            await app.greets(tab, PEOPLE[person]);
            return { tab, person };
          }),
        ),
      );
      // One after the other, since Chromium draws nothing in tabs that lie behind others.
      for (const { tab, person } of tabs) {
        await tab.bringToFront();
        await app.use(tab, PEOPLE[person]);
      }
      await Promise.all(tabs.map(({ tab }) => tab.close()));
    }
    await Promise.all(contexts.map(({ context }) => context.close()));
  });

  test('a link deep into an app comes back after sign-in, query and all', async () => {
    for (const path of [
      '/streamlit/?region=North&note=a%20b%26c',
      '/dash/reports/2025?city=Graz&city=Lyon',
    ]) {
      const { page, context } = await newPage(browser);
      await page.goto(gateway.url + path);
      await choose(page, 'ana');
      await page.waitForURL(gateway.url + path);
      await context.close();
    }
  });
});
