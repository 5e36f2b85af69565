import { connect } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../../../test/browser.ts';
import { describeWith } from '../../../../../test/support/requires.ts';
import { PEOPLE, signIn } from '../support/people.ts';
import { beginDay, type Day } from './day.ts';
import { eveLines, forgedAssertions } from './forged.ts';
import { type HeaderLines, startImpostor } from './impostor.ts';
import { PLAIN, pathOf, STORIES } from './stories.ts';

const WHO = /^(?:nobody(?:: \w+)?|.+ with [\w,]+) at (\d+)$/;

describeWith('browser', 'python')('straight at the port of an app, past the gateway', () => {
  let day: Day;
  let browser: Browser;
  let kid: string;
  let ana: Page;
  const assertions = new Map<string, string>();

  beforeAll(async () => {
    [day, browser] = await Promise.all([
      beginDay({ stories: STORIES, plain: PLAIN, tokenLifetime: 3_600 }),
      launchBrowser(),
    ]);
    ({ page: ana } = await newPage(browser));
    await signIn(ana, `${day.gateway.url}/.auth/`, 'ana');
    for (const app of ['flask', 'fastapi']) {
      const answer = await ana.goto(`${day.gateway.url}/${app}/assertion`);
      assertions.set(app, (await answer?.text()) ?? '');
    }
    const keys = await fetch(`${day.gateway.url}/.auth/jwks.json`);
    kid = ((await keys.json()) as { keys: { kid: string }[] }).keys[0]?.kid ?? '';
  });
  afterAll(async () => {
    await browser?.close();
    await day?.end();
  });

  /** Eve's browser at an app. */
  async function eveAt(port: number, path: string) {
    const impostor = await startImpostor({ port, origin: day.gateway.url });
    const { page, context } = await newPage(browser);
    return {
      /** What the page says of who she is. */
      async sees(pattern: RegExp, lines: HeaderLines): Promise<string | null> {
        impostor.lines = lines;
        await page.goto(impostor.url + path);
        return page.getByText(pattern).textContent();
      },
      async [Symbol.asyncDispose]() {
        await context.close();
        await impostor.close();
      },
    };
  }

  describe('portico.user() never becomes a user', () => {
    test.for(STORIES)('in $name', async (story) => {
      await ana.goto(day.gateway.url + pathOf(story));
      const known = (await ana.getByText(WHO).textContent()) ?? '';
      expect(known).toContain(PEOPLE.ana.email);
      const port = Number(WHO.exec(known)?.[1]);
      const forged = await forgedAssertions({
        ...{ issuer: day.gateway.url, audience: story.name, kid },
        ofAnotherApp: assertions.get(story.name === 'flask' ? 'fastapi' : 'flask') ?? '',
      });
      await using eve = await eveAt(port, pathOf(story));
      expect(await eve.sees(WHO, eveLines(undefined, 0))).toBe(`nobody at ${port}`);
      // Nobody, and not nobody in particular: so the app has seen the header.
      for (const [alias, [what, assertion]] of Object.entries(forged).entries())
        expect(await eve.sees(WHO, eveLines(assertion, alias)), what).toBe(
          `nobody: InvalidAssertion at ${port}`,
        );
    });
  });

  describe('the names that a framework fills by itself', () => {
    const portOf = async (name: string): Promise<number> => {
      const url = /(?:127\.0\.0\.1|localhost|0\.0\.0\.0):(\d+)/;
      const line = await day.gateway.line(new RegExp(`^${name} .*${url.source}`));
      return Number(url.exec(line)?.[1]);
    };

    test.for([
      ['plain-streamlit', /eve@example\.com \(eve@example\.com\), signed in/],
      ['plain-shiny', /\(eve@example\.com\) admin/],
      // It believes cookies, which the gateway signs.
      ['plain-panel', /^None \(None\)/],
    ] as const)('are believed or not, whoever comes: %s', async ([name, pattern]) => {
      const path = name === 'plain-shiny' ? '/' : `/${name}/`;
      await using eve = await eveAt(await portOf(name), path);
      const lines = [...eveLines(undefined, 0), ['Cookie', 'user=eve@example.com'] as const];
      expect(await eve.sees(pattern, lines)).toMatch(pattern);
    });

    test.for(PLAIN)('so $name listens on this machine only', async ({ name }) => {
      const port = await portOf(name);
      const reached = (host: string) =>
        new Promise((resolve) => {
          const socket = connect({ host, port }, () => resolve(true));
          socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
        });
      expect(await reached('127.0.0.1')).toBe(true);
      // An address of this machine, as those of its network are.
      expect(await reached('127.0.0.2')).toBe(false);
    });
  });
});
