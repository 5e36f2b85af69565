import { describe, expect, it } from 'vitest';
import { TIMEOUTS } from '../../src/wire/limits.ts';
import { answerOk, eventually, listening, open, RawClient } from './support/listening.ts';

const HOST = 'Host: a.example\r\n';
const soon = { tick: 5 };

describe('a slow client cannot hold a connection', () => {
  it('has limits for everything it may be slow at', () => {
    for (const limit of Object.values(TIMEOUTS)) expect(limit).toBeGreaterThan(0);
    expect(TIMEOUTS.head).toBeLessThanOrEqual(20_000);
  });

  it('a head that does not come whole gets 408, though bytes keep coming', async () => {
    const { port, seen } = await listening(answerOk, { timeouts: { ...soon, head: 40 } });
    const client = await RawClient.to(port);
    client.send('GET / HTTP/1.1\r\n');
    const drip = setInterval(() => client.send('X: y\r\n'), 5);
    await client.end();
    clearInterval(drip);
    expect(client.statuses()).toEqual([408]);
    expect(seen).toEqual([]);
  });

  it('a body that stops coming gets 408, and its receiver hears that it is over', async () => {
    const { port, seen } = await listening(answerOk, { timeouts: { ...soon, body: 30 } });
    const client = await RawClient.to(port);
    await client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: 9\r\n\r\nabc`).end();
    expect(client.statuses()).toEqual([408]);
    expect(seen.map(({ complete, closed }) => ({ complete, closed }))).toEqual([
      { complete: false, closed: true },
    ]);
  });

  it('a pause that the receiver asked for is not held against the client', async () => {
    const { port } = await open(
      (exchange) => {
        exchange.readBody({ data: () => exchange.pauseBody(), end: () => answerOk(exchange) });
        setTimeout(() => exchange.resumeBody(), 100);
      },
      { timeouts: { ...soon, body: 30 } },
    );
    const client = await RawClient.to(port);
    client.send(`POST / HTTP/1.1\r\n${HOST}Connection: close\r\nContent-Length: 4\r\n\r\nab`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await client.send('cd').end();
    expect(client.statuses()).toEqual([200]);
  });

  it('an idle connection ends', async () => {
    const { port, listener } = await listening(answerOk, { timeouts: { ...soon, keepAlive: 30 } });
    const client = await RawClient.to(port);
    await client.send(`GET / HTTP/1.1\r\n${HOST}\r\n`).end();
    expect(client.statuses()).toEqual([200]);
    await eventually(() => listener.connections === 0);
  });

  it('a client that never reads its answer is cut, one that the app keeps waiting is not', async () => {
    const { port, listener, seen } = await listening(
      (exchange) => {
        if (exchange.head.path === '/wait') return;
        exchange.respond({ status: 200, reason: '', headers: [], body: 'chunked' });
        exchange.write(Buffer.alloc(64_000_000));
        exchange.flush();
      },
      { timeouts: { ...soon, send: 50 } },
    );
    const waiting = await RawClient.to(port);
    waiting.send(`GET /wait HTTP/1.1\r\n${HOST}\r\n`);
    const deaf = await RawClient.to(port);
    deaf.socket.pause();
    deaf.send(`GET /deaf HTTP/1.1\r\n${HOST}\r\n`);
    await eventually(() => seen.find(({ target }) => target === '/deaf')?.closed === true);
    expect(listener.connections).toBe(1);
    expect(waiting.ended).toBe(false);
  });

  it('an endless body after its answer is thrown away for a while only', async () => {
    const { port, listener } = await open(answerOk, { timeouts: { ...soon, linger: 40 } });
    const client = await RawClient.to(port);
    client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: 999999999999\r\n\r\n`);
    const drip = setInterval(() => client.send(Buffer.alloc(10_000)), 5);
    await client.end();
    clearInterval(drip);
    await eventually(() => listener.connections === 0);
    expect(client.statuses()).toEqual([200]);
  });

  it('a client that does not hang up after the last answer is cut', async () => {
    const { port, listener } = await listening(answerOk, { timeouts: { ...soon, linger: 30 } });
    const client = await RawClient.to(port);
    client.socket.allowHalfOpen = true;
    await client.send(`GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`).end();
    await eventually(() => listener.connections === 0);
    expect(client.statuses()).toEqual([200]);
  });
});

describe('draining', () => {
  it('ends idle connections at once and busy ones after their answer', async () => {
    let answer = (): void => {};
    const { port, listener } = await open((exchange) => {
      answer = () => answerOk(exchange);
    });
    const idle = await RawClient.to(port);
    const busy = await RawClient.to(port);
    busy.send(`GET /a HTTP/1.1\r\n${HOST}\r\n`);
    await eventually(() => listener.connections === 2);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const drained = listener.drain(5_000);
    await idle.end();
    expect(busy.ended).toBe(false);
    answer();
    await busy.end();
    expect(busy.received).toMatch(/Connection: close\r\n[\s\S]*\/a$/);
    await drained;
  });

  it('does not wait for an idle client that keeps its end open, as a pool of connections does', async () => {
    const { port, listener } = await open(answerOk);
    const client = await RawClient.to(port);
    client.socket.allowHalfOpen = true;
    client.send(`GET / HTTP/1.1\r\n${HOST}\r\n`);
    await eventually(() => client.statuses().length === 1);
    await listener.drain(600_000);
    await client.end();
    expect(client.statuses()).toEqual([200]);
  });

  it('cuts what is left after the grace', async () => {
    const { port, listener } = await open(() => {});
    const client = await RawClient.to(port);
    client.send(`GET /a HTTP/1.1\r\n${HOST}\r\n`);
    await eventually(() => listener.connections === 1);
    await listener.drain(20);
    await client.end();
    await eventually(() => listener.connections === 0);
    expect(client.received).toBe('');
  });
});
