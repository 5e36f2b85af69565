import { afterEach, describe, expect, test } from 'vitest';
import { ASSERTION, CREDENTIAL, call, startApi, startCaller, stopCallers } from './caller.ts';

afterEach(stopCallers);

const pairs = (flat: readonly string[]): [string, string][] =>
  flat.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), flat[index + 1] ?? ''] as [string, string]] : [],
  );

describe('a call', () => {
  test('reaches the declared API with the token of the person, path and query as they were asked', async () => {
    const api = await startApi((_request, response) => response.end('{"id":"ann"}'));
    const caller = await startCaller({ url: `${api.origin}/v1.0` });
    const answer = await call(caller, '/me/a%20b;v=1?$select=id%2Cname&x=..%2F..');
    expect(answer).toMatchObject({ status: 200, text: '{"id":"ann"}' });
    expect(api.seen[0]).toMatchObject({
      method: 'GET',
      url: '/v1.0/me/a%20b;v=1?$select=id%2Cname&x=..%2F..',
    });
    const sent = pairs(api.seen[0]?.headers ?? []);
    expect(sent.filter(([name]) => name === 'authorization')).toEqual([
      ['authorization', 'Bearer canary-token-1'],
    ]);
    expect(sent.filter(([name]) => name === 'host')).toEqual([['host', api.origin.slice('http://'.length)]]);
  });

  test('may be of the base URL itself', async () => {
    const api = await startApi((_request, response) => response.end());
    const below = await startCaller({ url: `${api.origin}/v1.0` });
    const root = await startCaller({ url: api.origin });
    await call(below, '');
    await call(below, '/');
    await call(root, '?a=1');
    await call(root, '/');
    expect(api.seen.map(({ url }) => url)).toEqual(['/v1.0', '/v1.0/', '/?a=1', '/']);
  });

  test('sends the method and the body, of known or unknown length', async () => {
    const bodies: string[] = [];
    const api = await startApi(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      bodies.push(`${request.method} ${body} ${request.headers['content-type']}`);
      response.writeHead(201).end('made');
    });
    const caller = await startCaller({ url: api.origin });
    const json = { 'content-type': 'application/json' };
    expect((await call(caller, '/a', { method: 'POST', body: '{"a":1}', headers: json })).status).toBe(201);
    const chunked = { ...json, 'transfer-encoding': 'chunked' };
    await call(caller, '/b', { method: 'DELETE', body: '{"b":2}', headers: chunked });
    await call(caller, '/c', { method: 'PATCH', headers: json });
    expect(bodies).toEqual([
      'POST {"a":1} application/json',
      'DELETE {"b":2} application/json',
      'PATCH  application/json',
    ]);
  });

  test('tells the API nothing of who the app is: no credential, no assertion, no cookie, no identity, no hop', async () => {
    const api = await startApi((_request, response) => response.end());
    const caller = await startCaller({ url: api.origin });
    await call(caller, '/me', {
      cookie: 'portico=canary-cookie; a=1',
      headers: {
        'X-Forwarded-User': 'canary-name',
        X_Forwarded_For: '1.2.3.4',
        'Proxy-Authorization': 'Basic canary-proxy',
        Connection: 'keep-alive, X-Internal',
        'X-Internal': 'canary-internal',
        TE: 'trailers',
        'Ocp-Apim-Subscription-Key': 'its own key',
        Accept: 'application/json',
      },
    });
    const sent = pairs(api.seen[0]?.headers ?? []);
    const names = sent.map(([name]) => name).toSorted();
    expect(names).toEqual(['accept', 'authorization', 'connection', 'host', 'ocp-apim-subscription-key']);
    const all = JSON.stringify(sent);
    for (const secret of [
      ASSERTION,
      CREDENTIAL,
      'canary-cookie',
      'canary-name',
      'canary-proxy',
      'canary-internal',
    ])
      expect(all).not.toContain(secret);
  });

  test('brings the answer without cookies, hop-by-hop headers and words of the gateway', async () => {
    const api = await startApi((_request, response) => {
      response.writeHead(409, 'Already There', {
        'Set-Cookie': ['portico=evil', 'a=1'],
        'Portico-Error': 'invalid_grant',
        'Keep-Alive': 'timeout=99',
        Connection: 'X-Hop, keep-alive',
        'X-Hop': '1',
        'Clear-Site-Data': '"*"',
        'Content-Type': 'application/problem+json',
        'X-Request-Id': 'api-7',
        ETag: '"1"',
      });
      response.end('{}');
    });
    const caller = await startCaller({ url: api.origin });
    const answer = await call(caller, '/x');
    expect(answer).toMatchObject({ status: 409, reason: 'Already There', text: '{}' });
    const names = pairs(answer.rawHeaders).map(([name]) => name);
    expect(names.toSorted()).toEqual([
      'connection',
      'content-type',
      'date',
      'etag',
      'transfer-encoding',
      'x-request-id',
    ]);
  });

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('has no body where there is none: %s %i', async (method, status) => {
    const api = await startApi((_request, response) => response.writeHead(status, { etag: '"1"' }).end());
    const caller = await startCaller({ url: api.origin });
    const answer = await call(caller, '/x', { method });
    expect(answer).toMatchObject({ status, text: '' });
    expect((await call(caller, '/x', { method })).status).toBe(status);
  });

  test('follows no redirect: one within the API stays a call, another is left to the app', async () => {
    const places = [
      '/v1.0/me?a=1',
      '',
      'photo',
      'https://files.example.com/x?sig=1',
      '/v1.0x',
      '//evil.example/',
    ];
    const api = await startApi((request, response) => {
      const place = places[Number(request.url?.split('/').at(-1))] ?? '';
      response.writeHead(302, { location: place === '' ? `${api.origin}/v1.0/you#x` : place }).end();
    });
    const caller = await startCaller({ url: `${api.origin}/v1.0` });
    const locations: unknown[] = [];
    for (const index of places.keys()) locations.push((await call(caller, `/${index}`)).headers.location);
    expect(locations).toEqual([
      '/.auth/api/graph/me?a=1',
      '/.auth/api/graph/you#x',
      'photo',
      'https://files.example.com/x?sig=1',
      '/v1.0x',
      '//evil.example/',
    ]);
    expect(api.seen).toHaveLength(places.length);
  });

  test('is told to audit and log: who, for whom, what, without the query', async () => {
    const api = await startApi((_request, response) => response.writeHead(403).end());
    const caller = await startCaller({ url: `${api.origin}/v1.0` });
    await call(caller, '/me?secret=canary', { method: 'POST' });
    expect(caller.calls).toMatchObject([
      { app: 'sales', api: 'graph', method: 'POST', path: '/v1.0/me', status: 403, sid: 'sid-1' },
    ]);
    await expect.poll(() => caller.ends).toEqual([{ status: 403, app: 'sales', sid: 'sid-1' }]);
    expect(JSON.stringify([caller.calls, caller.ends])).not.toContain('canary');
  });
});

test('a connection that the API has closed meanwhile costs no call', async () => {
  const sockets = new Set<unknown>();
  const api = await startApi((request, response) => {
    const kept = sockets.has(request.socket);
    sockets.add(request.socket);
    if (request.url === '/reset' && kept) request.socket.resetAndDestroy();
    else response.end('ok');
  });
  const caller = await startCaller({ url: api.origin });
  await call(caller, '/first');
  expect(await call(caller, '/reset')).toMatchObject({ status: 200, text: 'ok' });
  expect(api.seen.map(({ url }) => url)).toEqual(['/first', '/reset', '/reset']);
  expect(await call(caller, '/reset', { method: 'DELETE' })).toMatchObject({ status: 200 });
  expect(await call(caller, '/reset', { method: 'DELETE' })).toMatchObject({ status: 502 });
});
