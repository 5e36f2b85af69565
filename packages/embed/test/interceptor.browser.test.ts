import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/support/requires.ts';
import { Stage } from './support/stage.ts';
import { tokenFor } from './support/stand-in.ts';

/** What a page gives to `fetch`. */
interface Sent {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

describeWith('browser')('the interceptor', () => {
  let stage: Stage;
  let app: string;
  beforeAll(async () => {
    stage = await Stage.open();
    app = `${stage.gateway.url}/sales`;
  });
  afterAll(() => stage?.stop());

  /** A page that has it for the app, with these tokens: the first, and from then on the second. */
  const installed = async (first = tokenFor('ada'), second = first, match: string | string[] = app) => {
    const page = await stage.page();
    await page.evaluate(
      ({ tokens, places }) => {
        window.tokens = [];
        const getToken = async ({ renew }: { renew: boolean }) => {
          window.tokens.push(renew ? 'renewed' : 'asked');
          return (window.tokens.includes('renewed') ? tokens[1] : tokens[0]) ?? '';
        };
        Object.assign(window, { uninstall: window.sdk.installFetchInterceptor({ match: places, getToken }) });
      },
      { tokens: [first, second], places: match },
    );
    return page;
  };

  const fetched = (page: Page, url: string, init: Sent = {}) =>
    page.evaluate(
      async ([to, how]) => {
        const response = await fetch(to, how);
        return { status: response.status, ...(await response.json()) };
      },
      [url, init] as const,
    );

  /** By XMLHttpRequest; `seen` are the events that the page's listeners heard at the end. */
  const requested = (page: Page, url: string, body: string, header: readonly string[] = []) =>
    page.evaluate(
      ([to, text, [name, value]]) =>
        new Promise<{ status: number; seen: string[]; sub?: string; body?: string; own?: string }>(
          (resolve) => {
            const seen: string[] = [];
            const request = new XMLHttpRequest();
            request.onreadystatechange = () => seen.push(`state ${request.readyState} ${request.status}`);
            request.open('POST', to);
            if (name && value) request.setRequestHeader(name, value);
            for (const type of ['load', 'error', 'abort'])
              request.addEventListener(type, () => seen.push(type));
            request.onloadend = () => {
              seen.push('loadend');
              const { status, response } = request;
              // Whether more comes behind the end is seen a moment later.
              setTimeout(() => resolve({ status, seen, ...JSON.parse(response) }), 200);
            };
            request.send(text);
          },
        ),
      [url, body, header] as const,
    );

  test('puts the token on what goes to the app, by fetch and by XMLHttpRequest', async () => {
    const page = await installed();
    expect(await fetched(page, `${app}/echo`, { method: 'POST', body: 'text' })).toMatchObject({
      status: 200,
      sub: 'ada',
      body: 'text',
    });
    const { seen, ...answer } = await requested(page, `${app}/echo`, 'more', ['x-own', 'kept']);
    expect(answer).toMatchObject({ status: 200, sub: 'ada', body: 'more', own: 'kept' });
    expect(seen).toEqual(['state 1 0', 'state 2 200', 'state 3 200', 'state 4 200', 'load', 'loadend']);
  });

  test('puts it on nothing else: another origin, another app, a name that only begins the same', async () => {
    const page = await installed();
    stage.gateway.log.length = 0;
    const { port } = new URL(stage.gateway.url);
    const others = [
      `${stage.stranger}/sales/echo`,
      `http://127.0.0.1:${port}/sales/echo`,
      `${stage.gateway.url}/salesforce/echo`,
      `${stage.gateway.url}/sales/../other/echo`,
      `${stage.gateway.url}/sales%2f..%2fother`,
      `http://localhost:${port}@localhost:${new URL(stage.stranger).port}/sales/echo`,
      '/sales/echo',
    ];
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.headers()['authorization'] !== undefined) asked.push(request.url());
    });
    for (const url of others) {
      await page.evaluate((to) => fetch(to, { mode: 'no-cors' }).catch(() => {}), url);
      await page.evaluate(
        (to) =>
          new Promise((resolve) => {
            const request = new XMLHttpRequest();
            request.onloadend = resolve;
            try {
              request.open('GET', to);
              request.send();
            } catch (error) {
              resolve(error);
            }
          }),
        url,
      );
    }
    expect(asked).toEqual([]);
    expect(stage.gateway.log.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
    expect(await page.evaluate(() => window.tokens)).toEqual([]);
  });

  test('leaves an Authorization of the page’s own alone', async () => {
    const page = await installed();
    const own = `Bearer ${tokenFor('bob')}`;
    expect(await fetched(page, `${app}/echo`, { headers: { Authorization: own } })).toMatchObject({
      sub: 'bob',
    });
    expect(await requested(page, `${app}/echo`, '', ['authorization', own])).toMatchObject({ sub: 'bob' });
    expect(await page.evaluate(() => window.tokens)).toEqual([]);
  });

