import { describe, expect, it } from 'vitest';
import { bearerVerifier } from '../src/index.ts';
import { API, ISSUER, jwks, KEYS, NOW, tokenWith } from './issuer.ts';

const METADATA = `${ISSUER}/.well-known/openid-configuration`;
const SERVER_METADATA = `${ISSUER}/.well-known/oauth-authorization-server`;
const KEY_SET = `${ISSUER}/keys`;

/** An issuer whose answers can be changed while it runs, and that counts who asks. */
function issuer() {
  let seconds = NOW;
  const answers = new Map<string, unknown>([
    [METADATA, { issuer: ISSUER, jwks_uri: KEY_SET }],
    [KEY_SET, { keys: [jwks.keys[0]] }],
  ]);
  const asked: string[] = [];
  const fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    expect(init?.redirect).toBe('error');
    asked.push(String(url));
    const answer = answers.get(String(url));
    if (answer === undefined) return new Response('', { status: 404 });
    return new Response(typeof answer === 'string' ? answer : JSON.stringify(answer));
  };
  const clock = () => seconds * 1000;
  return {
    answers,
    asked: (url: string) => asked.filter((one) => one === url).length,
    verify: bearerVerifier({ issuer: ISSUER, audience: API, fetch, clock }).verify,
    pass: (more: number) => {
      seconds += more;
    },
  };
}

const good = await tokenWith({ exp: NOW + 1e6 });
const byNewKey = await tokenWith({ exp: NOW + 1e6 }, { alg: 'ES256', kid: 'ES256' }, KEYS['ES256']);
const unknown = (kid: number) => tokenWith({ exp: NOW + 1e6 }, { kid: `nobody-${kid}` });

describe('security fact 12: the keys of an issuer', () => {
  it('are discovered and fetched once, however many ask at once', async () => {
    const there = issuer();
    await Promise.all(Array.from({ length: 50 }, () => there.verify(good)));
    expect([there.asked(METADATA), there.asked(KEY_SET)]).toEqual([1, 1]);
  });

  it('are found by RFC 8414, too', async () => {
    const there = issuer();
    there.answers.delete(METADATA);
    there.answers.set(SERVER_METADATA, { issuer: ISSUER, jwks_uri: KEY_SET });
    await expect(there.verify(good)).resolves.toBeDefined();
  });

  it('are fetched again for a new key, and then that key is good', async () => {
    const there = issuer();
    await there.verify(good);
    there.answers.set(KEY_SET, jwks);
    there.pass(60);
    await expect(there.verify(byNewKey)).resolves.toBeDefined();
    expect(there.asked(KEY_SET)).toBe(2);
  });

  it('are fetched once a minute at most, whatever key ids strangers make up', async () => {
    const there = issuer();
    await there.verify(good);
    there.pass(60);
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, kid) => unknown(kid)));
    const results = await Promise.allSettled(tokens.map(there.verify));
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    await expect(there.verify(tokens[0] ?? '')).rejects.toMatchObject({ code: 'invalid_token' });
    expect(there.asked(KEY_SET)).toBe(2);
    there.pass(60);
    await expect(there.verify(tokens[0] ?? '')).rejects.toMatchObject({ code: 'invalid_token' });
    expect(there.asked(KEY_SET)).toBe(3);
  });

  it('are kept for an hour, then looked at again, so that a key that was withdrawn ends', async () => {
    const there = issuer();
    await there.verify(good);
    there.answers.set(KEY_SET, { keys: [jwks.keys[1]] });
    there.pass(3599);
    await expect(there.verify(good)).resolves.toBeDefined();
    there.pass(1);
    await expect(there.verify(good)).rejects.toMatchObject({ code: 'invalid_token' });
  });

  it('are used on while the issuer is down, for a day', async () => {
    const there = issuer();
    await there.verify(good);
    there.answers.clear();
    there.pass(2 * 3600);
    await expect(there.verify(good)).resolves.toBeDefined();
    there.pass(23 * 3600);
    await expect(there.verify(good)).rejects.toMatchObject({ code: 'temporarily_unavailable' });
  });

  it('that cannot be had let nobody in, and are asked for again soon', async () => {
    const there = issuer();
    const metadata = there.answers.get(METADATA);
    there.answers.delete(METADATA);
    const refused = { code: 'temporarily_unavailable', status: 503 };
    await expect(there.verify(good)).rejects.toMatchObject(refused);
    there.answers.set(METADATA, metadata);
    await expect(there.verify(good)).rejects.toMatchObject(refused);
    there.pass(5);
    await expect(there.verify(good)).resolves.toBeDefined();
  });

  it.each<[string, unknown]>([
    ['speak for another issuer', { issuer: 'https://evil.example', jwks_uri: KEY_SET }],
    ['speak for the issuer with a slash more', { issuer: `${ISSUER}/`, jwks_uri: KEY_SET }],
    ['name no keys', { issuer: ISSUER }],
    ['name keys over plain http', { issuer: ISSUER, jwks_uri: 'http://login.example.com/keys' }],
    ['are no JSON', '<html>'],
    ['are a list', []],
    ['never end', `{"issuer":"${ISSUER}","x":"${'x'.repeat(1_100_000)}"}`],
  ])('are not had from metadata that %s', async (_name, metadata) => {
    const there = issuer();
    there.answers.set(METADATA, metadata);
    await expect(there.verify(good)).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    expect(there.asked(KEY_SET)).toBe(0);
  });
});
