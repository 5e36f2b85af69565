import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import document from '../../../contract/assertion-vectors.json' with { type: 'json' };
import { protect } from '../src/fastify.ts';
import { assertionVerifier, bearerVerifier, type GuardOptions, type VerifyError } from '../src/index.ts';
import { ADAPTERS, type Guarded, type Send } from './adapters.ts';
import { API, ISSUER, jwks, NOW, tokenWith } from './issuer.ts';

const bearer = bearerVerifier({ issuer: ISSUER, audience: API, jwks, clock: () => NOW * 1000 });
const portico = assertionVerifier({
  issuer: document.issuer,
  audience: document.audience,
  jwks: document.jwks,
  clock: () => document.now * 1000,
});
const assertionOf = (name: string) => document.vectors.find((one) => one.name === name)?.token ?? '';
const ASSERTION = assertionOf('an ordinary one');
const TOKEN = await tokenWith();

describe.each(ADAPTERS)('%s', (_name, serve) => {
  const serving = async (guarded: Guarded): Promise<Send> => {
    const server = await serve(guarded);
    onTestFinished(async () => void (await server.close()));
    return server.send;
  };
  const asking = async (token: string, options: GuardOptions = {}) =>
    (await serving({ verifier: bearer, options }))('/me', [['Authorization', `Bearer ${token}`]]);

  it('lets in who has a good token, and tells the handler who it is', async () => {
    const response = await asking(TOKEN);
    expect([response.status, await response.json()]).toEqual([200, 'ada-1']);
  });

  it('takes the scheme in any case', async () => {
    const send = await serving({ verifier: bearer });
    expect((await send('/me', [['authorization', `bEARER ${TOKEN}`]])).status).toBe(200);
  });

  it('challenges who brings nothing, without an error', async () => {
    const send = await serving({ verifier: bearer });
    const response = await send('/me');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      error: 'missing_token',
      error_description: 'Sign-in is needed.',
    });
  });

  it('does not take another scheme, or a token in the query, for a bearer token', async () => {
    const send = await serving({ verifier: bearer });
    expect((await send('/me', [['Authorization', `Basic ${TOKEN}`]])).status).toBe(401);
    expect((await send(`/me?access_token=${TOKEN}`)).status).toBe(401);
  });

  it('refuses a token in two ways at once', async () => {
    const send = await serving({ verifier: bearer });
    const response = await send(`/me?access_token=${TOKEN}`, [['Authorization', `Bearer ${TOKEN}`]]);
    expect(response.status).toBe(400);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_request"/);
  });

  it.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer a,b', 'Bearer "a"'])(
    'refuses “%s” as malformed',
    async (value) => {
      const send = await serving({ verifier: bearer });
      expect((await send('/me', [['Authorization', value]])).status).toBe(400);
    },
  );

  it('refuses a bad token, and says why only to the log', async () => {
    const refused: VerifyError[] = [];
    const token = await tokenWith({ aud: 'https://other.example.com' });
    const response = await asking(token, { onRefused: (error) => refused.push(error) });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer error="invalid_token", error_description="The token is expired, or not valid here."',
    );
    expect(refused.map(({ code, message }) => [code, message])).toEqual([
      ['invalid_token', 'unexpected "aud" claim value'],
    ]);
  });

  it('forbids what the scopes do not allow, and names the scopes', async () => {
    const allowed = await asking(TOKEN, { scopes: ['reports.read', 'reports.write'] });
    expect(allowed.status).toBe(200);
    const response = await asking(TOKEN, { scopes: ['reports.read', 'reports.delete'] });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_scope", error_description="The token does not allow this.", scope="reports.read reports.delete"',
    );
  });

  it('asks for one of the roles', async () => {
    expect((await asking(TOKEN, { roles: ['admin', 'analyst'] })).status).toBe(200);
    expect((await asking(TOKEN, { roles: ['admin'] })).status).toBe(403);
    expect((await asking(TOKEN, { roles: [] })).status).toBe(403);
  });

  it('asks for one of the groups of an assertion', async () => {
    const send = (groups: readonly string[]) => serving({ verifier: portico, options: { groups } });
    const ask = async (groups: readonly string[], token = ASSERTION) =>
      (await (await send(groups))('/me', [['Portico-Assertion', token]])).status;
    expect(await ask(['finance'])).toBe(200);
    expect(await ask(['sales'])).toBe(403);
    expect(await ask(['group-1'], assertionOf('too many groups')), 'unknown is not allowed').toBe(403);
  });

  it('believes no other header, and no bearer token where assertions are asked for', async () => {
    const send = await serving({ verifier: portico });
    const response = await send('/me', [
      ['X-Forwarded-User', 'ada'],
      ['X-MS-CLIENT-PRINCIPAL-NAME', 'ada@example.com'],
      ['Portico_Assertion', ASSERTION],
      ['Authorization', `Bearer ${ASSERTION}`],
    ]);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Portico');
  });

  it.each([
    'Portico_Assertion',
    'PORTICO_ASSERTION',
    'Portico.Assertion',
    'X-Portico-Assertion',
    'PorticoAssertion',
  ])('takes %s for a header that anybody can write, whatever is in it', async (alias) => {
    const send = await serving({ verifier: portico });
    expect((await send('/me', [[alias, ASSERTION]])).status).toBe(401);
  });

  it('answers 503 while nothing can be judged', async () => {
    const fetch = () => Promise.reject(new Error('the issuer is down'));
    const verifier = bearerVerifier({ issuer: ISSUER, audience: API, fetch, clock: () => NOW * 1000 });
    const response = await (await serving({ verifier }))('/me', [['Authorization', `Bearer ${TOKEN}`]]);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(response.headers.get('www-authenticate')).toBeNull();
  });

  it('fails in a route that the guard does not see, in place of knowing nobody', async () => {
    const send = await serving({ verifier: bearer });
    expect((await send('/open', [['Authorization', `Bearer ${TOKEN}`]])).status).toBe(500);
  });

  it('hands on an error of another kind', async () => {
    const verifier = { ...bearer, authenticate: () => Promise.reject(new RangeError('a mistake')) };
    const send = await serving({ verifier });
    const status = await send('/me').then(
      (response) => response.status,
      (error: unknown) => String(error),
    );
    expect([500, 'RangeError: a mistake']).toContain(status);
  });
});

