import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../../test/support/requires.ts';
import { ensurePython } from '../../src/demo/python.ts';
import { type RawClient, rawClient } from '../gate/client.ts';
import { COOKIE, gatewayWith, HOST, stopAll } from '../gate/gateway.ts';

/** What a server understood of a request. */
interface Understood {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly cookies: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Odd {
  readonly line: string;
  readonly headers?: readonly string[];
  readonly cookie?: string;
  readonly body?: string;
  /** As every server must read it. */
  readonly path: string;
  readonly content?: string;
}

const ODD_SIGNS = [
  '\x85',
  '\xa0',
  '\xad',
  '\xff',
  '\xc2\x85',
  '\xe2\x80\xa8',
  '\t',
  '"',
  ',',
  '\\',
  ':',
  '=',
];
const CHUNKS = '2;x="a b"\r\nhe\r\n0003\r\nllo\r\n0\r\n\r\n';
const PATHS = [
  '/a%20b',
  '/a;b=c',
  '/%C3%A9',
  '/a%2Bb',
  '/a+b',
  '/a%3Fb',
  '/a%23b',
  '/[x]',
  '/a|b',
  '/"a"',
  '/*',
  '/%61',
];

/** Requests that the gateway lets in although servers have read the like of them in different ways. */
const ODD: Readonly<Record<string, Odd>> = {
  ...Object.fromEntries(
    ODD_SIGNS.flatMap((sign) => [
      [`${JSON.stringify(sign)} in a header`, odd(`X-Odd: a${sign}X-Forwarded-User: evil`)],
      [`${JSON.stringify(sign)} around a header`, odd(`X-Odd: ${sign}X-Forwarded-User: evil${sign}`)],
      [
        `${JSON.stringify(sign)} before a cookie`,
        { ...odd(), cookie: `a=1${sign}${COOKIE}-x=evil; ${sign}b=2` },
      ],
    ]),
  ),
  ...Object.fromEntries(
    [
      ...['X_Forwarded_User: evil', 'X.Forwarded.User: evil', "X'Forwarded'User: evil", 'REMOTE_USER: evil'],
      ...[
        'Portico_Assertion: evil',
        'Content_Length: 77',
        'Content.Length: 77',
        'Transfer_Encoding: chunked',
      ],
      ...['SCRIPT_NAME: /evil', 'PATH_INFO: /evil', 'X-Forwarded-Prefix: /evil', 'X-Original-URL: /evil'],
      ...['Connection: keep-alive, X-Forwarded-User, Portico-Assertion', 'TE: trailers', 'Keep-Alive: max=1'],
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
    ].map((line) => [
      line,
      { ...odd(line, 'Content-Length: 5'), line: 'POST /a', body: 'hello', content: 'hello' },
    ]),
  ),
  ...Object.fromEntries(PATHS.map((path) => [path, { line: `GET ${path}?q=/../x`, path }])),
  'absolute form': { line: `GET http://${HOST}/abs`, path: '/abs' },
  'a length with zeros before it': {
    ...{ line: 'PUT /a', path: '/a', headers: ['Content-Length: 0000005'], body: 'hello', content: 'hello' },
  },
  'chunks of many kinds': {
    ...{
      line: 'POST /a',
      path: '/a',
      headers: ['Transfer-Encoding: ChunKed'],
      body: CHUNKS,
      content: 'hello',
    },
  },
  'a body with DELETE': {
    ...{ line: 'DELETE /a', path: '/a', headers: ['Content-Length: 5'], body: 'hello', content: 'hello' },
  },
  'a body with GET that looks like a request': {
    ...{ line: 'GET /a', path: '/a', headers: ['Content-Length: 19'], body: 'GET /b HTTP/1.1\r\n\r\n' },
    content: 'GET /b HTTP/1.1\r\n\r\n',
  },
};

function odd(...headers: string[]): Odd {
  return { line: 'GET /a', path: '/a', headers };
}

/** Names as an application looks them up, whatever the server does with signs in them. */
const folded = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-');

describeWith('python')('real servers understand what the gate has judged', () => {
  let servers: ChildProcess;
  let ports: Readonly<Record<string, number>>;

  beforeAll(async () => {
    const bin = await ensurePython({ frameworks: ['bokeh', 'gradio', 'dash'], quiet: true });
    const program = fileURLToPath(new URL('support/echo_servers.py', import.meta.url));
    servers = spawn(join(bin, 'python'), [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    ports = await new Promise((resolve, reject) => {
      servers.once('exit', () => reject(new Error('the servers did not start')));
      createInterface(servers.stdout as NodeJS.ReadableStream).once('line', (line) =>
        resolve(JSON.parse(line)),
      );
    });
  });
  afterAll(async () => {
    await stopAll();
    servers?.kill();
  });

  test.each(['tornado', 'uvicorn', 'werkzeug'])('%s', async (server) => {
    const upstream = { hostname: '127.0.0.1', port: ports[server] ?? 0 };
    const gateway = await gatewayWith({ apps: [{ name: 'echo', upstream }] });
    const session = await gateway.signIn();
    for (const [name, request] of Object.entries(ODD)) {
      const client = await rawClient(gateway);
      const [first, second] = await both(client, session, request);
      const about = `${server}: ${name}`;
      expect([about, first.method, first.path], about).toEqual([
        about,
        request.line.split(' ')[0],
        request.path,
      ]);
      expect(first.body, about).toBe(request.content ?? '');
      const told = first.headers.map(([header, value]) => [folded(header), value] as const);
      expect(told.filter(([header]) => header === 'x-forwarded-user')).toEqual([
        ['x-forwarded-user', 'ann-1'],
      ]);
      expect(told.filter(([header]) => header === 'portico-assertion')).toHaveLength(1);
      expect(
        told.filter(([header, value]) => header !== 'x-odd' && header !== 'cookie' && /evil/.test(value)),
      ).toEqual([]);
      expect(
        Object.keys(first.cookies).filter((cookie) => /portico/i.test(cookie) && cookie !== 'a'),
      ).toEqual([]);
      // Nothing of the first request is left over to become another one.
      expect([second.method, second.path, second.body], about).toEqual(['GET', '/second', '']);
    }
  });
});

/** The request, then another one on the same connection. */
async function both(client: RawClient, session: string, request: Odd): Promise<[Understood, Understood]> {
  const cookie = request.cookie === undefined ? session : `${request.cookie}; ${session}`;
  const common = [`Host: ${HOST}`, `Cookie: ${cookie}`, `Origin: https://${HOST}`];
  const head = [`${request.line} HTTP/1.1`, ...common, ...(request.headers ?? []), '', ''].join('\r\n');
  const next = ['GET /second HTTP/1.1', ...common, 'Connection: close', '', ''].join('\r\n');
  client.send(head + (request.body ?? '') + next);
  const text = await client.until(undefined);
  const said = [...text.matchAll(/\r\n\r\n(\{.*?\})(?=HTTP\/1\.1 |$)/gs)].map((match) =>
    JSON.parse(match[1] ?? ''),
  );
  if (said.length !== 2) throw new Error(`not two answers to ${JSON.stringify(head)}: ${text}`);
  return said as [Understood, Understood];
}
