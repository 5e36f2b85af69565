import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Rule } from '../../src/core/types.ts';
import { httpApp, stopApps } from './apps.ts';
import { ask, NAVIGATION, openSocket } from './client.ts';
import { gatewayWith, stopAll } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

const EXAMPLE = fileURLToPath(new URL('../../../../examples/authorize/authorize.ts', import.meta.url));

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'portico-authorize-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'authorize.mjs');
  writeFileSync(path, text);
  return path;
}

async function behind(authorize: string, more: { guests?: boolean; rules?: readonly Rule[] } = {}) {
  const heard: string[] = [];
  const app = await httpApp((request, response) => {
    heard.push(`${request.url} as ${request.headers['x-forwarded-user'] ?? 'nobody'}`);
    response.end('from the app');
  });
  app.server.on('upgrade', (_request, socket) => {
    heard.push('upgrade');
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  const gateway = await gatewayWith({
    apps: [{ name: 'sales', upstream: app.upstream, authorize, ...more }],
  });
  return { gateway, heard };
}

const answering = (body: string) => file(`export default ${body}`);

describe('the authorize function', () => {
  it('of the example sends newcomers to the terms, keeps reports to their owners and guests to the start', async () => {
    const { gateway, heard } = await behind(EXAMPLE, { guests: true });
    const ann = await gateway.signIn();
    const newcomer = await gateway.signIn({ subject: 'newcomer' });
    const page = (path: string, cookie?: string) =>
      ask(gateway, path, { headers: NAVIGATION, ...(cookie === undefined ? {} : { cookie }) });
    expect(await page('/', ann)).toMatchObject({ status: 200, text: 'from the app' });
    expect(await page('/reports/finance/2026', ann)).toMatchObject({ status: 200 });
    const denied = await page('/reports/board/2026', ann);
    expect(denied.status).toBe(403);
    expect(denied.text).toContain('this report is for board');
    expect(await page('/', newcomer)).toMatchObject({ status: 302, headers: { location: '/terms' } });
    expect(await page('/terms', newcomer)).toMatchObject({ status: 200 });
    expect(await page('/')).toMatchObject({ status: 200 });
    expect((await page('/data')).status).toBe(403);
    expect(heard).toEqual([
      '/ as ann-1',
      '/reports/finance/2026 as ann-1',
      '/terms as newcomer',
      '/ as nobody',
    ]);
  });

  it('is told who asks for what, and cannot change the session by it', async () => {
    const { gateway } = await behind(
      answering(`(user, request) => {
        try { user.roles.push('admin'); } catch {}
        return { deny: JSON.stringify([user, request]) };
      }`),
    );
    const { text } = await ask(gateway, '/a%20b?q=secret', { cookie: await gateway.signIn({ user: 'ann' }) });
    expect(JSON.parse(JSON.parse(text).reason)).toEqual([
      {
        issuer: 'https://login.example.com',
        subject: 'ann-1',
        provider: 'corp',
        user: 'ann',
        email: 'ann@example.com',
        name: 'Ann Analyst',
        roles: ['analyst'],
        groups: ['finance'],
        claims: {},
      },
      { app: 'sales', path: '/a b', method: 'GET' },
    ]);
  });

  it('is asked about every way in which an app may read a path', async () => {
    const { gateway } = await behind(answering(`(user, { path }) => path !== '/admin'`));
    const cookie = await gateway.signIn();
    expect((await ask(gateway, '/admin', { cookie })).status).toBe(403);
    expect((await ask(gateway, '/admin/', { cookie })).status).toBe(403);
    expect((await ask(gateway, '//admin', { cookie })).status).not.toBe(200);
    expect((await ask(gateway, '/admin;x=1', { cookie })).status).toBe(403);
    expect((await ask(gateway, '/other', { cookie })).status).toBe(200);
  });

  it('has no say before allow and rules, nor on public paths', async () => {
    const rules: Rule[] = [
      { path: '/health', access: { public: true } },
      { path: '/admin/**', access: { public: false, allow: [{ kind: 'role', value: 'admin' }] } },
    ];
    const { gateway } = await behind(answering(`() => true`), { rules });
    const cookie = await gateway.signIn();
    expect((await ask(gateway, '/admin/x', { cookie })).status).toBe(403);
    expect((await ask(gateway, '/')).status).toBe(401);
    const { gateway: strict } = await behind(answering(`() => false`), { rules });
    expect((await ask(strict, '/health')).status).toBe(200);
    expect((await ask(strict, '/', { cookie: await strict.signIn() })).status).toBe(403);
  });

  it.each([
    ['throws', `() => { throw new Error('canary-of-the-operator'); }`],
    ['rejects', `async () => { throw new Error('canary-of-the-operator'); }`],
    ['answers nothing', `() => {}`],
    ['answers text', `() => 'yes'`],
    ['answers more than one thing', `() => ({ deny: 'x', redirect: '/y' })`],
    ['redirects elsewhere', `() => ({ redirect: 'https://evil.example' })`],
    ['redirects elsewhere, without a scheme', `() => ({ redirect: '//evil.example' })`],
    ['redirects to where it was', `() => ({ redirect: '/?again' })`],
  ])('that %s lets nobody in, and says why only in the log', async (_what, body) => {
    const { gateway, heard } = await behind(answering(body));
    const answer = await ask(gateway, '/', { cookie: await gateway.signIn(), headers: NAVIGATION });
    expect(answer.status).toBe(500);
    expect(answer.headers.location).toBeUndefined();
    expect(answer.text).not.toContain('canary');
    expect(gateway.log.join('')).toContain('authorize_failed');
    expect(heard).toEqual([]);
  });

  it('stands in front of WebSockets too; they cannot follow a redirect', async () => {
    for (const body of ['() => false', `() => ({ redirect: '/terms' })`]) {
      const { gateway, heard } = await behind(answering(body));
      const cookie = await gateway.signIn();
      await expect(openSocket(gateway, '/ws', { cookie })).rejects.toThrow('403');
      expect(heard).toEqual([]);
    }
  });

  it('that takes its time does not serve a session which ended meanwhile', async () => {
    const { gateway, heard } = await behind(
      answering(`() => new Promise((resolve) => { (globalThis.asked ??= []).push(resolve); })`),
    );
    const shared = globalThis as { asked?: ((yes: boolean) => void)[] };
    const cookie = await gateway.signIn();
    const first = ask(gateway, '/', { cookie });
    await expect.poll(() => shared.asked?.length).toBe(1);
    await ask(gateway, '/.auth/logout', {
      method: 'POST',
      cookie,
      headers: { origin: 'https://apps.example.com' },
    });
    shared.asked?.[0]?.(true);
    expect((await first).status).toBe(401);
    expect(heard).toEqual([]);
  });

  it.each([
    ['cannot be loaded', 'export default ('],
    ['exports no function', 'export default 1'],
  ])('that %s stops the start', async (what, text) => {
    await expect(behind(file(text))).rejects.toThrow(
      expect.objectContaining({ code: 'authorize_unusable', message: expect.stringContaining(what) }),
    );
  });
});

describe('guests', () => {
  it('enter in nobody’s name, and a rule still asks for sign-in', async () => {
    const { gateway, heard } = await behind(answering('() => true'), {
      guests: true,
      rules: [{ path: '/team/**', access: { public: false, allow: [{ kind: 'everyone' }] } }],
    });
    const spoof = { 'x-forwarded-user': 'ceo' };
    expect((await ask(gateway, '/', { headers: { ...NAVIGATION, ...spoof } })).status).toBe(200);
    expect((await ask(gateway, '/team/x', { headers: NAVIGATION })).status).toBe(302);
    expect((await ask(gateway, '/', { cookie: await gateway.signIn() })).status).toBe(200);
    expect(heard).toEqual(['/ as nobody', '/ as ann-1']);
  });
});
