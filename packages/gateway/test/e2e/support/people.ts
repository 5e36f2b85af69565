import type { Page } from 'playwright-core';
import { Browser } from '../../login/browser.ts';

/** The people of the demo, by the ids of its personas. */
export const PEOPLE = {
  ada: { name: 'Ada Admin', email: 'ada@example.com' },
  ana: { name: 'Ana Analyst', email: 'ana@example.com' },
  vik: { name: 'Vik Viewer', email: 'vik@example.com' },
} as const;

export type PersonId = keyof typeof PEOPLE;

/** Signs in without a browser. @returns the Cookie header with the gateway's session */
export async function cookieOf(gatewayUrl: string, person: PersonId): Promise<string> {
  const browser = new Browser();
  await browser.signIn(gatewayUrl, person, '/.auth/');
  const session = browser.cookies.find(({ name }) => name === 'portico');
  if (session === undefined) throw new Error(`${person} got no session cookie`);
  return `portico=${session.value}`;
}

/** On the page of personas, wherever the browser was sent from: one click. */
export async function choose(page: Page, person: PersonId): Promise<void> {
  await page.getByRole('button', { name: PEOPLE[person].name }).click();
}

/** Opens a page that asks for sign-in, signs in with one click and waits to be back there. */
export async function signIn(page: Page, url: string, person: PersonId): Promise<void> {
  await page.goto(url);
  await choose(page, person);
  await page.waitForURL(url);
}
