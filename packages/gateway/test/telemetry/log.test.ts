import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { createLog, type Log } from '../../src/telemetry/log.ts';
import { redactCommand } from '../../src/telemetry/redact.ts';

function capture(format: 'json' | 'pretty' = 'json', level: 'debug' | 'info' | 'warn' | 'error' = 'debug') {
  let written = '';
  const stream = {
    write(line: string) {
      written += line;
    },
  };
  const log = createLog({ level, format }, stream);
  return { log, text: () => written, line: () => JSON.parse(written.trim().split('\n').at(-1) ?? '') };
}

const CANARY = 'c4naryS3cret0000';
const JWT = `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ${CANARY}In0.sig${CANARY}`;

/** Each is a way in which a secret could come to the log. */
const leaks: readonly [string, (log: Log) => void][] = [
  ['a cookie header in an object', (log) => log.info({ headers: { cookie: `portico=${CANARY}` } }, 'x')],
  ['any cookie name', (log) => log.info({ cookies: { other: CANARY } }, 'x')],
  ['an authorization header', (log) => log.info({ headers: { Authorization: `Custom ${CANARY}` } }, 'x')],
  ['headers as pairs', (log) => log.info({ headers: [['Set-Cookie', CANARY]] }, 'x')],
  ['headers as a map', (log) => log.info({ headers: new Map([['proxy-authorization', CANARY]]) }, 'x')],
  ['fetch headers', (log) => log.info({ headers: new Headers({ cookie: CANARY }) }, 'x')],
  ['a token set', (log) => log.info({ tokens: { accessToken: CANARY, refreshToken: CANARY } }, 'x')],
  ['deep inside', (log) => log.info({ a: { b: [{ client_secret: CANARY }] } }, 'x')],
  ['too deep', (log) => log.info({ a: { b: { c: { d: { e: { f: { g: CANARY } } } } } } }, 'x')],
  ['bytes', (log) => log.info({ value: Buffer.from(CANARY) }, 'x')],
  ['bindings of a child', (log) => log.child({ cookieSecret: CANARY }).info('x')],
  ['a JWT in the message', (log) => log.info(`token was ${JWT}`)],
  ['a JWT in a field', (log) => log.info({ detail: JWT }, 'x')],
  ['a JWT in bindings', (log) => log.child({ detail: JWT }).info('x')],
  ['a callback address', (log) => log.info({ url: `/cb?code=${CANARY}&state=${CANARY}` }, 'x')],
  ['a URL object', (log) => log.info({ url: new URL(`https://a.example/cb?id_token_hint=${CANARY}`) }, 'x')],
  ['a nested address', (log) => log.info(`/login?return_to=%2Fcb%3Fcode%3D${CANARY}`)],
  ['a form', (log) => log.info(`grant_type=x&code_verifier=${CANARY}&client_secret=${CANARY}`)],
  ['interpolated text', (log) => log.info('asked %s', `/cb?code=${CANARY}`)],
  ['interpolated objects', (log) => log.info('asked %j', { access_token: CANARY })],
  ['JSON in a message', (log) => log.info(`answer {"access_token":"${CANARY}","code": "${CANARY}"}`)],
  ['a bearer in a message', (log) => log.info(`sent Bearer ${CANARY}`)],
  ['raw headers in a message', (log) => log.info(`GET / HTTP/1.1\r\nCookie: x=${CANARY}\r\n\r\n`)],
  [
    'our cookie in a message',
    (log) => log.info(`got __Host-portico=${CANARY}; and __Host-portico-login-1=${CANARY}`),
  ],
  ['a password in an address', (log) => log.info(`redis://user:${CANARY}@db.example:6379`)],
  ['a private key', (log) => log.info(`-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----`)],
  ["OAuth's code as a field", (log) => log.info({ query: { code: CANARY, state: CANARY } }, 'x')],
  ['an error', (log) => log.error(new Error(`bad code=${CANARY}`))],
  ['a cause', (log) => log.error({ err: new GatewayError('x_y', 500, 'm', { cause: new Error(JWT) }) }, 'x')],
  [
    'properties of an error',
    (log) => log.error({ err: Object.assign(new Error('m'), { body: CANARY }) }, 'x'),
  ],
  ['an aggregate', (log) => log.error({ err: new AggregateError([new Error(`state=${CANARY}`)], 'm') }, 'x')],
];

