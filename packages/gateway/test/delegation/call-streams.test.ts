import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { type Ask, open, whole } from '../gate/client.ts';
import { ASSERTION, type Caller, CREDENTIAL, startApi, startCaller, stopCallers } from './caller.ts';

afterEach(stopCallers);

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');
/** More than all buffers on the way hold together. */
const MEGABYTES = 64;

function begin(caller: Caller, rest: string, { headers, ...more }: Ask = {}) {
  const request = open(caller, `/.auth/api/graph${rest}`, {
    ...more,
    headers: { authorization: CREDENTIAL, 'portico-assertion': ASSERTION, ...headers },
  });
  request.on('error', () => undefined);
  return request;
}

async function answerTo(request: ReturnType<typeof begin>): Promise<IncomingMessage> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  return response;
}

describe('what is streamed', () => {
  test('comes piece by piece, while the API still writes', async () => {
    let finish = (): void => undefined;
    const api = await startApi((_request, response) => {
      response.write('one');
      finish = () => response.end('two');
    });
    const caller = await startCaller({ url: api.origin });
    const request = begin(caller, '/events');
    request.end();
    const response = await answerTo(request);
    const [first] = (await once(response, 'data')) as [Buffer];
    expect(first.toString()).toBe('one');
    finish();
    expect((await whole(response)).text).toBe('two');
  });

  test('waits for an app that reads slowly', async () => {
    let written = 0;
    const api = await startApi(async (_request, response) => {
      for (; written < MEGABYTES; written++) if (!response.write(MEGABYTE)) await once(response, 'drain');
      response.end();
    });
    const caller = await startCaller({ url: api.origin });
    const request = begin(caller, '/large');
    request.end();
    const response = await answerTo(request);
    response.pause();
    await steady(() => written);
    expect(written).toBeLessThan(MEGABYTES / 2);
    let size = 0;
    for await (const chunk of response) size += (chunk as Buffer).length;
    expect(size).toBe(MEGABYTES * MEGABYTE.length);
  });

  test('waits for an API that reads slowly', async () => {
    let read: (() => void) | undefined;
    let size = 0;
    const api = await startApi((request, response) => {
      read = () =>
        request
          .on('data', (chunk: Buffer) => {
            size += chunk.length;
          })
          .on('end', () => response.end(String(size)));
    });
    const caller = await startCaller({ url: api.origin });
    const request = begin(caller, '/large', { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } });
    let written = 0;
    const writing = (async () => {
      for (; written < MEGABYTES; written++) if (!request.write(MEGABYTE)) await once(request, 'drain');
      request.end();
    })();
    await steady(() => written);
    expect(written).toBeLessThan(MEGABYTES / 2);
    read?.();
    await writing;
    expect((await whole(await answerTo(request))).text).toBe(String(MEGABYTES * MEGABYTE.length));
  });
});

/** Waits until a number has stood still for a while: nothing moves any more. */
async function steady(read: () => number): Promise<void> {
  let last = -1;
  await expect
    .poll(
      () => {
        const same = last === read();
        last = read();
        return same && last > 0;
      },
      { interval: 150, timeout: 10_000 },
    )
    .toBe(true);
}

