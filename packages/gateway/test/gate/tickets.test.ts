import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { Tickets } from '../../src/gate/tickets.ts';
import { Sealer } from '../../src/session/seal.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { TestClock } from '../session/fixtures.ts';
import { stopApps } from './apps.ts';
import { mirror, productWith, SHOP_PAGE, tokenOf, withToken } from './bearer.ts';
import { type Answer, ask, closed, openSocket, socket } from './client.ts';
import { ORIGIN, SECRET, stopAll, type TestGateway } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

const EMBED = { origins: [SHOP_PAGE], inline: true, script: false };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

async function product() {
  const app = await mirror();
  new WebSocketServer({ server: app.server }).on('connection', (client, request) =>
    client.send(JSON.stringify({ url: request.url, headers: request.headers })),
  );
  return productWith(app, { embed: EMBED });
}

const askFor = (
  gateway: TestGateway,
  headers: Readonly<Record<string, string>>,
  body = 'app=sales',
): Promise<Answer> =>
  ask(gateway, '/.auth/embed/ticket', { method: 'POST', headers: { ...FORM, ...headers }, body });

async function ticketFor(gateway: TestGateway, token: string, origin?: string): Promise<string> {
  const answer = await askFor(gateway, { ...withToken(token), ...(origin === undefined ? {} : { origin }) });
  expect(answer.status).toBe(200);
  const { ticket, expires_in } = JSON.parse(answer.text) as { ticket: string; expires_in: number };
  expect([ticket.length, expires_in, answer.headers['cache-control']]).toEqual([43, 30, 'no-store']);
  return ticket;
}

async function statusOf(
  gateway: TestGateway,
  ticket: string,
  origin?: string,
  path = '/sales/ws',
): Promise<string> {
  const opening = socket(gateway, `${path}?portico_ticket=${ticket}`, origin === undefined ? {} : { origin });
  opening.on('open', () => opening.close());
  const [error] = (await Promise.race([once(opening, 'error'), once(opening, 'close')])) as [Error | number];
  return error instanceof Error ? error.message.replace('Unexpected server response: ', '') : 'open';
}