  test('repeats a refused request once with a newer token, body and headers included', async () => {
    const refused = tokenFor('ada', -60);
    const page = await installed(refused, tokenFor('ada'));
    const init = { method: 'POST', body: 'text', headers: { 'x-own': 'kept' } };
    expect(await fetched(page, `${app}/echo`, init)).toMatchObject({
      status: 200,
      body: 'text',
      own: 'kept',
    });
    const again = await installed(refused, tokenFor('ada'));
    const { seen, ...answer } = await requested(again, `${app}/echo`, 'more', ['x-own', 'kept']);
    expect(answer).toMatchObject({ status: 200, sub: 'ada', body: 'more', own: 'kept' });
    expect(seen).toEqual(['state 1 0', 'state 2 200', 'state 3 200', 'state 4 200', 'load', 'loadend']);
  });

  test('says 401 when the newer token is refused too, or is the same', async () => {
    for (const second of [tokenFor('ada', -30), undefined]) {
      const page = await installed(tokenFor('ada', -60), second);
      stage.gateway.log.length = 0;
      const expected = second === undefined ? 1 : 2;
      expect((await fetched(page, `${app}/echo`)).status).toBe(401);
      expect(stage.gateway.count('GET /sales/echo')).toBe(expected);
      const { status, seen } = await requested(page, `${app}/echo`, '');
      expect([status, seen.filter((event) => /load|4/.test(event))]).toEqual([
        401,
        ['state 4 401', 'load', 'loadend'],
      ]);
    }
  });

  test('many refused requests share one renewal', async () => {
    const page = await installed(tokenFor('ada', -60), tokenFor('ada'));
    const statuses = await page.evaluate(
      (url) => Promise.all(Array.from({ length: 8 }, async () => (await fetch(url)).status)),
      `${app}/echo`,
    );
    expect(statuses).toEqual(Array(8).fill(200));
    const renewals = await page.evaluate(() => window.tokens.filter((what) => what === 'renewed').length);
    expect(renewals).toBe(1);
  });

  test('an XMLHttpRequest that is aborted while the token is awaited is not sent', async () => {
    const page = await installed();
    stage.gateway.log.length = 0;
    await page.evaluate((url) => {
      const request = new XMLHttpRequest();
      request.open('GET', `${url}?aborted`);
      request.send();
      request.abort();
    }, `${app}/echo`);
    expect((await fetched(page, `${app}/echo`)).status).toBe(200);
    expect(stage.gateway.count('GET /sales/echo?aborted')).toBe(0);
  });

  test('opens a WebSocket with a ticket, which behaves as any other', async () => {
    const page = await installed(tokenFor('ada', -60), tokenFor('ada'));
    const url = `${app.replace('http', 'ws')}/ws?room=1`;
    const seen = await page.evaluate(
      (to) =>
        new Promise<unknown[]>((resolve) => {
          const heard: unknown[] = [];
          const socket = new WebSocket(to);
          heard.push(socket.readyState, socket.url === to, WebSocket.OPEN);
          socket.binaryType = 'arraybuffer';
          socket.onopen = () => socket.send(new Uint8Array([1, 2]));
          socket.addEventListener('message', ({ data }) => {
            heard.push(data instanceof ArrayBuffer ? [...new Uint8Array(data)] : data);
            if (data === 'text') socket.close(4000, 'enough');
            else socket.send('text');
          });
          socket.onclose = ({ code, wasClean }) => resolve([...heard, code, wasClean, socket.readyState]);
        }),
      url,
    );
    expect(seen).toEqual([0, true, 1, [1, 2], 'text', 4000, true, 3]);
    const line = stage.gateway.log.map((entry) => entry.line).find((entry) => entry.includes('/ws'));
    expect(line).toMatch(/^GET \/sales\/ws\?room=1&portico_ticket=[\w-]+$/);
  });

  test('a WebSocket without a ticket fails as one that finds nobody', async () => {
    const page = await installed(tokenFor('ada', -60));
    const seen = await page.evaluate(
      (to) =>
        new Promise<unknown[]>((resolve) => {
          const heard: unknown[] = [];
          const socket = new WebSocket(to);
          socket.onerror = (event) => heard.push(event.type);
          socket.onclose = ({ code }) => resolve([...heard, code, socket.readyState]);
        }),
      `${app.replace('http', 'ws')}/ws`,
    );
    expect(seen).toEqual(['error', 1006, 3]);
    expect(stage.gateway.count('GET /sales/ws')).toBe(0);
  });

  test('taken off, everything is as it was, and what was kept of it does nothing', async () => {
    const page = await stage.page();
    const names = await page.evaluate(async (match) => {
      const parts = ['fetch', 'XMLHttpRequest', 'WebSocket'] as const;
      const before = parts.map((name) => window[name]);
      const asked: string[] = [];
      const uninstall = window.sdk.installFetchInterceptor({
        match,
        getToken: () => asked.push('asked').toString(),
      });
      const changed = parts.filter((name, index) => window[name] !== before[index]);
      const kept = window.fetch;
      uninstall();
      const restored = parts.filter((name, index) => window[name] === before[index]);
      const { status } = await kept(`${match}/echo`);
      return [changed, restored, status, asked];
    }, app);
    const all = ['fetch', 'XMLHttpRequest', 'WebSocket'];
    expect(names).toEqual([all, all, 401, []]);
  });
});