describe('what is cut short', () => {
  test('by the app ends at the API, before and during its answer', async () => {
    const closed: string[] = [];
    const api = await startApi((request, response) => {
      if (request.url === '/during') response.write('one');
      response.on('close', () => closed.push(request.url ?? ''));
    });
    const caller = await startCaller({ url: api.origin });
    const before = begin(caller, '/before');
    before.end();
    await expect.poll(() => api.seen).toHaveLength(1);
    before.destroy();
    await expect.poll(() => closed).toEqual(['/before']);
    await expect.poll(() => caller.ends).toEqual([{ status: 0, app: 'sales', sid: 'sid-1' }]);

    const during = begin(caller, '/during');
    during.end();
    const response = await answerTo(during);
    await once(response, 'data');
    during.destroy();
    await expect.poll(() => closed).toEqual(['/before', '/during']);
    await expect.poll(() => caller.open.size).toBe(0);
  });

  test('by the app while it sends ends at the API', async () => {
    let gone = false;
    const api = await startApi((request) => {
      request.resume();
      request.on('close', () => {
        gone = true;
      });
    });
    const caller = await startCaller({ url: api.origin });
    const request = begin(caller, '/x', { method: 'POST', headers: { 'content-length': 100 } });
    request.write('half');
    await expect.poll(() => api.seen).toHaveLength(1);
    request.destroy();
    await expect.poll(() => gone).toBe(true);
  });

  test('by the app before there is a token never reaches the API', async () => {
    const api = await startApi((_request, response) => response.end());
    const caller = await startCaller({ url: api.origin });
    let go = (): void => undefined;
    let asked = false;
    caller.beforeToken = () => {
      asked = true;
      return new Promise<void>((resolve) => {
        go = resolve;
      });
    };
    const request = begin(caller, '/x');
    request.end();
    await expect.poll(() => asked).toBe(true);
    request.destroy();
    // Whatever comes over a later connection is read after the end of the earlier one.
    const later = begin(caller, '/x', { headers: { authorization: 'none' } });
    later.end();
    expect((await answerTo(later)).statusCode).toBe(401);
    go();
    await expect.poll(() => caller.ends).toMatchObject([{ status: 401 }, { status: 0 }]);
    expect(api.seen).toEqual([]);
  });

  test.each(['length', 'chunked'])('by the API is seen by the app to be incomplete: %s', async (framing) => {
    const api = await startApi((request, response) => {
      if (framing === 'length') response.setHeader('content-length', 100);
      response.write('half', () => request.socket.destroy());
    });
    const caller = await startCaller({ url: api.origin });
    const request = begin(caller, '/x');
    request.end();
    const response = await answerTo(request);
    await expect(whole(response)).rejects.toThrow('aborted');
    await expect.poll(() => caller.ends).toMatchObject([{ status: 200 }]);
  });

  test('by the end of the session closes the stream on both sides', async () => {
    let stream: ServerResponse | undefined;
    const api = await startApi((_request, response) => {
      stream = response;
      response.write('one');
    });
    const caller = await startCaller({ url: api.origin });
    const request = begin(caller, '/events');
    request.end();
    const response = await answerTo(request);
    await once(response, 'data');
    await expect.poll(() => caller.open.size).toBe(1);
    const [answer] = caller.open;
    expect(answer?.allowed()).toBe(true);
    caller.live.session = {
      ...caller.live.session,
      identity: { ...caller.live.session.identity, roles: [] },
    };
    expect(answer?.allowed()).toBe(false);
    answer?.close();
    await expect(whole(response)).rejects.toThrow('aborted');
    await expect.poll(() => stream?.closed).toBe(true);
    expect(caller.open.size).toBe(0);
  });

  test('by the end of the session brings no answer that came later', async () => {
    const api = await startApi((_request, response) => {
      caller.live.ended = 'sign-out';
      response.end('late');
    });
    const caller = await startCaller({ url: api.origin });
    const request = begin(caller, '/x');
    request.end();
    const answer = await whole(await answerTo(request));
    expect(answer).toMatchObject({ status: 400, headers: { 'portico-error': 'invalid_grant' } });
    expect(answer.text).not.toContain('late');
  });
});

test('an answer before the whole request spoils no later call', async () => {
  const api = await startApi((request, response) => {
    if (request.method === 'POST') response.writeHead(413).end('too large');
    else response.end('fine');
  });
  const caller = await startCaller({ url: api.origin });
  const request = begin(caller, '/x', { method: 'POST', headers: { 'content-length': 1_000_000 } });
  request.write('some');
  const response = await answerTo(request);
  expect(response.statusCode).toBe(413);
  expect((await whole(response)).text).toBe('too large');
  request.destroy();
  for (const path of ['/1', '/2']) {
    const next = begin(caller, path);
    next.end();
    expect((await whole(await answerTo(next))).text).toBe('fine');
  }
});
