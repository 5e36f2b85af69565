import { describe, expect, test } from 'vitest';
import { type Answer, type Claims, publicPart, SUBJECT, signed, type Trick } from './provider.ts';
import { world } from './world.ts';

type Row = readonly [what: string, trick: Trick, code: RegExp];

const HTML: Answer = { headers: { 'content-type': 'text/html' }, body: '<h1>Unicorn!</h1>' };
const BROKEN: Answer = { headers: { 'content-type': 'application/json' }, body: '{"access_token": "' };
const ELSEWHERE: Answer = { status: 302, headers: { location: '/elsewhere' } };
const failing = (status: number): Answer => ({ status, body: { message: 'canary-of-the-provider' } });
/** Fifty million bytes of valid JSON. */
const endless = (): Answer => ({
  headers: { 'content-type': 'application/json' },
  body: Buffer.concat([Buffer.from('{"x":"'), Buffer.alloc(50_000_000, 'x'), Buffer.from('"}')]),
});

const metadata = (change: Claims): Trick => ({ metadata: (all) => void Object.assign(all, change) });
const says = (
  endpoint: 'metadata' | 'jwks' | 'token' | 'userinfo',
  answer: Answer | (() => Answer),
): Trick => ({
  answer: { [endpoint]: typeof answer === 'function' ? answer : () => answer },
});
/** The good token answer with a change. */
const token = (change: Claims, status = 200): Trick => ({
  answer: {
    token: ({ headers = {}, body }) => ({ status, headers, body: { ...(body as Claims), ...change } }),
  },
});

const DOWN = /^(provider_unreachable|discovery_\w+)$/;
const REFUSED =
  /^(sign_in_refused|provider_unreachable|issuer_mismatch|invalid_client|id_token_\w+|userinfo_\w+)$/;

describe('security fact 4: discovery', () => {
  test.each<Row>([
    [
      'names another issuer',
      metadata({ issuer: 'https://evil.example.com' }),
      /issuer_mismatch|sign_in_refused/,
    ],
    ['names no issuer', { metadata: (all) => void delete all['issuer'] }, REFUSED],
    ['redirects', says('metadata', ELSEWHERE), DOWN],
    ['is HTML', says('metadata', HTML), DOWN],
    ['is a JSON list', says('metadata', { body: [] }), REFUSED],
    ['is broken off', says('metadata', BROKEN), DOWN],
    ['is not there', says('metadata', failing(404)), /./],
    ['fails', says('metadata', failing(500)), DOWN],
    ['has no end', says('metadata', endless), DOWN],
    ['sends people over plain http', metadata({ authorization_endpoint: 'http://idp.example.com/a' }), DOWN],
    ['sends people to a script', metadata({ authorization_endpoint: 'javascript:alert(1)' }), DOWN],
    ['sends people to a file', metadata({ authorization_endpoint: 'file:///etc/passwd' }), DOWN],
    [
      'signs people out over plain http',
      metadata({ end_session_endpoint: 'http://idp.example.com/o' }),
      DOWN,
    ],
    ['has no authorization endpoint', metadata({ authorization_endpoint: undefined }), /./],
  ])('that %s starts no sign-in', async (_what, trick, code) => {
    const it = await world(trick);
    const { answer, who, code: got } = await it.signIn();
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers.location).toBeUndefined();
    expect(who).toBeUndefined();
    expect(got).toMatch(code);
    expect(it.provider.asked).toEqual(['metadata']);
    expect(answer.text).not.toContain('canary-of-the-provider');
  });

  test.each<Row>([
    ['a token endpoint', metadata({ token_endpoint: 'http://idp.example.com/token' }), DOWN],
    ['a key set', metadata({ jwks_uri: 'http://idp.example.com/jwks' }), DOWN],
    ['a UserInfo endpoint', metadata({ userinfo_endpoint: 'http://idp.example.com/me' }), DOWN],
  ])('that names %s over plain http signs nobody in', async (_what, trick, code) => {
    const { answer, who, code: got } = await (await world(trick)).signIn();
    expect([answer.status, who]).toEqual([502, undefined]);
    expect(got).toMatch(code);
  });

  test.each([
    ['token endpoint', 'token_endpoint'],
    ['key set', 'jwks_uri'],
  ])('without a %s signs nobody in', async (_what, name) => {
    const { answer, who } = await (await world({ metadata: (all) => void delete all[name] })).signIn();
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(who).toBeUndefined();
  });

  test('that failed is asked again at the next sign-in', async () => {
    const it = await world(says('metadata', failing(503)));
    expect((await it.signIn()).who).toBeUndefined();
    it.provider.trick = {};
    expect((await it.signIn()).who).toMatchObject({ user: SUBJECT });
  });
});

