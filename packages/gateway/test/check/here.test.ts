import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkApi } from '../../src/check/apis.ts';
import { checkApp } from '../../src/check/apps.ts';
import type { Section } from '../../src/check/finding.ts';
import { checkGateway } from '../../src/check/gateway.ts';
import type { ApiSettings, AppSettings, Settings } from '../../src/config/settings.ts';

const SECRET = 'canary-Q8Jw2nR5tYc7Vb1Zx3Lk9Mp4Ds6Fg0Ha';
const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../fixtures', name), 'utf8');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-check-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const settings = (changes: Partial<Settings> = {}): Settings => ({
  publicUrl: 'http://localhost:8000',
  address: '127.0.0.1',
  port: 0,
  secrets: [SECRET],
  store: { kind: 'sqlite', path: join(folder, 'state', 'portico.db') },
  session: { absolute: 1, idle: 1, refresh: true },
  providers: [],
  apps: [],
  apis: [],
  trustedProxies: [],
  log: { level: 'info', format: 'json' },
  stateDir: folder,
  drainSeconds: 1,
  ...changes,
});

const app = (changes: Partial<AppSettings> = {}): AppSettings => ({
  name: 'sales',
  title: 'Sales',
  type: 'streamlit',
  at: '/sales',
  allow: [{ kind: 'everyone' }],
  rules: [],
  ...changes,
});

const levels = ({ findings }: Section): Record<string, string> =>
  Object.fromEntries(findings.map(({ code, level }) => [code, level]));

async function gateway(changes: Partial<Settings> = {}, now = Date.now()): Promise<Record<string, string>> {
  const given = settings(changes);
  const section = await checkGateway(given, [given.publicUrl], () => now);
  expect(JSON.stringify(section)).not.toContain(SECRET);
  return levels(section);
}

describe('the gateway itself', () => {
  test('on this machine alone has no problem', async () => {
    expect(await gateway()).toEqual({ transport: 'ok', secret: 'ok', store: 'ok', port: 'ok' });
  });

  test('in plain http elsewhere is a problem, for the cookie', async () => {
    expect(await gateway({ publicUrl: 'http://apps.example.com' })).toMatchObject({
      public_url_insecure: 'problem',
    });
  });

  test('behind TLS of another is advised about proxies, HSTS and its own door', async () => {
    expect(await gateway({ publicUrl: 'https://apps.example.com', address: '0.0.0.0' })).toMatchObject({
      transport: 'ok',
      trusted_proxies_empty: 'note',
      listens_everywhere: 'note',
      hsts: 'note',
    });
    const trusting = await gateway({ publicUrl: 'https://apps.example.com', trustedProxies: ['10.0.0.0/8'] });
    expect(trusting).not.toHaveProperty('trusted_proxies_empty');
  });

  test('with TLS of its own has its certificate compared with the hosts and the calendar', async () => {
    const tls = { cert: fixture('localhost.cert.pem'), key: fixture('localhost.key.pem') };
    expect(await gateway({ publicUrl: 'https://localhost:8000', tls })).toMatchObject({ certificate: 'ok' });
    expect(await gateway({ publicUrl: 'https://apps.example.com', tls })).toMatchObject({
      certificate_name: 'problem',
    });
    const late = await gateway({ publicUrl: 'https://localhost', tls }, Date.parse('2126-10-20'));
    expect(late).toMatchObject({ certificate_ends: 'note' });
  });

  test('with a weak secret is a problem, which does not repeat it', async () => {
    const section = await checkGateway(settings({ secrets: ['hunter2hunter2'] }), [], Date.now);
    expect(levels(section)).toMatchObject({ secret_weak: 'problem' });
    expect(JSON.stringify(section)).not.toContain('hunter2');
  });

  test('with a generated secret that others can read is a problem', async () => {
    writeFileSync(join(folder, 'secret'), SECRET);
    chmodSync(join(folder, 'secret'), 0o644);
    expect(await gateway()).toMatchObject({ secret_exposed: 'problem' });
  });

  test('without a place for sessions is a problem; in memory is a note', async () => {
    expect(await gateway({ store: { kind: 'memory' } })).toMatchObject({ store_memory: 'note' });
    mkdirSync(join(folder, 'state'), { recursive: true });
    writeFileSync(join(folder, 'file'), '');
    const path = join(folder, 'file', 'portico.db');
    expect(await gateway({ store: { kind: 'sqlite', path } })).toMatchObject({
      store_not_writable: 'problem',
    });
  });

  test('whose port is taken is told so', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect(await gateway({ port: (server.address() as AddressInfo).port })).toMatchObject({
      port_in_use: 'note',
    });
    server.close();
  });
});

describe('an app', () => {
  const check = async (changes: Partial<AppSettings>): Promise<Record<string, string>> =>
    levels(await checkApp(app(changes), 'https://apps.example.com', process.env['PATH']));

  test('whose program is there can be started', async () => {
    expect(await check({ type: 'command', run: [process.execPath, 'app.js'] })).toMatchObject({
      command: 'ok',
    });
  });

  test('whose program is missing is a problem', async () => {
    expect(await check({ type: 'command', run: ['no-such-program-anywhere'] })).toMatchObject({
      command_not_found: 'problem',
    });
  });

  test('of Shiny below a path is a problem', async () => {
    expect(await check({ type: 'shiny', run: ['shiny', 'run', 'app.py'] })).toMatchObject({
      base_path_unsupported: 'problem',
    });
  });

  test('that runs already is reached, or noted', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const upstream = { hostname: '127.0.0.1', port: (server.address() as AddressInfo).port };
    expect(await check({ upstream })).toMatchObject({ upstream: 'ok' });
    server.close();
    await once(server, 'close');
    expect(await check({ upstream })).toMatchObject({ upstream_down: 'note' });
  });

  test.each(['streamlit', 'panel', 'bokeh', 'gradio', 'marimo', 'shiny', 'jupyter', 'dash'] as const)(
    'of %s has room for the headers',
    async (type) => {
      expect(await check({ type, at: '/', upstream: { hostname: '127.0.0.1', port: 1 } })).toMatchObject({
        header_budget: 'ok',
      });
    },
  );

  test('that nobody may enter is worth a note', async () => {
    expect(await check({ allow: [], upstream: { hostname: '127.0.0.1', port: 1 } })).toMatchObject({
      nobody_allowed: 'note',
    });
  });
});

describe('an API', () => {
  const api: ApiSettings = {
    name: 'orders',
    url: 'https://api.example.com/v1',
    provider: 'corp',
    scopes: [],
    grant: 'exchange',
    apps: ['sales', 'hr'],
  };

  test('is reached, or noted; and who may use it is said', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const there = await checkApi({ ...api, url });
    expect(levels(there)).toEqual({ api: 'ok', api_apps: 'ok' });
    expect(there.findings[1]?.found).toBe(
      'Open to sales, hr, for people of corp; its tokens come by token exchange.',
    );
    server.close();
    await once(server, 'close');
    expect(levels(await checkApi({ ...api, url }))).toMatchObject({ api_down: 'note' });
  });
});
