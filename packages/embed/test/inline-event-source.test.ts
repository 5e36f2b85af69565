import { expect, test } from 'vitest';
import { addressOf } from '../src/inline/address.ts';
import { bearingEventSource, lines } from '../src/inline/event-source.ts';

const STREAM = 'https://apps.example.com/sales/events';
const { own } = addressOf(new URL('https://apps.example.com/sales/'));

/** Node's own is behind a flag; nothing of it is used for the app's addresses. */
class Original {}

function streamOf(...pieces: readonly string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
}

/** An `EventSource` class whose requests get these answers, one after the other, and what was asked. */
function withAnswers(...answers: readonly Response[]) {
  const asked: Headers[] = [];
  const send: typeof fetch = async (_input, init) => {
    asked.push(new Headers(init?.headers));
    return answers[asked.length - 1] ?? new Response(null, { status: 204 });
  };
  return { asked, Source: bearingEventSource(Original as unknown as typeof EventSource, send, own) };
}

const stream = (...pieces: readonly string[]) =>
  new Response(streamOf(...pieces), { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });

test('lines end with CR LF, LF or CR, also where a piece ends between them', async () => {
  const found: string[] = [];
  for await (const line of lines(streamOf('a\r', '\nb\nc\r', 'd\n\n', 'ré', 'st'))) found.push(line);
  expect(found).toEqual(['a', 'b', 'c', 'd', '']);
});

test('events have their name, their lines of data and their ID', async () => {
  const { Source } = withAnswers(stream(': hello\nid: 7\nevent: sale\ndata: one\ndata:two\n\n', 'data: x'));
  const source = new Source(STREAM);
  const event = await new Promise<MessageEvent>((resolve) => source.addEventListener('sale', resolve));
  source.close();
  expect([event.data, event.lastEventId, event.origin]).toEqual([
    'one\ntwo',
    '7',
    'https://apps.example.com',
  ]);
});

test('a stream that breaks is asked for again after its own time, with the last ID', async () => {
  const { Source, asked } = withAnswers(stream('retry: 1\nid: 3\ndata: a\n\n'), stream('data: b\n\n'));
  const source = new Source(STREAM);
  const data: unknown[] = [];
  await new Promise<void>((resolve) => {
    source.onmessage = (event) => data.push(event.data) === 2 && resolve();
  });
  source.close();
  expect(data).toEqual(['a', 'b']);
  expect(asked.map((headers) => headers.get('last-event-id'))).toEqual([null, '3']);
});

test('what the server refuses is not asked for again', async () => {
  const { Source, asked } = withAnswers(new Response('no', { status: 403 }));
  const source = new Source(STREAM);
  await new Promise((resolve) => {
    source.onerror = resolve;
  });
  expect([source.readyState, asked.length]).toEqual([2, 1]);
});

test('the addresses of others get the original', () => {
  const { Source, asked } = withAnswers();
  expect(new Source('https://elsewhere.example.com/sales/events')).toBeInstanceOf(Original);
  expect(asked).toEqual([]);
});