describe('a token endpoint', () => {
  test.each<Row>([
    ['redirects', says('token', ELSEWHERE), DOWN],
    ['answers HTML', says('token', HTML), DOWN],
    [
      'answers HTML that calls itself JSON',
      says('token', { ...HTML, ...{ headers: BROKEN.headers ?? {} } }),
      DOWN,
    ],
    ['answers an error with status 200', says('token', { body: { error: 'invalid_grant' } }), REFUSED],
    ['answers an error and tokens', token({ error: 'invalid_grant' }, 400), REFUSED],
    ['breaks off', says('token', BROKEN), DOWN],
    ['answers null', says('token', { headers: BROKEN.headers ?? {}, body: 'null' }), REFUSED],
    ['answers a list', says('token', { body: [] }), REFUSED],
    ['answers nothing', says('token', { status: 200 }), DOWN],
    ['answers 204', says('token', { status: 204 }), /./],
    ['answers 201', token({}, 201), /./],
    ['fails', says('token', failing(500)), DOWN],
    ['limits', says('token', failing(429)), /./],
    ['has no end', says('token', endless), DOWN],
    ['gives a token of another type', token({ token_type: 'mac' }), REFUSED],
    ['gives a token of no type', token({ token_type: undefined }), REFUSED],
    ['gives a token that is bound to a key', token({ token_type: 'DPoP' }), REFUSED],
    ['gives no access token', token({ access_token: undefined }), REFUSED],
    ['gives an access token that is a number', token({ access_token: 7 }), REFUSED],
    ['gives an empty access token', token({ access_token: '' }), REFUSED],
    ['gives no ID token', token({ id_token: undefined }), REFUSED],
    ['gives an ID token that is an object', token({ id_token: {} }), REFUSED],
    ['gives a negative life', token({ expires_in: -5 }), REFUSED],
    ['gives a life that is no number', token({ expires_in: 'soon' }), REFUSED],
    ['gives a refresh token that is an object', token({ refresh_token: {} }), REFUSED],
    [
      'echoes what it was sent',
      {
        answer: {
          token: (_, form) => ({
            status: 400,
            body: { error: 'invalid_grant', error_description: `${form}` },
          }),
        },
      },
      /./,
    ],
  ])('that %s signs nobody in', async (_what, trick, code) => {
    const it = await world(trick);
    const { answer, who, code: got } = await it.signIn();
    expect(who).toBeUndefined();
    expect([400, 403, 502]).toContain(answer.status);
    expect(got).toMatch(code);
    expect(it.provider.asked).not.toContain('elsewhere');
    expect(answer.text).not.toMatch(/Unicorn|canary-of-the-provider/);
  });

  test.each<[string, Trick]>([
    ['in other letters', token({ token_type: 'bEARER' })],
    ['with a life as text', token({ expires_in: '3600' })],
    ['without a life', token({ expires_in: undefined })],
    ['with words that nobody knows', token({ x: { y: 1 } })],
  ])('may say it %s', async (_what, trick) => {
    expect((await (await world(trick)).signIn()).who).toMatchObject({ user: SUBJECT });
  });
});

describe('a key set', () => {
  test.each<Row>([
    ['is down', says('jwks', failing(500)), DOWN],
    ['redirects', says('jwks', ELSEWHERE), DOWN],
    ['is HTML', says('jwks', HTML), DOWN],
    ['is broken off', says('jwks', BROKEN), DOWN],
    ['is a list', says('jwks', { body: [] }), REFUSED],
    ['has no keys', says('jwks', { body: {} }), REFUSED],
    ['has something else for keys', says('jwks', { body: { keys: [null, 1, 'x'] } }), REFUSED],
    ['has no end', says('jwks', endless), DOWN],
  ])('that %s signs nobody in', async (_what, trick, code) => {
    const it = await world(trick);
    const { answer, who, code: got } = await it.signIn();
    expect(who).toBeUndefined();
    expect([400, 502]).toContain(answer.status);
    expect(got).toMatch(code);
    expect(it.provider.asked).not.toContain('elsewhere');
  });
});

