import type { BrowserContext, Frame, FrameLocator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Kit } from '../../../../../examples/hosts/run/products.ts';
import { type ClosedSocket, watchSockets } from '../support/sockets.ts';
import { APPS, type App, GATEWAY_HOST, shopOf } from './world.ts';

export const MIA = 'Mia Manager';
export const VIK = 'Vik Viewer';

/** PHP and C# have a form of their own; the others send people to the identity provider. */
export const signsInItself = (kit: Kit): boolean => kit === 'php' || kit === 'csharp';

/** A product's page with somebody signed in to it, and the three apps in it. */
export class ShopPage {
  readonly page: Page;
  readonly kit: Kit;

  private constructor(page: Page, kit: Kit) {
    this.page = page;
    this.kit = kit;
  }

  /** @param again - this browser has signed in before, in another tab */
  static async open(context: BrowserContext, kit: Kit, person: string, again = false): Promise<ShopPage> {
    const page = await context.newPage();
    await watchSockets(page);
    await page.goto(shopOf(kit));
    if (!signsInItself(kit)) await page.getByRole('button', { name: 'Sign in' }).click();
    if (!again) await page.getByRole('button', { name: person }).click();
    await page.locator('#who').getByText(person).waitFor();
    const shop = new ShopPage(page, kit);
    for (const app of APPS) await shop.inside(app).getByText(`hello, ${person}`).waitFor();
    return shop;
  }

  inside(app: App): FrameLocator {
    return this.page.frameLocator(`iframe[title="${app}"]`);
  }

  frame(app: App): Frame {
    const found = this.page.frames().find((one) => one.url().startsWith(`https://${GATEWAY_HOST}/${app}/`));
    if (found === undefined) throw new Error(`There is no frame with ${app}.`);
    return found;
  }

  states(): Promise<unknown[]> {
    return this.page.evaluate(`[...document.querySelectorAll('portico-app')].map((app) => app.state)`);
  }

  async count(app: App, person: string, times: number): Promise<void> {
    await this.inside(app).getByRole('button', { name: 'Count' }).click();
    await this.inside(app).getByText(`${person} counted to ${times}`).waitFor();
  }

  /** What the app's WebSockets were told when they closed, so far. */
  closed(app: App): Promise<ClosedSocket[]> {
    return this.frame(app).evaluate<ClosedSocket[]>('globalThis.closedSockets');
  }

  /** The first of the app's WebSockets to close. */
  async firstClosed(app: App): Promise<ClosedSocket> {
    await expect.poll(async () => (await this.closed(app)).length, { timeout: 20_000 }).toBeGreaterThan(0);
    return (await this.closed(app))[0] as ClosedSocket;
  }
}
