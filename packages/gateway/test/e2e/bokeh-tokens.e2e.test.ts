import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import { freePort, type GatewayProcess, startGateway } from '../../../../test/gateway-process.ts';
import { ensurePython } from '../../src/demo/python.ts';
import { DEMO_PERSONAS } from '../../src/demo/settings.ts';
import { sessionToken } from '../proxy/bokeh-session-token.ts';
import { ask } from './support/ask.ts';
import { contentOf, tokenIn, visit } from './support/bokeh-client.ts';
import { appsReady } from './support/demo.ts';
import { cookieOf, signIn } from './support/people.ts';

/** Says whom it takes the person for, as apps do, and where it listens, which no app would. */
const BOKEH = `
import os
from bokeh.io import curdoc
from bokeh.models import Div

headers = curdoc().session_context.request.headers
user = headers.get('X-Forwarded-User', 'nobody')
curdoc().add_root(Div(text=f"this is {user} at port {os.environ['BOKEH_DEFAULT_SERVER_PORT']}"))
`;

const PANEL = `
import os
import panel as pn

pn.config.reconnect = True
count = pn.widgets.IntInput(name='Count', value=0)
button = pn.widgets.Button(name='Add one', on_click=lambda _: count.param.update(value=count.value + 1))
headers = pn.state.headers
user = headers.get('X-Forwarded-User', 'nobody')
told = f"this is {user} at port {os.environ['BOKEH_DEFAULT_SERVER_PORT']}"
pn.Column(pn.pane.Str(told), button, pn.bind(lambda n: f'counted to {n}', count)).servable()
`;

let gateway: GatewayProcess;
let directory: string;
let ada: string;
let ana: string;

beforeAll(async () => {
  const python = await ensurePython({ frameworks: ['bokeh', 'panel'], quiet: true });
  directory = await mkdtemp(join(tmpdir(), 'portico-bokeh-'));
  await writeFile(join(directory, 'bokeh_app.py'), BOKEH);
  await writeFile(join(directory, 'panel_app.py'), PANEL);
  const env = { PATH: python + delimiter + (process.env['PATH'] ?? ''), PYTHONDONTWRITEBYTECODE: '1' };
  const apps = {
    bokeh: { run: 'bokeh serve bokeh_app.py', cwd: directory, env, allow: ['everyone'] },
    panel: { run: 'panel serve panel_app.py', cwd: directory, env, allow: ['everyone'] },
    open: { run: 'panel serve panel_app.py', cwd: directory, env, guests: true },
  };
  gateway = await startGateway({ config: JSON.stringify({ dev: { personas: DEMO_PERSONAS }, apps }) });
  await appsReady(gateway, Object.keys(apps));
  [ada, ana] = [await cookieOf(gateway.url, 'ada'), await cookieOf(gateway.url, 'ana')];
});

