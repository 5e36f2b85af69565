import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { BearerSettings } from '../../src/config/settings.ts';
import { safeFetch } from '../../src/identity/safe-fetch.ts';
import { AUDIENCE, type Claims, ISSUER, NOW, SHOP, tokenWith, worldOf } from './issuer.ts';

const SECRET = 'a secret: with + and %';
const ACTIVE = {
  active: true,
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'ada-1',
  exp: NOW + 3600,
  roles: ['analyst'],
};
const refused = expect.objectContaining({ code: 'invalid_token', status: 401 });
const down = expect.objectContaining({ code: 'temporarily_unavailable', status: 503 });

/** An endpoint that answers what the test wants, and keeps what it was asked. */
async function endpoint() {
  const asked: { readonly request: IncomingMessage; readonly form: URLSearchParams }[] = [];
  const answer = { status: 200, body: ACTIVE as unknown };
  const server = createServer(async (request, response) => {
    asked.push({ request, form: new URLSearchParams(await text(request)) });
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`;
  const source: BearerSettings['source'] = {
    kind: 'introspection',
    url,
    clientId: 'portico',
    clientSecret: SECRET,
  };
  const world = worldOf([{ ...SHOP, source, algorithms: [] }], { fetch: safeFetch() });
  const verify = async (token = 'opaque-1') => world.verifier.verify('sales', token);
  return { ...world, asked, answer, verify };
}

describe('a token that only its issuer can read', () => {
  it('is shown to the issuer by an authenticated POST, and stands for whom the issuer names', async () => {
    const { verify, asked } = await endpoint();
    const { session } = await verify();
    expect(session.identity).toMatchObject({ issuer: ISSUER, subject: 'ada-1', roles: ['analyst'] });
    expect(session.expiresAt).toBe((NOW + 3600) * 1000);
    const { request, form } = asked[0] ?? expect.fail();
    expect(request.method).toBe('POST');
    expect(Object.fromEntries(form)).toEqual({ token: 'opaque-1', token_type_hint: 'access_token' });
    expect(request.headers.authorization).toBe(`Basic ${btoa('portico:a+secret%3A+with+%2B+and+%25')}`);
  });

  it.each<[string, Claims | string]>([
    ['not active', { active: false }],
    ['active in a word', { ...ACTIVE, active: 'true' }],
    ['of another issuer', { ...ACTIVE, iss: `${ISSUER}/` }],
    ['for another audience', { ...ACTIVE, aud: 'https://other.example.com' }],
    ['for whom it does not say', { ...ACTIVE, aud: undefined }],
    ['without an end', { ...ACTIVE, exp: undefined }],
    ['over', { ...ACTIVE, exp: NOW }],
    ['not valid yet', { ...ACTIVE, nbf: NOW + 31 }],
    ['from the future', { ...ACTIVE, iat: NOW + 31 }],
    ['of nobody', { ...ACTIVE, sub: undefined }],
    ['a refresh token, by Keycloak', { ...ACTIVE, typ: 'Refresh' }],
    ['a refresh token, by Hydra', { ...ACTIVE, token_use: 'refresh_token' }],
    ['of another type', { ...ACTIVE, token_type: 'DPoP' }],
    ['bound to a key', { ...ACTIVE, cnf: { jkt: 'thumbprint' } }],
  ])('is refused when the issuer says that it is %s', async (_name, body) => {
    const { verify, answer } = await endpoint();
    answer.body = body;
    await expect(verify()).rejects.toEqual(refused);
  });

  it.each<[string, number, unknown]>([
    ['an error', 500, ACTIVE],
    ['that we are nobody', 401, ACTIVE],
    ['a redirect', 302, ACTIVE],
    ['a page', 200, '<html>'],
    ['a list', 200, [ACTIVE]],
  ])('lets nobody in while the endpoint answers %s', async (_name, status, body) => {
    const { verify, answer } = await endpoint();
    Object.assign(answer, { status, body });
    await expect(verify()).rejects.toEqual(down);
  });

  it('is asked about once a minute at most, and then again', async () => {
    const { verify, asked, clock } = await endpoint();
    const live = await verify();
    clock.advance(59_999);
    expect(await verify()).toBe(live);
    expect(asked).toHaveLength(1);
    clock.advance(1);
    expect(await verify()).toBe(live);
    expect(asked).toHaveLength(2);
  });

  it('that has become inactive ends with the next question, and what is open is told', async () => {
    const { verify, answer, clock, verifier } = await endpoint();
    const live = await verify();
    const told = vi.fn();
    verifier.onEnd(told);
    answer.body = { active: false };
    clock.advance(60_000);
    await expect(verify()).rejects.toEqual(refused);
    expect(told).toHaveBeenCalledExactlyOnceWith(live, 'revoked');
  });

  it('fails closed: no answer after a minute is no request let in, and a good one is the same session again', async () => {
    const { verify, answer, asked, clock } = await endpoint();
    const live = await verify();
    clock.advance(60_000);
    answer.status = 503;
    await expect(verify()).rejects.toEqual(down);
    answer.status = 200;
    await expect(verify(), 'the endpoint is left alone for a second').rejects.toEqual(down);
    expect(asked).toHaveLength(2);
    clock.advance(1_000);
    expect(await verify()).toBe(live);
  });

  it('tells of roles that have changed since', async () => {
    const { verify, answer, clock, verifier } = await endpoint();
    const live = await verify();
    live.headerBlocks.set('sales', { text: 'old', freshUntil: clock.now + 1e6 });
    const told = vi.fn();
    verifier.onRenew(told);
    clock.advance(60_000);
    await verify();
    expect(told).not.toHaveBeenCalled();
    answer.body = { ...ACTIVE, roles: [] };
    clock.advance(60_000);
    await verify();
    expect(live.session.identity.roles).toEqual([]);
    expect(live.headerBlocks.size).toBe(0);
    expect(told).toHaveBeenCalledExactlyOnceWith(live);
  });
});

describe('an open socket of such a token', () => {
  it('has it asked about without a request, and ends with it', async () => {
    const { verify, answer, clock, upkeep, asked } = await endpoint();
    const live = await verify();
    clock.advance(60_000);
    await upkeep.sweep(clock.now);
    expect(asked, 'nothing is open').toHaveLength(1);
    live.pins++;
    await upkeep.sweep(clock.now);
    expect(asked).toHaveLength(2);
    answer.body = { active: false };
    clock.advance(60_000);
    await upkeep.sweep(clock.now);
    expect(live.ended).toBe('revoked');
  });

  it('outlives a minute of silence of the issuer, and not more', async () => {
    const { verify, answer, clock, upkeep, errors } = await endpoint();
    const live = await verify();
    live.pins++;
    answer.status = 503;
    for (let second = 60; second < 120; second += 10) {
      clock.advance(second === 60 ? 60_000 : 10_000);
      await upkeep.sweep(clock.now);
      expect(live.ended).toBeUndefined();
    }
    clock.advance(10_000);
    await upkeep.sweep(clock.now);
    expect(live.ended).toBe('revoked');
    expect(errors).toContainEqual(down);
  });
});

describe('an app that holds an assertion of such a token', () => {
  it('has it asked about once a minute, and gets nothing for one that was withdrawn', async () => {
    const { verify, answer, asked, clock, verifier } = await endpoint();
    const live = await verify();
    const { sid } = live.session;
    clock.advance(59_999);
    expect(await verifier.bySid(sid)).toBe(live);
    clock.advance(1);
    expect(await verifier.bySid(sid)).toBe(live);
    expect(asked).toHaveLength(2);
    clock.advance(60_000);
    answer.body = { active: false };
    expect(await verifier.bySid(sid)).toBeUndefined();
    expect(live.ended).toBe('revoked');
    expect(await verifier.bySid(sid)).toBeUndefined();
  });

  it('is told to come back while the endpoint does not answer', async () => {
    const { verify, answer, clock, verifier } = await endpoint();
    const { sid } = (await verify()).session;
    clock.advance(60_000);
    answer.status = 503;
    await expect(verifier.bySid(sid)).rejects.toEqual(down);
  });
});

describe('who is asked', () => {
  it('never learns the token of another issuer, nor of an app that does not believe it', async () => {
    const { verify, verifier, asked } = await endpoint();
    await expect(verify(await tokenWith({ iss: 'https://other.example.com' }))).rejects.toEqual(refused);
    expect(() => verifier.verify('closed', 'opaque-1')).toThrow(refused);
    expect(asked).toEqual([]);
  });

  it('is not flooded by made-up tokens', async () => {
    const { verify, asked } = await endpoint();
    const all = await Promise.allSettled(
      Array.from({ length: 100 }, (_, number) => verify(`opaque-${number}`)),
    );
    expect(asked.length).toBeLessThanOrEqual(32);
    expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(100 - asked.length);
  });
});
