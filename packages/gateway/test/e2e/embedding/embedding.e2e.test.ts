import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KITS, type Kit } from '../../../../../examples/hosts/run/products.ts';
import { launchBrowser } from '../../../../../test/browser.ts';
import { describeWith, missing } from '../../../../../test/support/requires.ts';
import { MIA, ShopPage, signsInItself, VIK } from './shop-page.ts';
import { AROUND, FRAMED, thirdParty } from './third-party.ts';
import { APPS, createWorld, type World } from './world.ts';

/** Seconds that a token lives; its successor is asked for when four fifths are over. */
const LIFETIME = 15;
/** Milliseconds: what is promised. */
const SECOND = 1_000;
const WITH_SOCKETS = ['streamlit', 'panel'] as const;
const WINDOW = { viewport: { width: 1280, height: 1600 } };

const lacking: Readonly<Partial<Record<Kit, string | undefined>>> = {
  php: missing('php'),
  csharp: missing('mono'),
};
const kits = KITS.filter((kit) => lacking[kit] === undefined);
for (const why of Object.values(lacking)) if (why !== undefined) console.warn(`SKIPPED: ${why}`);

/** One after the other, while all of them are open: so their tokens run out at the same time. */
function withEachKit(behaviour: string, check: (kit: Kit) => Promise<void>): void {
  // A machine without PHP or Mono cannot run these two; `.ci/run` installs both, and `npm test` counts them as failed there.
  for (const kit of KITS) {
    const title = `made with ${kit} ${behaviour}`;
    // A machine without PHP or Mono cannot run theirs; `.ci/run` installs both, and there a skip counts as a failure.
    test.skipIf(lacking[kit] !== undefined)(title, () => check(kit));
  }
}

describeWith('browser', 'python')('a product of another site with protected apps in it', () => {
  const shops = new Map<Kit, { readonly shop: ShopPage; readonly context: BrowserContext }>();
  let world: World;
  let browser: Browser;
  let openedAt: number;
  const shopOf = (kit: Kit): ShopPage => shops.get(kit)?.shop as ShopPage;

  beforeAll(async () => {
    world = await createWorld({ kits, tokenLifetime: LIFETIME, more: thirdParty });
    browser = await launchBrowser(world.flags);
    for (const kit of kits) {
      const context = await browser.newContext(WINDOW);
      shops.set(kit, { context, shop: await ShopPage.open(context, kit, MIA) });
    }
    openedAt = Date.now();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.end();
  });

  test('is seen by a browser that blocks third-party cookies, and keeps partitioned ones', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const framed = page.frameLocator('iframe').locator('p');
    await page.goto(`https://${AROUND}/`);
    expect(await framed.innerText()).toBe('no cookie');
    await page.reload();
    expect(await framed.innerText()).toBe('parted=1');
    // The same cookie is a good one where it is no third party's.
    await page.goto(`https://${FRAMED}/`);
    await page.reload();
    expect(await page.locator('p').innerText()).toContain('ordinary=1');
    await context.close();
  });

  withEachKit('shows its person the three apps, signed in, with what their role allows', async (kit) => {
    const shop = shopOf(kit);
    for (const app of APPS) await shop.inside(app).getByText('412 orders in North, margin 31 %').waitFor();
    expect(await shop.states()).toEqual(['ready', 'ready', 'ready']);
  });

  withEachKit('changes the apps by a click of its own, and hears of a click in each of them', async (kit) => {
    const shop = shopOf(kit);
    await shop.page.getByRole('button', { name: 'South' }).click();
    for (const app of APPS) {
      await shop.inside(app).getByText('268 orders in South, margin 27 %').waitFor();
      await shop.inside(app).getByRole('button', { name: 'Pick this region' }).click();
      await shop.page.locator('#picked').getByText(`South in ${app}`).waitFor();
      // For what comes after the tokens have run out.
      await shop.count(app, MIA, 1);
      await shop.frame(app).evaluate('globalThis.untouched = true');
    }
  });

  withEachKit('shows somebody of another role less', async (kit) => {
    const context = await browser.newContext(WINDOW);
    const shop = await ShopPage.open(context, kit, VIK);
    for (const app of APPS) {
      await shop.inside(app).getByText('412 orders in North').waitFor();
      expect(await shop.inside(app).getByText('margin').count()).toBe(0);
    }
    await context.close();
  });

  withEachKit('outlives its tokens: the apps go on where they were', async (kit) => {
    const shop = shopOf(kit);
    // Until every token that a shop began with has run out.
    await pause(Math.max(0, openedAt + (LIFETIME + 1) * SECOND - Date.now()));
    for (const app of APPS) {
      await shop.count(app, MIA, 2);
      await shop.inside(app).getByText('268 orders in South, margin 27 %').waitFor();
      expect(await shop.frame(app).evaluate('globalThis.untouched')).toBe(true);
      expect(await shop.closed(app)).toEqual([]);
    }
    expect(await shop.states()).toEqual(['ready', 'ready', 'ready']);
  });

  withEachKit('closes the sockets of the apps within a second when its person signs out', async (kit) => {
    const { shop, context } = shops.get(kit) as { shop: ShopPage; context: BrowserContext };
    // In another tab, whose page does nothing about it: it is the gateway that closes them.
    const tab = await ShopPage.open(context, kit, MIA, true);
    await shop.page.bringToFront();
    const since = Date.now();
    await shop.page.getByRole('button', { name: 'Sign out' }).click();
    for (const app of WITH_SOCKETS) {
      const socket = await tab.firstClosed(app);
      expect(socket).toMatchObject({ code: 1008, clean: true, reason: 'session ended: sign-out' });
      expect(socket.at - since).toBeLessThan(SECOND);
    }
    await shop.page.locator('#who').getByText('Nobody is signed in').waitFor();
    expect(await shop.page.locator('portico-app').count()).toBe(0);
    // In the others the second tab's page has a token of its own and begins anew.
    if (signsInItself(kit))
      expect(await tab.frame('dash').evaluate(`fetch('_dash-layout').then(({ status }) => status)`)).toBe(
        401,
      );
    await context.close();
  });
});
