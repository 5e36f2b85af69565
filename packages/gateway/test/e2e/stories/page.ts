import type { Browser, Page, WebSocket } from 'playwright-core';
import { watchSockets } from '../support/sockets.ts';

interface Token {
  readonly id: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
}

/** What an app says to a press of its button. */
export interface Asked {
  /** Never the same twice. */
  readonly at: string;
  readonly name: string;
  readonly roles: readonly string[];
  /** Of the access tokens that opened the two APIs. */
  readonly graph: Token;
  readonly orders: Token;
}

/** The page of an app in a window of its own, since Chromium draws nothing in a tab behind another one. */
export class StoryPage {
  readonly page: Page;
  /** Every WebSocket that the page has opened since it was loaded. */
  readonly sockets: WebSocket[] = [];
  /** How often it was loaded. */
  loads = 0;
  #last = '';

  private constructor(page: Page) {
    this.page = page;
    page.on('websocket', (socket) => this.sockets.push(socket));
    page.on('domcontentloaded', () => this.loads++);
  }

  /** @param storageState - of whoever has signed in */
  static async open(browser: Browser, storageState: State, url: string): Promise<StoryPage> {
    const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, storageState });
    const page = new StoryPage(await context.newPage());
    await watchSockets(page.page);
    await page.page.goto(url);
    return page;
  }

  /** Presses the button, and waits for the app's answer to that. @throws Error with what the app says went wrong */
  async ask(): Promise<Asked> {
    await this.page.getByRole('button', { name: 'Ask' }).click();
    return this.answer();
  }

  /** The answer that has not been read yet. */
  async answer(): Promise<Asked> {
    const before = this.#last;
    const answers = this.page.getByText(/^asked \{.*\}$/);
    const fresh = before === '' ? answers : answers.filter({ hasNotText: before });
    const told: Asked & { problem?: string } = JSON.parse((await fresh.innerText()).slice('asked '.length));
    if (told.problem !== undefined) throw new Error(`the app said: ${told.problem}`);
    this.#last = told.at;
    return told;
  }

  async reload(): Promise<void> {
    this.sockets.length = 0;
    await this.page.reload();
  }
}

export type State = Awaited<ReturnType<ReturnType<Page['context']>['storageState']>>;