afterAll(async () => {
  await gateway?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

async function pageFor(path: string, cookie: string | undefined, headers = {}): Promise<string> {
  const answer = await ask(`${gateway.url}${path}`, { manner: 'data', cookie, headers });
  expect(answer.status).toBe(200);
  return answer.body;
}

describe.each([
  ['bokeh', '/bokeh/bokeh_app'],
  ['panel', '/panel/panel_app'],
])('the session token of %s', (_name, path) => {
  const knock = (token: string, cookie?: string) =>
    visit(`${gateway.url}${path}/ws`, token, {
      origin: gateway.url,
      ...(cookie === undefined ? {} : { cookie }),
    });

  it.each(['', '/autoload.js?bokeh-autoload-element=1000'])(
    'from %j shows its person the document, again and again',
    async (place) => {
      const token = tokenIn(await pageFor(path + place, ada));
      for (let again = 0; again < 2; again++) {
        const { status, document } = await knock(token, ada);
        expect([status, document]).toEqual([101, expect.stringContaining('this is ada')]);
      }
      expect(await knock(token, await cookieOf(gateway.url, 'ada'))).toMatchObject({ status: 101 });
    },
  );

  it('shows nobody else anything', async () => {
    const token = tokenIn(await pageFor(path, ada));
    expect(await knock(token, ana)).toEqual({ status: 403, document: '' });
    expect(await knock(token)).toEqual({ status: 401, document: '' });
  });

  it('cannot be made up: not unsigned, not with other headers, not with a mark of one’s own', async () => {
    const own = tokenIn(await pageFor(path, ana));
    const { headers } = contentOf(own);
    expect(headers['X-Forwarded-User']).toBe('ana');
    const forged = { ...headers, 'X-Forwarded-User': 'ada', 'X-Forwarded-Email': 'ada@example.com' };
    const [, signature = ''] = own.split('.');
    for (const token of [
      sessionToken(forged),
      sessionToken({ 'X-Forwarded-User': 'ada' }),
      sessionToken(forged, 'a guess'),
      `${sessionToken(forged)}.${signature}`,
    ])
      expect(await knock(token, ana)).toEqual({ status: 403, document: '' });
  });

  it('is refused by the app itself when it is not signed, also past the gateway', async () => {
    const { document } = await knock(tokenIn(await pageFor(path, ada)), ada);
    const port = /at port (\d+)/.exec(document)?.[1];
    const straight = (token: string) =>
      visit(`http://127.0.0.1:${port}${path}/ws`, token, { origin: gateway.url });
    expect((await straight(sessionToken({ 'X-Forwarded-User': 'ada' }))).document).toBe('');
    expect((await straight(tokenIn(await pageFor(path, ada)))).document).toContain('this is ada');
  });

  it('brings nobody into another’s session by a page request that names it', async () => {
    const token = tokenIn(await pageFor(path, ada));
    const { sessionId } = contentOf(token);
    for (const query of [`bokeh-session-id=${sessionId}`, `bokeh-token=${token}`, `bokeh%2Dtoken=${token}`]) {
      const answer = await ask(`${gateway.url}${path}?${query}`, { manner: 'data', cookie: ana });
      expect([answer.status, JSON.parse(answer.body).error]).toEqual([403, 'foreign_token']);
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = `bokeh-session-id=${sessionId}`;
    const inBody = await ask(`${gateway.url}${path}`, { manner: 'data', cookie: ana, headers: form, body });
    expect(inBody.status).toBe(403);
    const html = await pageFor(path, ana, { 'Bokeh-Session-Id': sessionId });
    expect(contentOf(tokenIn(html)).sessionId).not.toBe(sessionId);
  });

  it('tells who looks at the page, and nothing that opens anything', async () => {
    const html = await pageFor(path, ada);
    const { headers, cookies } = contentOf(tokenIn(html));
    expect(Object.keys(headers)).toEqual(
      expect.arrayContaining(['X-Forwarded-User', 'X-Forwarded-Email', 'Portico-Binding']),
    );
    expect(Object.keys(headers).filter((name) => /assertion|cookie|authorization|token/i.test(name))).toEqual(
      [],
    );
    expect(Object.keys(cookies).filter((name) => !['user', 'id_token'].includes(name))).toEqual([]);
    const session = ada.slice(ada.indexOf('=') + 1);
    const shown = html + JSON.stringify([headers, cookies]);
    expect(shown).not.toContain(session);
    // The mark, sent by somebody else as a header, is removed like all of these names.
    const mark = { 'Portico-Binding': headers['Portico-Binding'] ?? '' };
    const other = contentOf(tokenIn(await pageFor(path, ana, mark))).headers;
    expect(other['Portico-Binding']).not.toBe(mark['Portico-Binding']);
  });
});

describe('a guest', () => {
  it('has a page of nobody’s, and loses it by signing in', async () => {
    const token = tokenIn(await pageFor('/open/panel_app', undefined));
    const knock = (cookie?: string) =>
      visit(`${gateway.url}/open/panel_app/ws`, token, {
        origin: gateway.url,
        ...(cookie === undefined ? {} : { cookie }),
      });
    expect((await knock()).document).toContain('this is nobody');
    expect(await knock(ada)).toEqual({ status: 403, document: '' });
  });
});

/** As the page of Bokeh in the documentation says it. */
const OWN_START =
  'bokeh serve app.py --prefix /plots --use-xheaders --allow-websocket-origin apps.example.com --include-headers Portico-Binding X-Forwarded-User X-Forwarded-Email X-Forwarded-Preferred-Username';

describe('a Bokeh app that already runs', () => {
  it('has its tokens bound to people when it is said what it is', async () => {
    const [python, port] = [await ensurePython({ frameworks: ['bokeh'], quiet: true }), await freePort()];
    const plots = { upstream: `http://127.0.0.1:${port}`, type: 'bokeh', allow: ['everyone'] };
    const config = JSON.stringify({ dev: { personas: DEMO_PERSONAS }, apps: { plots } });
    const other = await startGateway({ config });
    const words = OWN_START.replace('app.py', 'bokeh_app.py')
      .replace('apps.example.com', new URL(other.url).host)
      .split(' ');
    const secret = { BOKEH_SIGN_SESSIONS: 'yes', BOKEH_SECRET_KEY: 'x'.repeat(43) };
    const app = spawn(join(python, 'bokeh'), [...words.slice(1), '--port', String(port)], {
      cwd: directory,
      env: { ...secret, PATH: process.env['PATH'], BOKEH_DEFAULT_SERVER_PORT: String(port) },
      stdio: 'ignore',
    });
    try {
      const [first, second] = [await cookieOf(other.url, 'ada'), await cookieOf(other.url, 'ana')];
      const url = `${other.url}/plots/bokeh_app`;
      await expect
        .poll(async () => (await ask(url, { manner: 'data', cookie: first })).status, { timeout: 60_000 })
        .toBe(200);
      const token = tokenIn((await ask(url, { manner: 'data', cookie: first })).body);
      const knock = (cookie: string, offered = token) =>
        visit(`${url}/ws`, offered, { cookie, origin: other.url });
      expect((await knock(first)).document).toContain('this is ada');
      expect(await knock(second)).toEqual({ status: 403, document: '' });
      // With a mark of one's own the gateway lets a made-up token through: the app, which signs, does not take it.
      const own = tokenIn((await ask(url, { manner: 'data', cookie: second })).body);
      const forged = sessionToken({ ...contentOf(own).headers, 'X-Forwarded-User': 'ada' });
      expect((await knock(second, forged)).document).toBe('');
    } finally {
      app.kill();
      await other.stop();
    }
  });
});

/** Keeps the page's WebSockets, so that a test can lose one as a bad network does. */
const KEEP = `(() => {
  const Native = WebSocket;
  globalThis.kept = [];
  globalThis.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      globalThis.kept.push(this);
    }
  };
})()`;

describe('a Panel page in a browser', () => {
  it('comes back by itself when its WebSocket is lost, with the token that it has', async () => {
    const browser = await launchBrowser();
    try {
      const { page } = await newPage(browser);
      await page.addInitScript(KEEP);
      await signIn(page, `${gateway.url}/panel/panel_app`, 'ada');
      await page.getByText('this is ada').waitFor();
      await page.getByRole('button', { name: 'Add one' }).click();
      await page.getByText('counted to 1').waitFor();
      await page.evaluate('globalThis.kept[0].close()');
      await page.waitForFunction('globalThis.kept[1]?.readyState === 1', undefined, { timeout: 30_000 });
      await page.getByRole('button', { name: 'Add one' }).click();
      await page.getByText('counted to 2').waitFor();
    } finally {
      await browser.close();
    }
  });
});