it('Fastify is guarded in its own tests, too, which send no bytes', async () => {
  const guard = protect(bearer);
  const app = fastify();
  app.get('/me', { onRequest: guard }, async (request) => guard.user(request).id);
  const ask = (authorization: string) => app.inject({ url: '/me', headers: { authorization } });
  expect((await ask(`Bearer ${TOKEN}`)).body).toBe('ada-1');
  expect((await ask('Bearer x')).statusCode).toBe(401);
});

describe.each(ADAPTERS.slice(0, 2))('%s, of which Node.js would show only the first', (_name, serve) => {
  const statusOf = async (guarded: Guarded, lines: readonly string[]) => {
    const server = await serve(guarded);
    onTestFinished(async () => void (await server.close()));
    const { url } = await server.send('/me');
    const socket = createConnection(Number(new URL(url).port), '127.0.0.1');
    socket.write(['GET /me HTTP/1.1', 'Host: x', 'Connection: close', ...lines, '', ''].join('\r\n'));
    return /^HTTP\/1\.1 (\d+)/.exec(await text(socket))?.[1];
  };

  it('refuses two Authorization headers, in either order', async () => {
    const [good, other] = [`Authorization: Bearer ${TOKEN}`, 'authorization: Bearer other'];
    expect(await statusOf({ verifier: bearer }, [good])).toBe('200');
    expect(await statusOf({ verifier: bearer }, [good, other])).toBe('400');
    expect(await statusOf({ verifier: bearer }, [other, good])).toBe('400');
    expect(await statusOf({ verifier: bearer }, [good, 'Authorization: Basic eDp5'])).toBe('400');
  });

  it('refuses two assertions', async () => {
    const good = `Portico-Assertion: ${ASSERTION}`;
    expect(await statusOf({ verifier: portico }, [good])).toBe('200');
    expect(await statusOf({ verifier: portico }, [good, good])).toBe('400');
  });
});
