import type { Page } from 'playwright-core';
import { expect } from 'vitest';

export interface ClosedSocket {
  readonly url: string;
  readonly code: number;
  readonly reason: string;
  readonly clean: boolean;
  /** `Date.now()` in the page; one machine, one clock. */
  readonly at: number;
}

/** Keeps in the page what its WebSockets were told when they closed, which no browser API tells afterwards. */
const WATCH = `(() => {
  const Native = WebSocket;
  globalThis.closedSockets = [];
  globalThis.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener('close', ({ code, reason, wasClean }) =>
        globalThis.closedSockets.push({ url: this.url, code, reason, clean: wasClean, at: Date.now() }));
    }
  };
})()`;

/** To be called before the page loads anything. */
export async function watchSockets(page: Page): Promise<void> {
  await page.addInitScript(WATCH);
}

/** The first of the page's WebSockets to close, past or future; with a code, the first that was told this one. */
export async function closedSocket(page: Page, code?: number): Promise<ClosedSocket> {
  // Asked anew each time: a page's Content-Security-Policy holds a function that waits inside it, not a debugger's question.
  const first = () =>
    page.evaluate<ClosedSocket | undefined>(
      `globalThis.closedSockets.find((one) => ${code === undefined} || one.code === ${code})`,
    );
  await expect.poll(first, { timeout: 20_000 }).toBeDefined();
  return (await first()) as ClosedSocket;
}
