import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isCleanQuery, isUnambiguousPath } from '../../src/http/target.ts';
import { answerOk, eventually, open } from './support/listening.ts';

/** Numbers that are the same in every run (mulberry32), so that a failure comes again. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const SEEDS = [
  'GET /a?b=c HTTP/1.1\r\nHost: a.example\r\nCookie: x=y\r\n\r\n',
  'POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello',
  'POST /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nX-T: t\r\n\r\n',
  'GET http://a.example/b HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n',
  'PUT /a HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi',
  'HEAD / HTTP/1.0\r\n\r\n',
  'GET /%41/caf%C3%A9 HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
];
const INSERTED = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  ':',
  '%2f',
  '/../',
  '//',
  '#',
  '\\',
  ';',
  '0',
  '\xff',
  'Host: b\r\n',
];
INSERTED.push(
  'Content-Length: 3\r\n',
  'Transfer-Encoding: chunked\r\n',
  '\r\n\r\n',
  '%',
  '\t',
  'chunked',
  '?',
);

function noise(random: (below: number) => number): Buffer {
  return Buffer.from(Array.from({ length: random(400) }, () => random(256)));
}

function mutated(random: (below: number) => number): Buffer {
  let text = '';
  for (let i = 0; i <= random(3); i++) text += SEEDS[random(SEEDS.length)];
  for (let i = 0; i <= random(6); i++) {
    const at = random(text.length + 1);
    const kind = random(4);
    if (kind === 0) text = text.slice(0, at) + INSERTED[random(INSERTED.length)] + text.slice(at);
    else if (kind === 1) text = text.slice(0, at) + text.slice(at + 1 + random(8));
    else if (kind === 2) text = text.slice(0, at) + String.fromCharCode(random(256)) + text.slice(at + 1);
    else text = text.slice(0, at) + text.slice(random(at + 1), at) + text.slice(at);
  }
  return Buffer.from(text, 'latin1');
}

/** Sends the bytes in pieces and leaves in one of three ways. */
async function attack(port: number, bytes: Buffer, random: (below: number) => number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await new Promise((resolve) => {
    socket.on('connect', resolve);
    socket.on('close', resolve);
  });
  const cut = random(bytes.length + 1);
  socket.write(bytes.subarray(0, cut));
  if (random(2) === 0) await new Promise((resolve) => setImmediate(resolve));
  if (!socket.destroyed && socket.writable) socket.write(bytes.subarray(cut));
  for (let turns = random(4); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  const leave = random(3);
  if (leave === 0) socket.end();
  else if (leave === 1) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
  await closed;
}

async function fuzz(
  bytes: (random: (below: number) => number) => Buffer,
  cases: number,
  seed: number,
): Promise<void> {
  const problems: string[] = [];
  let handled = 0;
  const { port, listener } = await open((exchange) => {
    const { head } = exchange;
    handled++;
    if (!isUnambiguousPath(head.path) || !isCleanQuery(head.query)) problems.push(head.target);
    if (head.version === '1.1' && head.names.filter(({ kind }) => kind === 'host').length !== 1)
      problems.push('no single Host');
    const phase = handled % 5;
    if (phase === 0) return answerOk(exchange);
    if (phase === 1 && head.upgrade !== undefined) return void exchange.takeOver().socket.end('switched');
    exchange.readBody({
      data: () => {
        if (phase === 2) exchange.pauseBody();
        setImmediate(() => exchange.resumeBody());
      },
      end: () => {
        if (phase === 3) return answerOk(exchange);
        setImmediate(() => {
          exchange.respond({ status: 200, reason: '', headers: [], body: 'chunked' });
          exchange.write(Buffer.alloc(20_000));
          exchange.flush();
          setImmediate(() => (handled % 7 === 0 ? exchange.abort() : exchange.end()));
        });
      },
    });
  });
  const rejected: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejected.push(reason);
  process.on('unhandledRejection', onRejection);
  const before = process.memoryUsage().rss;
  const random = seeded(seed);
  const clients = Array.from({ length: 32 }, async (_, client) => {
    const own = seeded(seed + client);
    for (let i = 0; i < cases / 32; i++) await attack(port, bytes(random), own);
  });
  await Promise.all(clients);
  await eventually(() => listener.connections === 0);
  process.off('unhandledRejection', onRejection);
  expect(problems).toEqual([]);
  expect(rejected).toEqual([]);
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  // And it still serves.
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /alive HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toContain('200 OK');
}

describe('whatever comes over a socket, however it ends', () => {
  it('mutated requests stop nothing and never reach the handler with an ambiguous path', async () => {
    await fuzz(mutated, 3_000, 1);
  });

  it('noise stops nothing', async () => {
    await fuzz(noise, 1_000, 2);
  });
});
