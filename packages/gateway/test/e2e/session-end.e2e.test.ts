import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import type { GatewayProcess } from '../../../../test/gateway-process.ts';
import { describeWith } from '../../../../test/support/requires.ts';
import { bokeh } from './apps/bokeh.ts';
import { panel } from './apps/panel.ts';
import { streamlit } from './apps/streamlit.ts';
import { ask } from './support/ask.ts';
import { command } from './support/command.ts';
import { startDemo } from './support/demo.ts';
import { cookieOf, PEOPLE, type PersonId, signIn } from './support/people.ts';
import type { RealApp } from './support/real-app.ts';
import { closedSocket, watchSockets } from './support/sockets.ts';

const WITH_SOCKETS: readonly RealApp[] = [streamlit, panel, bokeh];
/** Milliseconds: what is promised. */
const SECOND = 1_000;

describeWith('browser', 'python')('the end of a session', () => {
  let gateway: GatewayProcess;
  let browser: Browser;

  beforeAll(async () => {
    [gateway, browser] = await Promise.all([
      // A directory of our own, because a gateway is started in it a second time.
      mkdtemp(join(tmpdir(), 'portico-test-')).then((directory) =>
        startDemo([...WITH_SOCKETS.map(({ framework }) => framework), 'gradio'], { directory }),
      ),
      launchBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
    if (gateway) await rm(gateway.directory, { recursive: true, force: true });
  });

  async function sessionCookie(context: BrowserContext): Promise<string> {
    const value = (await context.cookies()).find(({ name }) => name === 'portico')?.value;
    expect(value).toMatch(/^[\w-]{43}$/);
    return `portico=${value}`;
  }

  /** Every app with a WebSocket open in a tab of its own. */
  async function openEverything(person: PersonId): Promise<{ context: BrowserContext; tabs: Page[] }> {
    const { page, context } = await newPage(browser);
    await signIn(page, `${gateway.url}/.auth/`, person);
    const tabs: Page[] = [];
    for (const app of WITH_SOCKETS) {
      const tab = await context.newPage();
      await watchSockets(tab);
      await tab.goto(`${gateway.url}/${app.framework}/`);
      await app.greets(tab, PEOPLE[person]);
      tabs.push(tab);
    }
    await page.close();
    return { context, tabs };
  }

  async function expectAllShut(tabs: readonly Page[], since: number, why: string): Promise<void> {
    for (const tab of tabs) {
      const closed = await closedSocket(tab);
      expect(closed).toMatchObject({ code: 1008, clean: true, reason: `session ended: ${why}` });
      expect(closed.at - since, closed.url).toBeLessThan(SECOND);
    }
    const [first] = tabs;
    const shown = await first?.reload();
    const asked: string[] = [];
    for (let one = shown?.request() ?? null; one !== null; one = one.redirectedFrom())
      asked.unshift(one.url());
    expect(asked[1]).toContain('/.auth/login?return_to=');
  }

  test('by signing out in one tab closes the WebSockets of all others within a second', async () => {
    const { context, tabs } = await openEverything('ana');
    const other = await context.newPage();
    await other.goto(`${gateway.url}/.auth/logout`);
    const posted = other.waitForRequest((request) => request.method() === 'POST');
    await other.getByRole('button', { name: 'Sign out' }).click();
    const since = (await posted).timing().startTime || Date.now();
    await other.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await expectAllShut(tabs, since, 'sign-out');
    for (const tab of tabs) {
      await tab.reload();
      await tab.getByRole('heading', { name: 'Who do you want to be?' }).waitFor();
    }
    await context.close();
  });

  test('by `portico sessions revoke` does the same, and to nobody else', async () => {
    const ana = await openEverything('ana');
    const ada = await openEverything('ada');
    const revoked = await sessionCookie(ana.context);
    const { stdout } = await command(gateway.directory, ['sessions', 'revoke', 'ana@example.com']);
    const since = Date.now();
    expect(stdout).toBe('Ended 1 session.\n');
    await expectAllShut(ana.tabs, since, 'revoked');
    // The provider still knows Ana, as one does after single sign-on: it is a new session that she is in now.
    expect(await sessionCookie(ana.context)).not.toBe(revoked);
    const old = await ask(`${gateway.url}/.auth/session`, { manner: 'data', cookie: revoked });
    expect(old.status).toBe(401);
    for (const [i, app] of WITH_SOCKETS.entries()) {
      await ada.tabs[i]?.bringToFront();
      await app.use(ada.tabs[i] as Page, PEOPLE.ada);
    }
    await Promise.all([ana.context.close(), ada.context.close()]);
  });

  test('ends event streams as well: Gradio has no WebSocket', async () => {
    const cookie = await cookieOf(gateway.url, 'ana');
    const stream = await fetch(`${gateway.url}/gradio/gradio_api/heartbeat/abc`, { headers: { cookie } });
    expect(stream.status).toBe(200);
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toContain('ALIVE');
    await command(gateway.directory, ['sessions', 'revoke', 'ana@example.com']);
    const rest = async (): Promise<'over'> => {
      // An abort is an end, too.
      for (;;) if ((await reader.read().catch(() => ({ done: true }))).done) return 'over';
    };
    expect(await rest()).toBe('over');
  });

  test('is not a restart of the gateway: nobody is signed out, and Streamlit connects again by itself', async () => {
    const { page, context } = await newPage(browser);
    await watchSockets(page);
    await signIn(page, `${gateway.url}/streamlit/`, 'ana');
    await streamlit.greets(page, PEOPLE.ana);
    const { directory, port } = gateway;
    const before = await sessionCookie(context);

    expect(await gateway.stop()).toBe(0);
    expect(await closedSocket(page)).toMatchObject({ code: 1001, clean: true });
    gateway = await startDemo(['streamlit'], { directory, port });

    // No reload: the page itself comes back to life, and the server answers it.
    await page.waitForFunction(
      `document.querySelector('[data-testid=stApp]')?.dataset.testConnectionState === 'CONNECTED'`,
    );
    await streamlit.use(page, PEOPLE.ana);
    expect(await sessionCookie(context)).toBe(before);
    await page.goto(`${gateway.url}/.auth/`);
    await page.getByRole('heading', { name: 'Your apps' }).waitFor();
    await context.close();
  });
});
