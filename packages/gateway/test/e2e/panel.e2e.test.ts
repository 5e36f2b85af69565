import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import { type GatewayProcess, startGateway } from '../../../../test/gateway-process.ts';
import { ensurePython } from '../../src/demo/python.ts';
import { appsReady } from './support/demo.ts';

/** As somebody writes it for `panel serve`; nothing in it knows of Portico. */
const APP = `
import json
import os
import panel as pn

shown = pn.pane.Str('', name='shown')

def look(_event=None):
    shown.object = json.dumps({
        'user': pn.state.user,
        'info': pn.state.user_info,
        'access_token': pn.state.access_token,
        'cookies': sorted(pn.state.cookies),
        'environment': sorted(name for name in os.environ if 'canary' in os.environ[name]),
    })

look()
button = pn.widgets.Button(name='Look again')
button.on_click(look)
pn.Column('# Unmodified', button, shown).servable()
`;

interface Seen {
  readonly user: string | null;
  readonly info: Readonly<Record<string, unknown>> | null;
  readonly access_token: string | null;
  readonly cookies: readonly string[];
  readonly environment: readonly string[];
}

let python: string;
let directory: string;

beforeAll(async () => {
  python = await ensurePython({ frameworks: ['panel'], quiet: true });
  directory = await mkdtemp(join(tmpdir(), 'portico-panel-'));
  await writeFile(join(directory, 'app.py'), APP);
});

afterAll(async () => {
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

const environment = () => ({
  PATH: python + delimiter + (process.env['PATH'] ?? ''),
  PYTHONDONTWRITEBYTECODE: '1',
});

describe('a command of panel serve', () => {
  it('works in front of -- as it stands, and the app behind it asks nobody again', async () => {
    const tenant = '9f1c2b3a-0000-4000-8000-000000000000';
    const flags = ['--oauth-provider=azure', '--oauth-key=the-client', '--oauth-secret=canary-secret'];
    const params = `--oauth-extra-params={'tenant': '${tenant}'}`;
    const gateway = await startGateway({
      directory,
      args: ['serve', ...flags, params, '--', 'panel', 'serve', 'app.py', ...flags, params],
      env: environment(),
    });
    try {
      await appsReady(gateway, ['app']);
      await gateway.line(new RegExp(`https://login.microsoftonline.com/${tenant}`));
      const answer = await fetch(`${gateway.url}/app`);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ login: '/.auth/login' });
      expect(gateway.lines.join('\n')).not.toContain('canary');
    } finally {
      await gateway.stop();
    }
  });
});

describe('an unmodified Panel app', () => {
  let browser: Browser;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    gateway = await startGateway({
      directory,
      args: [
        ...['serve', '--dev', '--oauth-optional', '--'],
        // What the command was before Portico, left as it was.
        ...['panel', 'serve', 'app.py', '--oauth-provider=azure', '--oauth-key', 'the-client'],
        ...['--oauth-secret=canary-secret', '--cookie-secret', 'canary-cookie-secret', '--oauth-optional'],
        ...['--oauth-guest-endpoints', '/app', '/other', '--oauth-expiry-days', '1.5'],
      ],
      env: {
        ...environment(),
        PANEL_OAUTH_KEY: 'canary-environment',
        PANEL_BASIC_AUTH: 'canary-environment',
        BOKEH_COOKIE_SECRET: 'canary-environment-0123456789-abcdefgh',
      },
    });
    await appsReady(gateway, ['app']);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  async function seen(person: 'ada' | undefined, cookies: Record<string, string> = {}) {
    const { page, context, problems } = await newPage(browser);
    page.setDefaultTimeout(15_000);
    const list = Object.entries(cookies).map(([name, value]) => ({ name, value, url: gateway.url }));
    await context.addCookies(list);
    const url = `${gateway.url}/app`;
    if (person === undefined) await page.goto(url);
    else {
      await page.goto(`${gateway.url}/.auth/login/dev?return_to=/app`);
      await page.getByRole('button', { name: 'Ada Admin' }).click();
      await page.waitForURL(url);
    }
    const text = page.getByText('"user":');
    await text.waitFor();
    const first = JSON.parse((await text.textContent()) ?? '') as Seen;
    await page.getByRole('button', { name: 'Look again' }).click();
    const again = JSON.parse((await text.textContent()) ?? '') as Seen;
    const source = await page.content();
    const jar = await context.cookies();
    await context.close();
    return { first, again, source, jar, problems };
  }

  it('finds pn.state.user and pn.state.user_info filled, in the page and over its WebSocket', async () => {
    const { first, again, jar, problems } = await seen('ada');
    expect(first.user).toBe('ada@example.com');
    expect(first.info).toMatchObject({
      sub: 'ada',
      email: 'ada@example.com',
      name: 'Ada Admin',
      roles: ['admin', 'analyst', 'viewer'],
    });
    expect(again).toEqual(first);
    expect(first.access_token).toBeNull();
    expect(first.cookies).toEqual(['id_token', 'user']);
    // The cookies are between gateway and app; the browser never has them.
    expect(jar.filter(({ name }) => !name.startsWith('portico'))).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('takes nobody’s word for it: cookies of these names from a browser are gone', async () => {
    const forged = { is_guest: '1', user: 'boss', id_token: 'x.eyJzdWIiOiJib3NzIn0.', access_token: 'boss' };
    const { first } = await seen('ada', forged);
    expect(first.user).toBe('ada@example.com');
    expect(first.info).toMatchObject({ sub: 'ada' });
    expect(first.cookies).toEqual(['id_token', 'user']);
    const guest = await seen(undefined, { user: 'boss', id_token: 'x.eyJzdWIiOiJib3NzIn0.' });
    expect(guest.first).toMatchObject({ user: 'guest', info: { user: 'guest' }, cookies: ['is_guest'] });
  });

  it('shows no token in the source of its page, and what is there opens nothing', async () => {
    const { source, jar } = await seen('ada');
    const session = jar.find(({ name }) => name === 'portico')?.value ?? 'none';
    expect(source).not.toContain(session);
    const cookie = `portico=${session}`;
    const page = await fetch(`${gateway.url}/app`, { headers: { cookie, accept: 'text/html' } });
    const html = await page.text();
    const token = /"token":\s*"([^"]+)"/.exec(html)?.[1] ?? '';
    const [payload = ''] = token.split('.').slice(-2);
    const { __bk__zlib_ } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<
      string,
      string
    >;
    const { inflateSync } = await import('node:zlib');
    const inside = JSON.parse(inflateSync(Buffer.from(__bk__zlib_ ?? '', 'base64url')).toString()) as {
      cookies: Record<string, string>;
      headers: Record<string, string>;
    };
    expect(Object.keys(inside.cookies).sort()).toEqual(['id_token', 'user']);
    expect(Object.keys(inside.headers)).not.toContain('Portico-Assertion');
    // The signed user, sent as a cookie by somebody else, is stripped like every other.
    const replayed = Object.entries(inside.cookies).map(([name, value]) => `${name}=${value}`);
    const other = await fetch(`${gateway.url}/.auth/session`, { headers: { cookie: replayed.join('; ') } });
    expect(other.status).toBe(401);
  });

  it('keeps none of the sign-in that it had, and says so at the start', async () => {
    const { first } = await seen('ada');
    expect(first.environment).toEqual([]);
    const note = await gateway.line(/taken out of the app/);
    expect(note).toContain('--oauth-provider, --oauth-key');
    expect(gateway.lines.join('\n')).not.toMatch(/canary-(?:secret|cookie|environment)/);
  });
});
