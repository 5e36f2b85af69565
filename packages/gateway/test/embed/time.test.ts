import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { issueCode } from '../../src/embed/code.ts';
import type { EmbedContext, EmbedEvent } from '../../src/embed/context.ts';
import { endEmbedded } from '../../src/embed/end.ts';
import { renewEmbedded } from '../../src/embed/renew.ts';
import { startEmbedded } from '../../src/embed/start.ts';
import { CookieNames } from '../../src/http/cookies.ts';
import type { RequestFacts } from '../../src/http/facts.ts';
import type { Reply } from '../../src/http/reply.ts';
import type { LiveSession } from '../../src/session/live.ts';
import { type Claims, NOW, SHOP, tokenWith, worldOf } from '../bearer/issuer.ts';
import { HOUR, world } from '../session/fixtures.ts';

const PAGE = 'https://shop.example.com';
const GATEWAY = 'https://apps.example.com';
const MINUTE = 60_000;

const facts = (query = '', headers: Readonly<Record<string, string>> = {}): RequestFacts => ({
  requestId: 'r-1',
  method: 'GET',
  kind: 'page',
  origin: GATEWAY,
  path: '/.auth/embed/start',
  query,
  clientAddress: '192.0.2.1',
  header: (name) => headers[name],
});

/** What the endpoints need, with time in the test's hand; `token(minutes)` ends so many minutes after the beginning. */
function stage(longest = 12 * HOUR) {
  const { clock, store, sealer, sessions, another } = world({ limits: { absolute: longest, idle: HOUR } });
  const { verifier, ends } = worldOf([SHOP], { clock, store });
  const events: EmbedEvent[] = [];
  const settings = {
    name: 'sales',
    at: '/sales',
    type: 'command',
    bearer: ['shop'],
    embed: { origins: [PAGE], inline: false, script: false },
  } as const;
  const context: EmbedContext = {
    apps: new Map([['sales', { settings, origin: GATEWAY }]]),
    tokens: verifier,
    sessions,
    store,
    seal: sealer,
    cookies: new CookieNames(true),
    clock: clock.read,
    random: randomBytes,
    longest,
    report: (event) => events.push(event),
  };
  const token = (minutes: number, claims: Claims = {}) => tokenWith({ exp: NOW + minutes * 60, ...claims });
  const ask = (step: typeof issueCode, fields: Record<string, string>): Promise<Reply> =>
    step(context, facts(), { fields: new URLSearchParams(fields), token: undefined });
  const code = async (access_token: string) => {
    const { body } = await ask(issueCode, { access_token, app: 'sales', origin: PAGE });
    return JSON.parse(String(body)) as { code: string; handle: string };
  };
  const start = async (oneTime: string, present?: LiveSession) => {
    const reply = await startEmbedded(
      context,
      facts(`code=${oneTime}`, { 'sec-fetch-dest': 'iframe', referer: `${PAGE}/` }),
      async () => present,
    );
    const cookie = reply.headers.find(([name]) => name === 'set-cookie')?.[1];
    return { reply, value: /=([\w-]{43});/.exec(cookie ?? '')?.[1] ?? '' };
  };
  const begin = async (access_token: string) => {
    const { code: oneTime, handle } = await code(access_token);
    return { ...(await start(oneTime)), handle };
  };
  const at = (value: string) => sessions.loadEmbedded(value, 'sales');
  const renew = (handle: string, access_token: string) => ask(renewEmbedded, { handle, access_token });
  const end = (handle: string) => ask(endEmbedded, { handle });
  const endAll = (access_token: string) => ask(endEmbedded, { app: 'sales', access_token });
  return {
    clock,
    context,
    sessions,
    another,
    ends,
    verifier,
    events,
    token,
    code,
    start,
    begin,
    at,
    renew,
    end,
    endAll,
  };
}

const failing = (code: string) => expect.objectContaining({ code });

