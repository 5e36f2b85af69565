import { afterEach, describe, expect, test } from 'vitest';
import { type Ask, ask } from '../gate/client.ts';
import { ASSERTION, CREDENTIAL, call, startApi, startCaller, stopCallers } from './caller.ts';

afterEach(stopCallers);

describe('a refusal', () => {
  const refusals: [string, string, Ask['headers'], number][] = [
    ['invalid_client', '/.auth/api/graph/me', { authorization: 'Basic eA==' }, 401],
    ['invalid_client', '/.auth/api/graph/me', { authorization: `${CREDENTIAL}, ${CREDENTIAL}` }, 401],
    ['invalid_grant', '/.auth/api/graph/me', { 'portico-assertion': 'other' }, 400],
    ['invalid_grant', '/.auth/api/graph/me', { 'portico-assertion': [ASSERTION, ASSERTION] }, 400],
    ['invalid_target', '/.auth/api/mail/me', {}, 400],
    ['invalid_target', '/.auth/api/', {}, 400],
    ['invalid_target', '/.auth/api', {}, 400],
  ];
  test.each(refusals)(
    '%s for %s with %o is JSON with a header of its own, and reaches nobody',
    async (code, path, more, status) => {
      const api = await startApi((_request, response) => response.end());
      const caller = await startCaller({ url: api.origin });
      const headers = { authorization: CREDENTIAL, 'portico-assertion': ASSERTION, ...more };
      const answer = await ask(caller, path, { headers });
      expect(answer.status).toBe(status);
      expect(answer.headers['portico-error']).toBe(code);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(JSON.parse(answer.text)).toEqual({ error: code, error_description: expect.any(String) });
      expect(api.seen).toEqual([]);
      expect(caller.calls).toEqual([]);
      expect(caller.ends[0]).toMatchObject({ status });
    },
  );

  test('asks for the assertion when it is missing', async () => {
    const caller = await startCaller({ url: 'http://127.0.0.1:1' });
    const answer = await ask(caller, '/.auth/api/graph/me', { headers: { authorization: CREDENTIAL } });
    expect(answer.headers['portico-error']).toBe('invalid_request');
    expect(answer.text).toContain('Portico-Assertion');
  });

  test('says that the API does not answer, and leaves the reason to the log', async () => {
    const api = await startApi(() => undefined);
    await api.stop();
    const caller = await startCaller({ url: api.origin });
    const answer = await call(caller, '/me');
    expect(answer).toMatchObject({ status: 502, headers: { 'portico-error': 'api_unreachable' } });
    expect(answer.text).not.toContain('127.0.0.1');
    expect(caller.ends[0]?.error).toMatchObject({ code: 'api_unreachable', cause: { code: 'ECONNREFUSED' } });
  });

  test('says that the API did not answer in time', async () => {
    const api = await startApi(() => undefined);
    const caller = await startCaller({ url: api.origin }, { silence: 50 });
    expect(await call(caller, '/me')).toMatchObject({
      status: 504,
      headers: { 'portico-error': 'api_timeout' },
    });
  });

  test('is given for an answer that is no HTTP', async () => {
    const api = await startApi((request) => void request.socket.end('nonsense\r\n\r\n'));
    const caller = await startCaller({ url: api.origin });
    expect(await call(caller, '/me')).toMatchObject({ status: 502 });
  });
});

describe('a token that the API refuses', () => {
  const only = (token: string) =>
    startApi((request, response) => {
      request.resume();
      const status = request.headers.authorization === `Bearer ${token}` ? 200 : 401;
      response.writeHead(
        status,
        status === 401 ? { 'www-authenticate': 'Bearer error="invalid_token"' } : {},
      );
      response.end(String(status));
    });

  test('is dropped, and the call is made once more with another', async () => {
    const api = await only('canary-token-2');
    const caller = await startCaller({ url: api.origin });
    expect(await call(caller, '/me')).toMatchObject({ status: 200, text: '200' });
    expect(caller.dropped).toEqual(['canary-token-1']);
    expect(api.seen).toHaveLength(2);
    expect(caller.calls).toHaveLength(1);
  });

  test('is dropped, and the answer passed on, when a body has gone by', async () => {
    const api = await only('canary-token-2');
    const caller = await startCaller({ url: api.origin });
    const answer = await call(caller, '/me', { method: 'POST', body: 'x' });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(answer.headers['portico-error']).toBeUndefined();
    expect((await call(caller, '/me', { method: 'POST', body: 'x' })).status).toBe(200);
    expect(api.seen).toHaveLength(2);
  });

  test('is tried twice at most', async () => {
    const api = await only('no such token');
    const caller = await startCaller({ url: api.origin });
    expect((await call(caller, '/me')).status).toBe(401);
    expect(api.seen).toHaveLength(2);
  });

  test('is not tried again when there is no other', async () => {
    const api = await only('no such token');
    const caller = await startCaller({ url: api.origin });
    caller.tokens.length = 1;
    expect((await call(caller, '/me')).status).toBe(401);
    expect(api.seen).toHaveLength(1);
  });

  test('brings the API’s own answer when another cannot be had', async () => {
    const api = await only('no such token');
    const caller = await startCaller({ url: api.origin });
    api.server.once('request', () => {
      caller.beforeToken = () => {
        throw new Error('the provider is down');
      };
    });
    expect(await call(caller, '/me')).toMatchObject({ status: 401, text: '401' });
    expect(caller.problems).toHaveLength(1);
  });
});
