import type { ConsoleMessage, Page, Request, Response } from 'playwright-core';
import type { Manner } from './ask.ts';

export interface Recorded {
  readonly url: string;
  readonly method: string;
  readonly manner: Manner;
}

export interface Recording {
  /** @returns everything since the beginning: what the page asked for, each once, and the texts that came; WebSockets as http: URLs */
  stop(): Promise<{
    readonly requests: readonly Recorded[];
    readonly texts: readonly string[];
    /** Answers from 400 on, errors in the console, uncaught exceptions; each with its URL. */
    readonly problems: readonly string[];
  }>;
}

const TEXT = /^(text\/|application\/(json|javascript)|image\/svg)/;

/** Writes down every request and WebSocket of a page, its workers' included. */
export function record(page: Page): Recording {
  const context = page.context();
  const requests = new Map<string, Recorded>();
  const texts: Promise<string>[] = [];
  const problems: string[] = [];
  const onRequest = (request: Request): void => {
    const url = request.url();
    if (!/^https?:/.test(url)) return;
    const manner = request.isNavigationRequest() ? 'page' : 'data';
    requests.set(`${request.method()} ${url}`, { url, method: request.method(), manner });
  };
  const onResponse = (response: Response): void => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
    const type = response.headers()['content-type'] ?? '';
    // An event stream has no end to wait for.
    if (!TEXT.test(type) || type.startsWith('text/event-stream')) return;
    texts.push(response.text().catch(() => ''));
  };
  const onSocket = (socket: { url(): string }): void => {
    const url = socket.url().replace(/^ws/, 'http');
    requests.set(`WS ${url}`, { url, method: 'GET', manner: 'upgrade' });
  };
  const onConsole = (message: ConsoleMessage): void => {
    if (message.type() === 'error') problems.push(`${message.text()} ${message.location().url}`);
  };
  const onError = (error: Error): void => {
    problems.push(String(error));
  };
  page.on('console', onConsole);
  page.on('pageerror', onError);
  context.on('request', onRequest);
  context.on('response', onResponse);
  page.on('websocket', onSocket);
  return {
    async stop() {
      page.off('console', onConsole);
      page.off('pageerror', onError);
      context.off('request', onRequest);
      context.off('response', onResponse);
      page.off('websocket', onSocket);
      return { requests: [...requests.values()], texts: await Promise.all(texts), problems };
    },
  };
}