describe('a code', () => {
  test('is good for a minute and no longer', async () => {
    const { clock, token, code, start } = stage();
    const early = await code(await token(60));
    const late = await code(await token(60));
    clock.advance(MINUTE - 1);
    expect((await start(early.code)).reply.status).toBe(303);
    clock.advance(1);
    await expect(start(late.code)).rejects.toEqual(failing('embed_code_invalid'));
  });

  test('whose token is ended while the frame begins leaves no session behind', async () => {
    const { context, token, code, verifier, sessions, at } = stage();
    const { code: oneTime } = await code(await token(60));
    let value = '';
    // What an operator or a provider ends in the moment in which the session is written.
    const create: typeof sessions.create = async (...given) => {
      await verifier.revoke('ada-1');
      const made = await sessions.create(...given);
      value = made.cookieId;
      return made;
    };
    const between = {
      ...context,
      sessions: { create, end: sessions.end.bind(sessions) } as Partial<typeof sessions> as typeof sessions,
    };
    const request = facts(`code=${oneTime}`, { 'sec-fetch-dest': 'iframe' });
    await expect(startEmbedded(between, request, async () => undefined)).rejects.toEqual(
      failing('invalid_token'),
    );
    expect(await at(value)).toBeUndefined();
  });

  test('is worth nothing when its token has ended, or was ended, before the frame came', async () => {
    const { clock, token, code, start, verifier } = stage();
    const short = await code(await token(0.5));
    clock.advance(MINUTE / 2);
    await expect(start(short.code)).rejects.toEqual(failing('invalid_token'));
    const revoked = await code(await token(60));
    await verifier.revoke('ada-1');
    await expect(start(revoked.code)).rejects.toEqual(failing('invalid_token'));
  });

  test('stands in the store as a hash, and what it is for is sealed', async () => {
    const { context, token, code } = stage();
    const host = await token(60);
    const { code: oneTime } = await code(host);
    let rows = 0;
    for await (const [key, value] of context.store.entries('')) {
      rows++;
      const text = key + Buffer.from(value).toString('latin1');
      for (const secret of [oneTime, host, 'shop.example.com']) expect(text).not.toContain(secret);
    }
    expect(rows).toBeGreaterThan(0);
  });
});

