import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { listening, RawClient } from './support/listening.ts';

interface Understood {
  method: string;
  target: string;
  headers: string[][];
  body: string;
}

const token = fc.stringMatching(/^X-[A-Za-z0-9!#$%&'*+.^_`|~-]{1,10}$/);
const value = fc
  .string({
    unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 20,
  })
  .map((text) => text.replace(/[\x7f]/g, '').replace(/^[ \t]+|[ \t]+$/g, ''));
const segment = fc.stringMatching(/^[A-Za-z0-9_~!$&'()*+,;=@-]{1,8}(?:%41|%C3%A9|%20)?$/);
const query = fc.option(fc.stringMatching(/^[!"$-~]{0,12}$/), { nil: undefined });
const body = fc.option(
  fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 9 })),
  {
    nil: undefined,
  },
);

const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'M-SEARCH'),
  path: fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
  query,
  headers: fc.array(
    fc.tuple(token, fc.constantFrom('', ' ', '\t', '  '), value, fc.constantFrom('', ' ', '\t ')),
    {
      maxLength: 6,
    },
  ),
  body,
});

type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;

function bytesOf({ method, path, query, headers, body }: Request): Buffer {
  let text = `${method} ${path}${query === undefined ? '' : `?${query}`} HTTP/1.1\r\nHost: a.example\r\n`;
  for (const [name, before, content, after] of headers) text += `${name}:${before}${content}${after}\r\n`;
  text += 'Connection: close\r\n';
  if (body === undefined) return Buffer.from(`${text}\r\n`, 'latin1');
  const [chunked, content, size] = body;
  const data = Buffer.from(content).toString('latin1');
  if (!chunked) return Buffer.from(`${text}Content-Length: ${data.length}\r\n\r\n${data}`, 'latin1');
  text += 'Transfer-Encoding: chunked\r\n\r\n';
  for (let at = 0; at < data.length; at += size) {
    const piece = data.slice(at, at + size);
    text += `${piece.length.toString(16)}\r\n${piece}\r\n`;
  }
  return Buffer.from(`${text}0\r\n\r\n`, 'latin1');
}

const own = (name: string): boolean => name.startsWith('x-');

it("Node's own parser understands the same of every valid request", async () => {
  const theirs: Understood[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const headers: string[][] = [];
      for (let i = 0; i < req.rawHeaders.length; i += 2) {
        const name = (req.rawHeaders[i] as string).toLowerCase();
        if (own(name)) headers.push([name, req.rawHeaders[i + 1] as string]);
      }
      const body = Buffer.concat(chunks).toString('latin1');
      theirs.push({ method: req.method ?? '', target: req.url ?? '', headers, body });
      res.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const theirPort = (server.address() as AddressInfo).port;
  const { port, seen } = await listening();
  let both = 0;
  const send = async (to: number, bytes: Buffer): Promise<number | undefined> => {
    const client = await RawClient.within(to);
    await client.send(bytes).end();
    client.socket.destroy();
    return client.statuses()[0];
  };
  await fc.assert(
    fc.asyncProperty(request, async (made) => {
      theirs.length = 0;
      seen.length = 0;
      const bytes = bytesOf(made);
      const statuses = await Promise.all([send(port, bytes), send(theirPort, bytes)]);
      if (statuses[0] !== 200 || statuses[1] !== 200) return;
      both++;
      const ours = seen.map(({ method, target, headers, body }) => ({
        method,
        target,
        headers: headers.filter(([name]) => own(name)).map((pair) => [...pair]),
        body: body.toString('latin1'),
      }));
      expect(ours).toEqual(theirs);
    }),
    { numRuns: 400 },
  );
  expect(both).toBeGreaterThan(300);
});
