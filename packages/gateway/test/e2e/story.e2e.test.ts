import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Browser, BrowserContext, Page, WebSocket } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import { type GatewayProcess, startGateway } from '../../../../test/gateway-process.ts';
import { ROOT } from '../../../../test/support/node.ts';
import { describeWith } from '../../../../test/support/requires.ts';
import type { AppType } from '../../src/config/settings.ts';
import { EXAMPLES } from '../../src/demo/examples.ts';
import { ensurePython } from '../../src/demo/python.ts';
import { DEMO_PERSONAS } from '../../src/demo/settings.ts';
import { ask } from './support/ask.ts';
import { appsReady } from './support/demo.ts';
import { PEOPLE, signIn } from './support/people.ts';

interface Told {
  readonly run: string;
  readonly type: AppType;
  /** It keeps a WebSocket open; the others ask over HTTP each time. */
  readonly socket: boolean;
}

/** Each example app, on its real framework. */
const APPS: Readonly<Record<string, Told>> = {
  streamlit: { run: 'streamlit run app.py', type: 'streamlit', socket: true },
  dash: { run: 'python app.py', type: 'dash', socket: false },
  panel: { run: 'panel serve app.py', type: 'panel', socket: true },
  bokeh: { run: 'bokeh serve app.py', type: 'bokeh', socket: true },
  gradio: { run: 'python app.py', type: 'gradio', socket: false },
  marimo: { run: 'marimo run app.py', type: 'marimo', socket: true },
  fastapi: { run: 'uvicorn app:app --port {port}', type: 'command', socket: false },
  flask: { run: 'python app.py', type: 'command', socket: false },
  // Shiny knows no base path.
  shiny: { run: 'shiny run app.py', type: 'shiny', socket: true },
};
const NAMES = Object.keys(APPS);
const pathOf = (name: string): string => (name === 'shiny' ? '/' : `/${name}/`);
/** Seconds that an access token lives; the apps ask every five seconds, so every answer comes with another one. */
const TOKEN_LIFE = 5;
const PATIENCE = 120_000;

function configuration(python: string): string {
  const PATH = python + delimiter + (process.env['PATH'] ?? '');
  const apps = Object.entries(APPS).map(([name, { run, type }]) => {
    const at = name === 'shiny' ? '/' : `/${name}`;
    const env = { PATH, PYTHONDONTWRITEBYTECODE: '1' };
    return [name, { at, run, type, cwd: join(ROOT, 'examples', name), env, allow: ['role:analyst'] }];
  });
  const dev = { personas: DEMO_PERSONAS, token_lifetime: `${TOKEN_LIFE}s` };
  // JSON is YAML, too.
  return JSON.stringify({ dev, apps: Object.fromEntries(apps) });
}

describeWith('browser', 'python')('one day of a data app, in each framework', { timeout: PATIENCE }, () => {
  let gateway: GatewayProcess;
  let browser: Browser;
  let context: BrowserContext;
  const pages = new Map<string, { page: Page; sockets: WebSocket[] }>();
  let directory: string;

  beforeAll(async () => {
    const python = await ensurePython({ frameworks: EXAMPLES, tests: true, quiet: true });
    directory = await mkdtemp(join(tmpdir(), 'portico-story-'));
    const config = configuration(python);
    [gateway, browser] = await Promise.all([startGateway({ config, directory }), launchBrowser()]);
    await appsReady(gateway, NAMES);
    const first = await newPage(browser);
    context = first.context;
    await signIn(first.page, `${gateway.url}/.auth/`, 'ana');
    for (const name of NAMES) {
      const page = await context.newPage();
      const sockets: WebSocket[] = [];
      page.on('websocket', (socket) => sockets.push(socket));
      pages.set(name, { page, sockets });
    }
  }, 2 * PATIENCE);
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  function opened(name: string): { page: Page; sockets: WebSocket[] } {
    const found = pages.get(name);
    if (found === undefined) throw new Error(`${name} has no page`);
    return found;
  }

  /** When the token was issued with which the figures on the page were fetched. */
  async function issued(page: Page): Promise<string> {
    const figures = page.getByText(/Europe [\d,]+ €.*token of/).first();
    const text = await figures.innerText({ timeout: PATIENCE });
    return /token of ([\w:.-]+)\)/.exec(text)?.[1] ?? '';
  }

  test.concurrent.for(NAMES)(
    '%s shows the verified person and their roles, and fresh data across three expiries of the token',
    async (name, { expect }) => {
      const { page, sockets } = opened(name);
      await page.goto(gateway.url + pathOf(name));
      await page
        .getByText(/Welcome, /)
        .filter({ hasText: new RegExp(`${PEOPLE.ana.email}|${PEOPLE.ana.name}`) })
        .first()
        .waitFor();
      await page
        .getByText(/Roles: analyst, viewer/)
        .first()
        .waitFor();
      const tokens = new Set<string>();
      await expect
        .poll(async () => tokens.add(await issued(page)).size, { timeout: PATIENCE, interval: 500 })
        .toBe(4);
      if (APPS[name]?.socket) {
        const own = sockets.filter((socket) => socket.url().startsWith('ws'));
        expect(own.filter((socket) => !socket.isClosed()).length, 'open WebSockets').toBeGreaterThan(0);
        expect(own.filter((socket) => socket.isClosed()).length, 'WebSockets opened again').toBe(0);
      }
    },
  );

  test('the gateway is started again, and everybody goes on without signing in', async () => {
    const { port } = gateway;
    await gateway.stop();
    gateway = await startGateway({ directory, port });
    await appsReady(gateway, NAMES);
    for (const name of NAMES) {
      const { page, sockets } = opened(name);
      sockets.length = 0;
      await page.goto(gateway.url + pathOf(name));
      expect(await issued(page), name).not.toBe('');
    }
  });

  test('the role is withdrawn, and every page closes', async () => {
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const form = new URLSearchParams({ person: 'ana', roles: 'viewer', groups: 'finance', do: 'end' });
    const saved = await fetch(`${gateway.url}/.auth/dev/people`, {
      method: 'POST',
      body: form,
      headers: { origin: gateway.url, 'sec-fetch-site': 'same-origin' },
      redirect: 'manual',
    });
    expect(saved.status).toBe(303);
    for (const name of NAMES) {
      const { sockets } = opened(name);
      const url = gateway.url + pathOf(name);
      const status = async () => (await ask(url, { manner: 'page', headers: { cookie } })).status;
      await expect.poll(status, { timeout: PATIENCE }).toBe(403);
      if (APPS[name]?.socket) expect(sockets.length, name).toBeGreaterThan(0);
      await expect.poll(() => sockets.every((socket) => socket.isClosed()), { timeout: PATIENCE }).toBe(true);
    }
  });
});