describe('an embedded session', () => {
  test('ends with its token', async () => {
    const { clock, token, begin, at } = stage();
    const { value } = await begin(await token(5));
    clock.advance(5 * MINUTE - 1);
    expect(await at(value)).toBeDefined();
    clock.advance(1);
    expect(await at(value)).toBeUndefined();
  });

  test('goes on with a newer token, under the same cookie, in this process and in others', async () => {
    const { clock, token, begin, at, renew, another } = stage();
    const { value, handle } = await begin(await token(5));
    clock.advance(4 * MINUTE);
    const reply = await renew(handle, await token(10, { roles: ['manager'] }));
    expect(JSON.parse(String(reply.body))).toEqual({ expires_in: 360 });
    expect(reply.headers.map(([name]) => name)).not.toContain('set-cookie');
    clock.advance(2 * MINUTE);
    for (const sessions of [{ loadEmbedded: (id: string) => at(id) }, another()]) {
      const live = await sessions.loadEmbedded(value, 'sales');
      expect(live?.session.identity.roles).toEqual(['manager']);
    }
  });

  test('is found by its handle long after the first token has ended, also by another process', async () => {
    const { clock, token, begin, renew, another, context } = stage();
    const { handle } = await begin(await token(5));
    for (const minutes of [10, 15, 20]) {
      clock.advance(4 * MINUTE);
      expect((await renew(handle, await token(minutes))).status).toBe(200);
    }
    const elsewhere = { ...context, sessions: another() };
    const fields = new URLSearchParams({ handle, access_token: await token(30) });
    expect((await renewEmbedded(elsewhere, facts(), { fields, token: undefined })).status).toBe(200);
  });

  test('is not shortened by an older token', async () => {
    const { clock, token, begin, at, renew } = stage();
    const { value, handle } = await begin(await token(30));
    const older = await renew(handle, await token(5, { roles: [] }));
    expect(JSON.parse(String(older.body))).toEqual({ expires_in: 1800 });
    clock.advance(6 * MINUTE);
    expect((await at(value))?.session.identity.roles).toEqual(['analyst']);
  });

  test('does not go on with a token of somebody else, or one that is not good; the session stays as it was', async () => {
    const { token, begin, at, renew } = stage();
    const { value, handle } = await begin(await token(5));
    await expect(renew(handle, await token(30, { sub: 'bob-2' }))).rejects.toEqual(
      failing('identity_changed'),
    );
    const wrong = await token(30, { aud: 'https://other.example.com' });
    await expect(renew(handle, wrong)).rejects.toEqual(failing('invalid_token'));
    expect((await at(value))?.session).toMatchObject({ expiresAt: (NOW + 300) * 1000 });
  });

  test('does not come back once it has ended, and no handle but its own names it', async () => {
    const { clock, token, begin, at, renew } = stage();
    const { value, handle } = await begin(await token(5));
    const sid = (await at(value))?.session.sid ?? '';
    clock.advance(5 * MINUTE);
    for (const name of [handle, sid, 'nonsense'])
      await expect(renew(name, await token(30))).rejects.toEqual(failing('session_ended'));
  });

  test('lives no longer than any session may, however often it is renewed', async () => {
    const { clock, token, begin, at, renew } = stage(20 * MINUTE);
    const { value, handle } = await begin(await token(15));
    clock.advance(10 * MINUTE);
    const reply = await renew(handle, await token(300));
    expect(JSON.parse(String(reply.body))).toEqual({ expires_in: 600 });
    clock.advance(10 * MINUTE);
    expect(await at(value)).toBeUndefined();
  });

  test('that is ended before its frame begins it does not begin', async () => {
    const { token, code, start, end } = stage();
    const { code: oneTime, handle } = await code(await token(5));
    expect(JSON.parse(String((await end(handle)).body))).toEqual({ ended: 0 });
    await expect(start(oneTime)).rejects.toEqual(failing('embed_code_invalid'));
  });

  test('that is ended by its person’s token does not begin either; one that is asked for afterwards does', async () => {
    const { clock, token, code, start, endAll } = stage();
    const before = await code(await token(5));
    clock.advance(1);
    await endAll(await token(5));
    clock.advance(1);
    const after = await code(await token(5));
    await expect(start(before.code)).rejects.toEqual(failing('embed_code_invalid'));
    expect((await start(after.code)).reply.status).toBe(303);
  });

  test('stays one when the same page is loaded anew: it goes on, and both handles are its own', async () => {
    const { clock, token, code, start, begin, at, end } = stage();
    const first = await begin(await token(5));
    const live = await at(first.value);
    clock.advance(MINUTE);
    const second = await code(await token(30));
    const { reply } = await start(second.code, live);
    expect(reply.headers.map(([name]) => name)).not.toContain('set-cookie');
    clock.advance(10 * MINUTE);
    expect(await at(first.value)).toBe(live);
    expect(JSON.parse(String((await end(second.handle)).body))).toEqual({ ended: 1 });
    expect(await at(first.value)).toBeUndefined();
    expect(JSON.parse(String((await end(first.handle)).body))).toEqual({ ended: 0 });
  });

  test('gives way to one of another person in the same browser', async () => {
    const { token, code, start, begin, at } = stage();
    const first = await begin(await token(5));
    const live = await at(first.value);
    const second = await code(await token(5, { sub: 'bob-2' }));
    const { value } = await start(second.code, live);
    expect(live?.ended).toBe('replaced');
    expect(await at(first.value)).toBeUndefined();
    expect((await at(value))?.session.identity.subject).toBe('bob-2');
  });
});
