import { describe, expect, it } from 'vitest';
import { listening, RawClient } from './support/listening.ts';

const HOST = 'Host: a.example\r\n';
const post = (headers: string, body = ''): string => `POST / HTTP/1.1\r\n${HOST}${headers}\r\n${body}`;
const get = (target: string, headers = HOST): string => `GET ${target} HTTP/1.1\r\n${headers}\r\n`;

/** A request that the next server might read as another one. */
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n';

const REFUSED: Record<string, [status: number, bytes: string]> = {
  'Content-Length before Transfer-Encoding': [
    400,
    post(`Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`, `0\r\n\r\n`),
  ],
  'Transfer-Encoding before Content-Length': [
    400,
    post(`Transfer-Encoding: chunked\r\nContent-Length: 5\r\n`, `0\r\n\r\n`),
  ],
  'repeated equal Content-Length': [400, post('Content-Length: 1\r\nContent-Length: 1\r\n', 'a')],
  'differing Content-Length': [400, post('Content-Length: 1\r\nContent-Length: 2\r\n', 'a')],
  'list in Content-Length': [400, post('Content-Length: 1, 1\r\n', 'a')],
  'plus sign in Content-Length': [400, post('Content-Length: +1\r\n', 'a')],
  'minus sign in Content-Length': [400, post('Content-Length: -1\r\n', 'a')],
  'hexadecimal Content-Length': [400, post('Content-Length: 0x1\r\n', 'a')],
  'space in Content-Length': [400, post('Content-Length: 1 1\r\n', 'a')],
  'empty Content-Length': [400, post('Content-Length:\r\n', 'a')],
  'fraction in Content-Length': [400, post('Content-Length: 1.0\r\n', 'a')],
  'Content-Length beyond every integer': [400, post('Content-Length: 99999999999999999999\r\n', 'a')],
  'non-breaking space before Content-Length': [400, post('Content-Length: \xa01\r\n', 'a')],
  'repeated Transfer-Encoding': [400, post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n')],
  'unknown transfer coding': [501, post('Transfer-Encoding: gzip, chunked\r\n')],
  'chunked not last': [501, post('Transfer-Encoding: chunked, identity\r\n')],
  'non-breaking space after chunked': [501, post('Transfer-Encoding: chunked\xa0\r\n', '0\r\n\r\n')],
  'vertical tab before chunked': [400, post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n')],
  'Transfer-Encoding in HTTP/1.0': [
    400,
    `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  'space before the colon': [400, post('Content-Length : 1\r\n', 'a')],
  'space before the colon of Transfer-Encoding': [400, post('Transfer-Encoding : chunked\r\n', 'a')],
  'bare CR in a header': [400, get('/', `${HOST}X: a\rTransfer-Encoding: chunked\r\n`)],
  'bare CR in the request line': [400, `GET /\r HTTP/1.1\r\n${HOST}\r\n`],
  'bare LF between headers': [400, get('/', `Host: a.example\nX: y\r\n`)],
  'bare LF everywhere': [400, 'GET / HTTP/1.1\nHost: a.example\n\n'],
  'folded header': [400, get('/', `${HOST}X: a\r\n b\r\n`)],
  'folded header with a colon': [400, get('/', `${HOST}X: a\r\n\tY: b\r\n`)],
  'space before the first header': [400, `GET / HTTP/1.1\r\n ${HOST}\r\n`],
  'NUL in a header': [400, get('/', `${HOST}X: a\0b\r\n`)],
  'NUL in a header name': [400, get('/', `${HOST}X\0: a\r\n`)],
  'DEL in a header': [400, get('/', `${HOST}X: a\x7fb\r\n`)],
  'empty header name': [400, get('/', `${HOST}: a\r\n`)],
  'header without a colon': [400, get('/', `${HOST}nonsense\r\n`)],
  'bracket in a header name': [400, get('/', `${HOST}X(y): a\r\n`)],
  'no Host': [400, get('/', '')],
  'repeated Host': [400, get('/', `${HOST}${HOST}`)],
  'two different Hosts': [400, get('/', `${HOST}Host: b.example\r\n`)],
  'Host with a path': [400, get('/', 'Host: a.example/x\r\n')],
  'Host with user info': [400, get('/', 'Host: u@a.example\r\n')],
  'Host with a space': [400, get('/', 'Host: a.example b.example\r\n')],
  'Host list': [400, get('/', 'Host: a.example,b.example\r\n')],
  'absolute form with another Host': [400, get('http://b.example/', HOST)],
  'absolute form with another port': [400, get('http://a.example:81/', HOST)],
  'absolute form with user info': [400, get('http://u@a.example/', HOST)],
  'absolute form of another scheme': [400, get('file://a.example/', HOST)],
  'absolute form without Host in HTTP/1.0': [400, 'GET http://a.example/ HTTP/1.0\r\n\r\n'],
  'authority form': [405, `CONNECT /x HTTP/1.1\r\n${HOST}\r\n`],
  'CONNECT host:port': [400, `CONNECT a.example:443 HTTP/1.1\r\n${HOST}\r\n`],
  'TRACE, which would tell scripts the cookies': [405, `TRACE / HTTP/1.1\r\n${HOST}\r\n`],
  'asterisk form': [400, `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`],
  'lower-case method': [400, `get / HTTP/1.1\r\n${HOST}\r\n`],
  'method with a sign': [400, `GE(T / HTTP/1.1\r\n${HOST}\r\n`],
  'endless method': [400, `${'G'.repeat(40)} / HTTP/1.1\r\n${HOST}\r\n`],
  'HTTP/0.9': [400, 'GET /\r\n\r\n'],
  'HTTP/2.0': [505, `GET / HTTP/2.0\r\n${HOST}\r\n`],
  'HTTP/1.2': [505, `GET / HTTP/1.2\r\n${HOST}\r\n`],
  'HTTP/1.1 with a leading zero': [505, `GET / HTTP/01.1\r\n${HOST}\r\n`],
  'the HTTP/2 preface on a plain port': [505, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  'lower-case protocol': [400, `GET / http/1.1\r\n${HOST}\r\n`],
  'tab in the request line': [400, `GET\t/ HTTP/1.1\r\n${HOST}\r\n`],
  'two spaces before the target': [400, `GET  / HTTP/1.1\r\n${HOST}\r\n`],
  'space in the target': [400, `GET /a b HTTP/1.1\r\n${HOST}\r\n`],
  'a TLS greeting on a plain port': [400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  'a SOCKS greeting': [400, '\x05\x01\x00'],
  'fragment (CVE-2026-41059)': [400, get('/a#b')],
  'fragment in the query': [400, get('/a?b#c')],
  'dot segment': [400, get('/a/../b')],
  'encoded slash': [400, get('/a%2fb')],
  'raw bytes above ASCII': [400, get('/\xe9')],
  'a head that is too large': [431, get('/', `${HOST}X: ${'a'.repeat(50_000)}\r\n`)],
  'an endless head': [431, `GET / HTTP/1.1\r\nX: ${'a'.repeat(60_000)}`],
  'more headers than anybody needs': [431, get('/', `${HOST}${'X: y\r\n'.repeat(300)}`)],
  'unknown expectation': [417, post('Expect: tea\r\nContent-Length: 1\r\n')],
};

describe('a malformed head is refused, the connection ends, and nobody is asked', () => {
  for (const [name, [status, bytes]] of Object.entries(REFUSED)) {
    it(`${name}: ${status}`, async () => {
      const { port, seen } = await listening();
      const client = await RawClient.to(port);
      await client.send(bytes + SMUGGLED).end();
      expect(client.statuses()).toEqual([status]);
      expect(client.received).toMatch(/\r\nConnection: close\r\n/);
      expect(seen).toEqual([]);
    });
  }
});

const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const BAD_CHUNKS: Record<string, string> = {
  'size with a sign': '+1\r\na\r\n0\r\n\r\n',
  'size with a prefix': '0x1\r\na\r\n0\r\n\r\n',
  'size that is no number': 'g\r\na\r\n0\r\n\r\n',
  'no size': '\r\na\r\n0\r\n\r\n',
  'size beyond every integer': 'fffffffffffffffff\r\na\r\n0\r\n\r\n',
  'space before the size': ' 1\r\na\r\n0\r\n\r\n',
  'space after the size': '1 \r\na\r\n0\r\n\r\n',
  'underscore in the size': '1_0\r\na\r\n0\r\n\r\n',
  'bare LF after the size': '1\na\r\n0\r\n\r\n',
  'bare LF after the chunk': '1\r\na\n0\r\n\r\n',
  'bare CR after the size': '1\ra\r\n0\r\n\r\n',
  'bare CR in an extension': '1;a\rb\r\na\r\n0\r\n\r\n',
  'NUL in an extension': '1;a\0b\r\na\r\n0\r\n\r\n',
  'extension without its semicolon': '1 a=b\r\na\r\n0\r\n\r\n',
  'an endless extension': `1;${'a'.repeat(2000)}`,
  'very many extensions (CVE-2024-22019)': `1;${'a'.repeat(1000)}\r\na\r\n`.repeat(20),
  'a chunk longer than its size': '1\r\nab\r\n0\r\n\r\n',
  'a chunk shorter than its size': '5\r\na\r\n0\r\n\r\n\r\n',
  'a trailer without a colon': '0\r\nnonsense\r\n\r\n',
  'a trailer with a space before the colon': '0\r\nX : y\r\n\r\n',
  'a folded trailer': '0\r\nX: y\r\n z\r\n\r\n',
  'bare LF in the trailers': '0\r\nX: y\n\r\n',
  'endless trailers': `0\r\n${'X: y\r\n'.repeat(3000)}`,
};

describe('a malformed chunked body is refused, the connection ends, and its receiver never sees an end', () => {
  for (const [name, body] of Object.entries(BAD_CHUNKS)) {
    it(name, async () => {
      const { port, seen } = await listening();
      const client = await RawClient.to(port);
      await client.send(post(CHUNKED, body) + SMUGGLED).end();
      expect(client.statuses()).toEqual([400]);
      expect(seen.map(({ complete, closed }) => ({ complete, closed }))).toEqual([
        { complete: false, closed: true },
      ]);
    });
  }
});
