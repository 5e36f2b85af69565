import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLink, type Link } from '../src/bridge.ts';
import type { Message } from '../src/messages.ts';

/** What a browser does with an error that nobody caught. */
const reported = vi.fn();
beforeEach(() => vi.stubGlobal('reportError', reported));
afterEach(() => {
  reported.mockClear();
  vi.unstubAllGlobals();
});

/** Two ends; `a` is connected to `b` at once, `b` to `a` as soon as it attaches. */
function pair(timeout?: number, patience = 0): { a: Link; b: Link; connect(): void } {
  const [a, b] = [createLink(timeout, patience), createLink(timeout, patience)];
  const carry = (to: Link) => (message: Message) =>
    queueMicrotask(() => to.receive(structuredClone(message)));
  b.attach(carry(a));
  return { a, b, connect: () => a.attach(carry(b)) };
}

const reasonOf = (promise: Promise<unknown>) => promise.then(String, (error) => error.reason);

describe('the bridge', () => {
  test('delivers what waits in the order in which it was sent, and nothing twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json()), fc.nat(), async (all, cut) => {
        const { a, b, connect } = pair();
        const heard: unknown[] = [];
        b.bridge.on('n', (data) => heard.push(data));
        for (const data of all.slice(0, cut)) a.bridge.send('n', data);
        connect();
        for (const data of all.slice(cut)) a.bridge.send('n', data);
        expect(await reasonOf(a.bridge.request('end'))).toBe('no_handler');
        expect(heard).toEqual(all);
      }),
    );
  });

  test('keeps what is sent while the other side is away', async () => {
    const { a, b, connect } = pair();
    const heard: unknown[] = [];
    b.bridge.on('n', (data) => heard.push(data));
    connect();
    a.bridge.send('n', 1);
    a.attach();
    a.bridge.send('n', 2);
    const answer = a.bridge.request('later');
    b.bridge.on('later', () => 'here');
    expect(heard).toEqual([]);
    connect();
    expect(await answer).toBe('here');
    expect(heard).toEqual([1, 2]);
  });

  test('gives each request its own reply, whichever comes first', async () => {
    const { a, b, connect } = pair();
    connect();
    const open: (() => void)[] = [];
    b.bridge.on('wait', (data) => new Promise((resolve) => open.push(() => resolve(data))));
    const answers = Promise.all([1, 2, 3].map((n) => a.bridge.request('wait', n)));
    await vi.waitFor(() => expect(open).toHaveLength(3));
    for (const release of open.toReversed()) release();
    expect(await answers).toEqual([1, 2, 3]);
  });

  test('what comes before anybody listens waits for whoever does: an app’s own code begins after its script', async () => {
    const { a, b, connect } = pair(undefined, 60_000);
    connect();
    a.bridge.send('n', 1);
    a.bridge.send('other', 0);
    const answer = a.bridge.request('add', [1, 2]);
    a.bridge.send('n', 2);
    b.bridge.on('ready', () => 'yes');
    expect(await a.bridge.request('ready')).toBe('yes');
    const heard: unknown[] = [];
    b.bridge.on('n', (data) => heard.push(data));
    b.bridge.on('add', (data) => (data as number[]).reduce((one, two) => one + two));
    expect(await answer).toBe(3);
    expect(heard).toEqual([1, 2]);
    b.bridge.on('n', (data) => heard.push(data));
    expect(await a.bridge.request('ready')).toBe('yes');
    expect(heard).toEqual([1, 2]);
  });

  test('a request that nobody replies to ends, and is not delivered any more', async () => {
    const { a, b, connect } = pair(20);
    expect(await reasonOf(a.bridge.request('late'))).toBe('timeout');
    const heard = vi.fn();
    b.bridge.on('late', heard);
    connect();
    expect(await reasonOf(a.bridge.request('other'))).toBe('no_handler');
    expect(heard).not.toHaveBeenCalled();
  });

  test('a handler that fails keeps nobody else from hearing, and tells the other side no more than that', async () => {
    const { a, b, connect } = pair();
    connect();
    const heard = vi.fn();
    const secret = new Error('secret');
    b.bridge.on('n', () => {
      throw secret;
    });
    b.bridge.on('n', heard);
    const failure = await a.bridge.request('n').catch((error: Error) => error);
    expect(failure).toMatchObject({ reason: 'failed' });
    expect(String(failure)).not.toContain('secret');
    expect(heard).toHaveBeenCalledOnce();
    expect(reported).toHaveBeenCalledWith(secret);
  });

  test('a handler that was taken off hears nothing', async () => {
    const { a, b, connect } = pair();
    connect();
    const off = b.bridge.on('n', () => 'on');
    expect(await a.bridge.request('n')).toBe('on');
    off();
    expect(await reasonOf(a.bridge.request('n'))).toBe('no_handler');
  });

  test('names of the scripts’ own can neither be sent nor pretended', async () => {
    const { a, b, connect } = pair();
    connect();
    const heard = vi.fn();
    b.bridge.on('portico:theme', heard);
    expect(() => a.bridge.send('portico:theme', 'x')).toThrow(/cannot be called/);
    expect(() => a.bridge.send('', 'x')).toThrow(/cannot be called/);
    b.receive({ portico: 1, kind: 'event', name: 'portico:theme', data: 'x' });
    b.receive({ portico: 1, kind: 'request', id: 1, name: 'portico:theme', data: 'x' });
    expect(heard).not.toHaveBeenCalled();
    b.emit('portico:theme', 'real');
    expect(heard).toHaveBeenCalledWith('real');
  });

  test('does not fill up without end when nobody listens', () => {
    const { a } = pair();
    const fill = () => {
      for (let count = 0; count < 1000; count += 1) a.bridge.send('n', count);
    };
    expect(fill).toThrow(expect.objectContaining({ reason: 'queue_full' }));
  });
});