describe('UserInfo', () => {
  const jwt = (seal: (key: Parameters<NonNullable<Trick['seal']>>[2]) => Promise<string>): Trick => {
    let keys: Parameters<NonNullable<Trick['seal']>>[2] | undefined;
    return {
      metadata: (all) => void Object.assign(all, { userinfo_signing_alg_values_supported: ['RS256'] }),
      seal: (head, all, given) => {
        keys = given;
        return signed(head, all, given.own);
      },
      answer: {
        userinfo: async () => ({
          headers: { 'content-type': 'application/jwt' },
          body: keys === undefined ? '' : await seal(keys),
        }),
      },
    };
  };
  const about = { sub: SUBJECT, name: 'Signed Person' };

  test.each<Row>([
    ['is about somebody else (userinfo-invalid-sub)', says('userinfo', { body: { sub: 'boss' } }), REFUSED],
    ['is about nobody', says('userinfo', { body: { name: 'Boss' } }), REFUSED],
    ['is about a number', says('userinfo', { body: { sub: 1 } }), REFUSED],
    [
      'is about somebody in other letters',
      says('userinfo', { body: { sub: SUBJECT.toUpperCase() } }),
      REFUSED,
    ],
    ['is HTML', says('userinfo', HTML), DOWN],
    ['is a list', says('userinfo', { body: [] }), REFUSED],
    ['is null', says('userinfo', { headers: BROKEN.headers ?? {}, body: 'null' }), REFUSED],
    ['is broken off', says('userinfo', BROKEN), DOWN],
    ['fails', says('userinfo', failing(500)), DOWN],
    ['redirects', says('userinfo', ELSEWHERE), DOWN],
    ['has no end', says('userinfo', endless), DOWN],
    [
      'does not know the token',
      says('userinfo', { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }),
      REFUSED,
    ],
    [
      'is signed with a key of somebody else',
      jwt(({ foreign }) => signed({ alg: 'RS256' }, about, foreign)),
      REFUSED,
    ],
    [
      'is signed by nobody',
      jwt(async () => `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(about))}.`),
      REFUSED,
    ],
    [
      'is signed for another client',
      jwt(({ own }) => signed({ alg: 'RS256', kid: own.kid }, { ...about, aud: 'another' }, own)),
      REFUSED,
    ],
    [
      'is signed by another issuer',
      jwt(({ own }) =>
        signed({ alg: 'RS256', kid: own.kid }, { ...about, iss: 'https://evil.example.com' }, own),
      ),
      REFUSED,
    ],
    [
      'is signed about somebody else',
      jwt(({ own }) => signed({ alg: 'RS256', kid: own.kid }, { ...about, sub: 'boss' }, own)),
      REFUSED,
    ],
    [
      'brings its own key',
      jwt(({ foreign }) => signed({ alg: 'RS256', jwk: publicPart(foreign) }, about, foreign)),
      REFUSED,
    ],
  ])('that %s signs nobody in', async (_what, trick, code) => {
    const it = await world(trick);
    const { answer, who, code: got } = await it.signIn();
    expect(who).toBeUndefined();
    expect([400, 403, 502]).toContain(answer.status);
    expect(got).toMatch(code);
    expect(it.provider.asked).toEqual(expect.arrayContaining(['token', 'userinfo']));
    expect(it.provider.asked).not.toContain('elsewhere');
  });

  test('that is signed as the metadata says is read', async () => {
    const trick = jwt(({ own }) => signed({ alg: 'RS256', kid: own.kid }, about, own));
    expect((await (await world(trick)).signIn()).who).toMatchObject({ name: 'Signed Person' });
  });

  test('is asked with the token in the header, once (userinfo-bearer-header)', async () => {
    const it = await world();
    await it.signIn();
    expect(it.provider.asked.filter((one) => one === 'userinfo')).toHaveLength(1);
  });

  test('that never comes holds a sign-in up for ten seconds, not for ever', async () => {
    const it = await world({ answer: { userinfo: () => new Promise<Answer>(() => undefined) } });
    expect(await it.signIn()).toMatchObject({ answer: { status: 502 }, who: undefined });
  });
});
