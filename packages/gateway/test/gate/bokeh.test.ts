import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { AppSettings } from '../../src/config/settings.ts';
import { restrict, open as whoever } from '../policy/sample.ts';
import { sessionToken } from '../proxy/bokeh-session-token.ts';
import { httpApp, stopApps } from './apps.ts';
import { ask, openSocket, socket } from './client.ts';
import { gatewayWith, stopAll } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

/** A server that does with a page request what Bokeh does: whoever gets the page gets its headers in a token. */
async function stage(more: Partial<AppSettings> = {}) {
  const app = await httpApp((request, response) => response.end(JSON.stringify(request.headers)));
  new WebSocketServer({ server: app.server, handleProtocols: () => 'bokeh' });
  const gateway = await gatewayWith({
    apps: [{ name: 'app', type: 'bokeh', upstream: app.upstream, ...more }],
  });
  const headersOf = async (cookie?: string, headers = {}): Promise<IncomingHttpHeaders> => {
    const answer = await ask(gateway, '/app', cookie === undefined ? { headers } : { cookie, headers });
    expect(answer.status).toBe(200);
    return JSON.parse(answer.body.toString());
  };
  const tokenFor = async (cookie?: string): Promise<string> => {
    const { 'portico-binding': binding = '' } = await headersOf(cookie);
    return sessionToken({ 'X-Forwarded-User': 'x', 'Portico-Binding': String(binding) });
  };
  const knock = async (token: string, cookie?: string): Promise<number> => {
    const client = socket(gateway, '/app/ws', {
      subprotocols: token === '' ? ['bokeh'] : ['bokeh', token],
      ...(cookie === undefined ? {} : { cookie }),
    });
    client.on('error', () => undefined);
    const opened = once(client, 'upgrade').then(() => 101);
    const refused = once(client, 'unexpected-response').then(([, answer]) => Number(answer.statusCode));
    const status = await Promise.race([opened, refused]);
    client.terminate();
    return status;
  };
  return { gateway, headersOf, tokenFor, knock };
}

describe('the WebSocket of a Bokeh app', () => {
  it('opens with the token of a page of one’s own, in any session of the same person', async () => {
    const { gateway, tokenFor, knock } = await stage();
    const token = await tokenFor(await gateway.signIn());
    expect(await knock(token, await gateway.signIn({ name: 'Ann A.', roles: [] }))).toBe(101);
  });

  it('is refused before the app hears of it with another’s token, and with none; the audit says why', async () => {
    const { gateway, tokenFor, knock } = await stage();
    const ann = await gateway.signIn();
    const bob = await gateway.signIn({ subject: 'bob-2', email: 'bob@example.com' });
    expect(await knock(await tokenFor(ann), bob)).toBe(403);
    expect(await knock('', bob)).toBe(403);
    const lines = gateway.log.filter((line) => line.includes('was made for somebody else'));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('bob-2');
  });

  it('is a guest’s with a guest’s token, and ends being that when the guest signs in', async () => {
    const { gateway, tokenFor, knock } = await stage({ guests: true });
    const guest = await tokenFor();
    expect(await knock(guest)).toBe(101);
    const ann = await gateway.signIn();
    expect(await knock(guest, ann)).toBe(403);
    expect(await knock(await tokenFor(ann))).toBe(403);
    expect(await knock(await tokenFor(ann), ann)).toBe(101);
  });

  it('of a public page belongs to whoever looks at it, signed in or not', async () => {
    const { gateway, tokenFor, knock } = await stage({
      rules: [whoever('/app/**'), restrict('/**', 'role:x')],
    });
    const ann = await gateway.signIn();
    for (const [page, socketOf, status] of [
      [undefined, undefined, 101],
      [ann, ann, 101],
      [ann, undefined, 403],
      [undefined, ann, 403],
    ] as const)
      expect(await knock(await tokenFor(page), socketOf)).toBe(status);
  });
});

describe('the mark of a person', () => {
  it('goes to Bokeh and Panel apps only, and nobody can bring one along or name a session', async () => {
    const { gateway, headersOf } = await stage();
    const ann = await gateway.signIn();
    const before = await headersOf(ann);
    expect(before['portico-binding']).toMatch(/^[\w-]{22}$/);
    const brought = {
      'Portico-Binding': 'x',
      Portico_Binding: 'x',
      'Bokeh-Session-Id': 'x',
      Bokeh_Session_Id: 'x',
    };
    const after = await headersOf(ann, brought);
    expect(after['portico-binding']).toBe(before['portico-binding']);
    expect(Object.keys(after).filter((name) => /session.id|portico_/.test(name))).toEqual([]);
    const answer = await ask(gateway, '/app?bokeh-session-id=x', { cookie: ann });
    expect([answer.status, JSON.parse(answer.body.toString()).error]).toEqual([403, 'foreign_token']);
    const other = await stage({ type: 'command' });
    expect(await other.headersOf(await other.gateway.signIn())).not.toHaveProperty('portico-binding');
  });

  it('is another one for another person and in another app, and says nothing of either', async () => {
    const { gateway, headersOf } = await stage();
    const [ann, again, bob] = [
      await gateway.signIn(),
      await gateway.signIn(),
      await gateway.signIn({ subject: 'bob-2' }),
    ];
    const mark = async (cookie: string) => (await headersOf(cookie))['portico-binding'];
    expect(await mark(again)).toBe(await mark(ann));
    expect(await mark(bob)).not.toBe(await mark(ann));
    const other = await stage({ name: 'other' });
    expect((await other.headersOf(await other.gateway.signIn()))['portico-binding']).not.toBe(
      await mark(ann),
    );
  });
});

describe('any other app', () => {
  it('opens its WebSockets as it likes', async () => {
    const { gateway } = await stage({ type: 'command' });
    const client = await openSocket(gateway, '/app/ws', {
      cookie: await gateway.signIn(),
      subprotocols: ['bokeh', 'x'],
    });
    expect(client.protocol).toBe('bokeh');
    client.terminate();
  });
});