describe('secrets', () => {
  for (const [name, leak] of leaks) {
    test(`do not reach the log as ${name}`, () => {
      for (const format of ['json', 'pretty'] as const) {
        const { log, text } = capture(format);
        leak(log);
        expect(text()).not.toBe('');
        expect(text()).not.toContain(CANARY);
      }
    });
  }

  test('do not reach it under any spelling of a secret name', () => {
    const word = fc.constantFrom('token', 'secret', 'password', 'cookie', 'authorization', 'assertion');
    const affix = fc.constantFrom('', 'x-', 'my_', 'access', '_FILE', '-value');
    fc.assert(
      fc.property(word, affix, affix, fc.boolean(), (middle, before, after, upper) => {
        const plain = before + middle + after;
        const { log, text } = capture();
        log.info({ [upper ? plain.toUpperCase() : plain]: CANARY }, 'x');
        expect(text()).not.toContain(CANARY);
      }),
    );
  });

  test('are hidden in the command of an app', () => {
    const argv = [
      'panel',
      'serve',
      'a b.py',
      '--cookie-secret',
      CANARY,
      `--oauth-secret=${CANARY}`,
      '--port',
      '1',
    ];
    expect(redactCommand(argv)).toBe(
      'panel serve "a b.py" --cookie-secret [redacted] --oauth-secret=[redacted] --port 1',
    );
  });
});

describe('a log line', () => {
  test('is JSON with time, level and the fields as they are', () => {
    const { log, line } = capture();
    log.child({ request_id: 'r1' }).warn({ code: 'invalid_state', app: 'sales', count: 3 }, 'hello');
    expect(line()).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      level: 'warn',
      request_id: 'r1',
      code: 'invalid_state',
      app: 'sales',
      count: 3,
      msg: 'hello',
    });
  });

  test('tells an error with its code and all its causes', () => {
    const { log, line } = capture();
    const refused = Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED' });
    log.error({ err: new GatewayError('provider_unreachable', 502, 'no metadata', { cause: refused }) }, 'x');
    expect(line().err).toEqual({
      type: 'GatewayError',
      code: 'provider_unreachable',
      status: 502,
      message: 'no metadata',
      cause: {
        type: 'Error',
        code: 'ECONNREFUSED',
        message: 'connect failed',
        stack: expect.arrayContaining([expect.stringMatching(/^at /)]),
      },
    });
  });

  test('survives whatever is thrown at it', () => {
    const circular: Record<string, unknown> = {
      big: 1n,
      when: new Date(Number.NaN),
      none: undefined,
      f: () => 1,
    };
    circular['self'] = circular;
    const { log, line } = capture();
    log.info(circular, 'still here');
    expect(line().msg).toBe('still here');
  });

  test('is short in a terminal, with code and causes below', () => {
    const { log, text } = capture('pretty');
    log.error(
      {
        app: 'sales',
        request_id: 'r1',
        err: new GatewayError('app_down', 502, 'no answer', { cause: 'gone' }),
      },
      'could not forward',
    );
    expect(text()).toMatch(
      /^\d\d:\d\d:\d\d error \[sales\] could not forward {2}request_id r1\n {2}app_down: no answer\n {4}because gone\n$/,
    );
  });

  test('in a terminal cannot be forged nor move the cursor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        const { log, text } = capture('pretty');
        log.info({ app: words, path: words, err: new GatewayError('x', 500, words) }, words);
        expect(text()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
        expect(text().trimEnd().split('\n').length).toBe(2);
      }),
    );
  });

  test('is coloured only in a terminal', () => {
    const lines: string[] = [];
    const stream = { isTTY: true, write: (line: string) => void lines.push(line) };
    createLog({ level: 'info', format: 'pretty' }, stream).info('hello');
    createLog({ level: 'info', format: 'pretty' }, { ...stream, isTTY: false }).info('hello');
    expect(lines.map((line) => line.includes('\u001b['))).toEqual([!process.env['NO_COLOR'], false]);
  });
});
