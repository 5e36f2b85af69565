import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { httpApp, rawApp, stopApps, type TestApp } from './apps.ts';
import { productWith, SHOP_PAGE } from './bearer.ts';
import { type Answer, type Ask, ask, NAVIGATION } from './client.ts';
import { stopAll } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

const SCRIPT = '<script src="/.auth/embed/app.js"></script>';
const PAGE = '<!doctype html><html><head><title>x</title></head><body>Grüße</body></html>';
const WITH_SCRIPT = PAGE.replace('</head>', `${SCRIPT}</head>`);
const LENGTH = Buffer.byteLength(PAGE);
const embed = (script: boolean) => ({ embed: { origins: [SHOP_PAGE], inline: false, script } });

async function asker(app: TestApp, script = true): Promise<(more?: Ask) => Promise<Answer>> {
  const { gateway } = await productWith(app, embed(script));
  const cookie = await gateway.signIn();
  return (more = {}) => ask(gateway, '/sales/', { cookie, headers: NAVIGATION, ...more });
}

const answering = (answer: (response: ServerResponse) => void): Promise<TestApp> =>
  httpApp((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    answer(response);
  });

describe('the script of an embedded app', () => {
  test('is in its pages, with a length and in chunks, and a length is the right one', async () => {
    const long = await asker(
      await answering((response) => response.setHeader('content-length', LENGTH).end(PAGE)),
    );
    const answer = await long();
    expect([answer.text, answer.headers['content-length']]).toEqual([
      WITH_SCRIPT,
      String(LENGTH + SCRIPT.length),
    ]);
    const chunked = await asker(
      await answering((response) => {
        response.write(PAGE.slice(0, 30));
        response.end(PAGE.slice(30));
      }),
    );
    expect((await chunked()).text).toBe(WITH_SCRIPT);
    const closing = `HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n${PAGE}`;
    const old = await asker(await rawApp((socket) => socket.once('data', () => socket.end(closing))));
    expect((await old()).text).toBe(WITH_SCRIPT);
  });

  test('is there however the app cuts its answer into pieces', async () => {
    let cuts: readonly number[] = [];
    const app = await answering(async (response) => {
      const bytes = Buffer.from(PAGE);
      let from = 0;
      for (const to of [...cuts].sort((a, b) => a - b)) {
        if (to <= from || to >= bytes.length) continue;
        response.write(bytes.subarray(from, to));
        await setImmediate();
        from = to;
      }
      response.end(bytes.subarray(from));
    });
    const page = await asker(app);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 80 }), { maxLength: 12 }), async (places) => {
        cuts = places;
        expect((await page()).text).toBe(WITH_SCRIPT);
      }),
      { numRuns: 60 },
    );
  });

  test('HEAD says the same length as GET, and brings no body', async () => {
    const page = await asker(
      await answering((response) => response.setHeader('content-length', LENGTH).end(PAGE)),
    );
    const [head, get] = [await page({ method: 'HEAD' }), await page()];
    expect([head.text, head.headers['content-length']]).toEqual(['', get.headers['content-length']]);
  });

  test('is at the end of a page whose head never ends', async () => {
    const page = await asker(await answering((response) => response.end('<p>hello')));
    expect((await page()).text).toBe(`<p>hello${SCRIPT}`);
  });

  test('changes what names the bytes of a page: validators are weak, checksums and ranges gone', async () => {
    const page = await asker(
      await answering((response) => {
        response.setHeader('etag', '"abc"').setHeader('content-md5', 'x').setHeader('repr-digest', 'y');
        response.setHeader('accept-ranges', 'bytes').end(PAGE);
      }),
    );
    const { headers } = await page();
    expect([headers.etag, headers['content-md5'], headers['repr-digest'], headers['accept-ranges']]).toEqual([
      'W/"abc"',
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('asks the app for bytes that can be read, for pages only', async () => {
    const app = await httpApp((request, response) =>
      response.end(String(request.headers['accept-encoding'])),
    );
    const page = await asker(app);
    const headers = { 'accept-encoding': 'gzip, br' };
    expect((await page({ headers: { ...NAVIGATION, ...headers } })).text).toBe('identity');
    expect((await page({ headers })).text).toBe('gzip, br');
  });
});

describe('not a byte is changed', () => {
  const gzipped = gzipSync(PAGE);
  test.each<[string, (response: ServerResponse) => void, Buffer]>([
    ['of what is compressed', (r) => r.setHeader('content-encoding', 'gzip').end(gzipped), gzipped],
    ['of JSON', (r) => r.setHeader('content-type', 'application/json').end(PAGE), Buffer.from(PAGE)],
    ['of plain text', (r) => r.setHeader('content-type', 'text/plain').end(PAGE), Buffer.from(PAGE)],
    ['of XHTML', (r) => r.setHeader('content-type', 'application/xhtml+xml').end(PAGE), Buffer.from(PAGE)],
    [
      'of UTF-16',
      (r) => r.setHeader('content-type', 'text/html; charset=UTF-16LE').end(PAGE),
      Buffer.from(PAGE),
    ],
    [
      'of a part',
      (r) => r.writeHead(206, { 'content-range': 'bytes 0-3/9' }).end('<p>a'),
      Buffer.from('<p>a'),
    ],
    ['of nothing', (r) => r.setHeader('content-length', 0).end(), Buffer.alloc(0)],
    ['of a 304', (r) => r.writeHead(304, { etag: '"abc"' }).end(), Buffer.alloc(0)],
    ['of a 204', (r) => r.writeHead(204).end(), Buffer.alloc(0)],
  ])('%s', async (_name, answer, body) => {
    const app = await answering(answer);
    const [withScript, without] = [await asker(app), await asker(app, false)];
    const [got, plain] = [await withScript(), await without()];
    expect(got.body.equals(body)).toBe(true);
    const { date: _1, ...headers } = got.headers;
    const { date: _2, ...expected } = plain.headers;
    expect(headers).toEqual(expected);
  });

  test('of what a script of the page asks for, which may be a part of a page', async () => {
    const page = await asker(await answering((response) => response.end('<p>a part')));
    expect((await page({ headers: { accept: 'text/html', 'sec-fetch-mode': 'cors' } })).text).toBe(
      '<p>a part',
    );
  });

  test('of an app that is embedded without the script', async () => {
    const page = await asker(await answering((response) => response.end(PAGE)), false);
    expect((await page()).text).toBe(PAGE);
  });
});