describe('a ticket for a WebSocket', () => {
  test('opens one socket of the page that asked for it; the app sees neither it nor the other origin', async () => {
    const { gateway } = await product();
    const token = await tokenOf();
    const ticket = await ticketFor(gateway, token, SHOP_PAGE);
    const client = socket(gateway, `/sales/ws?a=1&portico_ticket=${ticket}&b=2`, { origin: SHOP_PAGE });
    const [message] = (await once(client, 'message')) as [Buffer];
    const told = JSON.parse(message.toString());
    expect([told.url, told.headers.origin, told.headers['x-forwarded-user']]).toEqual([
      '/sales/ws?a=1&b=2',
      ORIGIN,
      'ada-1',
    ]);
    client.close();
    expect(await statusOf(gateway, ticket, SHOP_PAGE)).toBe('401');
    for (const secret of [ticket, token]) expect(gateway.log.join('')).not.toContain(secret);
  });

  test('that is used from ten places at once opens one socket', async () => {
    const { gateway } = await product();
    const ticket = await ticketFor(gateway, await tokenOf(), SHOP_PAGE);
    const all = await Promise.all(Array.from({ length: 10 }, () => statusOf(gateway, ticket, SHOP_PAGE)));
    expect(all.toSorted()).toEqual([...Array(9).fill('401'), 'open']);
  });

  test.each([
    ['another app', SHOP_PAGE, SHOP_PAGE, '/hr/ws', '401'],
    ['an app that takes no tokens', SHOP_PAGE, SHOP_PAGE, '/plain/ws', '401'],
    ['another page, listed or not', SHOP_PAGE, 'https://evil.example', '/sales/ws', '403'],
    ['the gateway’s own page', SHOP_PAGE, ORIGIN, '/sales/ws', '403'],
    [
      'a page nobody listed, when a server asked for it',
      undefined,
      'https://evil.example',
      '/sales/ws',
      '403',
    ],
    ['a listed page, when a server asked for it', undefined, SHOP_PAGE, '/sales/ws', 'open'],
  ])('for %s', async (_name, asking, using, path, outcome) => {
    const { gateway } = await product();
    const ticket = await ticketFor(gateway, await tokenOf(), asking);
    expect(await statusOf(gateway, ticket, using, path)).toBe(outcome);
  });

  test('is no cookie’s second chance, and nothing for an ordinary request', async () => {
    const { app, gateway } = await product();
    const cookie = await gateway.signIn();
    const wrong = socket(gateway, '/sales/ws?portico_ticket=nonsense', { cookie });
    const [error] = (await once(wrong, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 401');
    const ticket = await ticketFor(gateway, await tokenOf(), SHOP_PAGE);
    expect((await ask(gateway, `/sales/?portico_ticket=${ticket}`)).status).toBe(401);
    expect((await ask(gateway, '/sales/', { headers: withToken(ticket) })).status).toBe(401);
    expect(app.connections).toBe(0);
    const seen = await ask(gateway, `/sales/?portico_ticket=${ticket}`, { cookie });
    expect(JSON.parse(seen.text).url).toBe('/sales/');
  });

  test('twice in one address is nobody’s, and so is one beside a token', async () => {
    const { gateway } = await product();
    const token = await tokenOf();
    const [first, second] = [await ticketFor(gateway, token), await ticketFor(gateway, token)];
    const twice = socket(gateway, `/sales/ws?portico_ticket=${first}&portico_ticket=${second}`);
    expect(((await once(twice, 'error')) as [Error])[0].message).toBe('Unexpected server response: 401');
    const both = socket(gateway, `/sales/ws?portico_ticket=${first}`, { headers: withToken(token) });
    expect(((await once(both, 'error')) as [Error])[0].message).toBe('Unexpected server response: 400');
  });

  test('closes what it opened when its token ends', async () => {
    const { gateway } = await product();
    const token = await tokenOf({ exp: Math.floor(Date.now() / 1000) + 2 });
    const ticket = await ticketFor(gateway, token, SHOP_PAGE);
    const client = await openSocket(gateway, `/sales/ws?portico_ticket=${ticket}`, { origin: SHOP_PAGE });
    expect(await closed(client)).toEqual({ code: 1008, reason: 'session ended: expired' });
  });
});

describe('whoever asks for a ticket', () => {
  test.each([
    ['without a token', {}, 'app=sales', 401, 'login_required'],
    ['with a wrong token', { authorization: 'Bearer nonsense' }, 'app=sales', 401, 'invalid_token'],
    ['with a malformed one', { authorization: 'Bearer' }, 'app=sales', 400, 'invalid_request'],
    ['for an app that there is not', 'good', 'app=nothing', 403, 'embedding_not_allowed'],
    ['for an app that takes no tokens', 'good', 'app=plain', 403, 'embedding_not_allowed'],
    ['for two apps', 'good', 'app=sales&app=hr', 403, 'embedding_not_allowed'],
    ['for an app of other tokens', 'good', 'app=hr', 401, 'invalid_token'],
  ] as const)('%s gets none', async (_name, given, body, status, error) => {
    const { gateway } = await product();
    const headers = given === 'good' ? withToken(await tokenOf()) : given;
    const answer = await askFor(gateway, headers, body);
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([status, error]);
    const challenged = answer.headers['www-authenticate']?.startsWith('Bearer realm="portico"') ?? false;
    expect(challenged).toBe(status !== 403);
  });

  test('from a page that is not listed gets none, and may not read the answer', async () => {
    const { gateway } = await product();
    const answer = await askFor(gateway, { ...withToken(await tokenOf()), origin: 'https://evil.example' });
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([403, 'origin_not_allowed']);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('from a listed page may read the answer, also when it is a refusal', async () => {
    const { gateway } = await product();
    for (const token of [await tokenOf(), 'nonsense']) {
      const answer = await askFor(gateway, { ...withToken(token), origin: SHOP_PAGE });
      expect(answer.headers['access-control-allow-origin']).toBe(SHOP_PAGE);
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    }
  });

  test('by GET gets 405: what is asked for in an address stands in logs', async () => {
    const { gateway } = await product();
    const headers = withToken(await tokenOf());
    expect((await ask(gateway, '/.auth/embed/ticket?app=sales', { headers })).status).toBe(405);
  });
});

describe('in the store', () => {
  const kit = () => {
    const clock = new TestClock();
    const store = new MemoryStore(clock.read);
    return { clock, store, tickets: new Tickets(store, new Sealer([SECRET]), randomBytes) };
  };

  test('a ticket is worth nothing after half a minute', async () => {
    const { clock, tickets } = kit();
    const [soon, late] = [
      await tickets.issue({ token: 't', app: 'sales' }),
      await tickets.issue({ token: 't', app: 'sales' }),
    ];
    clock.advance(29_999);
    expect(await tickets.redeem(soon)).toEqual({ token: 't', app: 'sales' });
    clock.advance(2);
    expect(await tickets.redeem(late)).toBeUndefined();
  });

  test('neither ticket nor token can be read', async () => {
    const { store, tickets } = kit();
    const ticket = await tickets.issue({ token: 'canary-token', app: 'sales' });
    let all = '';
    for await (const [key, value] of store.entries('')) all += key + Buffer.from(value).toString('latin1');
    expect(all).toContain('socket-ticket:');
    for (const secret of [ticket, 'canary-token', 'sales']) expect(all).not.toContain(secret);
  });
});
