import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BearerSettings } from '../../src/config/settings.ts';
import { ISSUER, jwks, KEYS, NOW, PRODUCT, PUBLIC, SHOP, tokenWith, worldOf } from './issuer.ts';

const METADATA = `${ISSUER}/.well-known/openid-configuration`;
const SERVER_METADATA = `${ISSUER}/.well-known/oauth-authorization-server`;
const KEY_SET = `${ISSUER}/keys`;

/** An issuer whose answers can be changed while it runs, and that counts who asks. */
function issuer() {
  const answers = new Map<string, unknown>([
    [METADATA, { issuer: ISSUER, jwks_uri: KEY_SET }],
    [KEY_SET, { keys: [jwks.keys[0]] }],
  ]);
  const asked: string[] = [];
  const fetch = async (url: string | URL): Promise<Response> => {
    asked.push(String(url));
    const answer = answers.get(String(url));
    if (answer === undefined) return new Response('', { status: 404 });
    return new Response(typeof answer === 'string' ? answer : JSON.stringify(answer));
  };
  const { verifier, clock } = worldOf([{ ...PRODUCT, source: { kind: 'discovery' } }], { fetch });
  return {
    answers,
    asked: (url: string) => asked.filter((one) => one === url).length,
    verify: async (token: string) => verifier.verify('sales', token),
    pass: (seconds: number) => clock.advance(seconds * 1000),
  };
}

const LONG = { exp: NOW + 1e6 };
/** A fresh token each time, so that nothing is answered from memory. */
let count = 0;
const good = () => tokenWith({ ...LONG, jti: `token-${++count}` });
const unknown = (kid: number) => tokenWith(LONG, { kid: `nobody-${kid}` });

describe('security fact 12: the keys of an issuer of bearer tokens', () => {
  it('are discovered and fetched once, however many ask at once', async () => {
    const there = issuer();
    await Promise.all(Array.from({ length: 50 }, async () => there.verify(await good())));
    expect([there.asked(METADATA), there.asked(KEY_SET)]).toEqual([1, 1]);
  });

  it('are found by RFC 8414, too', async () => {
    const there = issuer();
    there.answers.delete(METADATA);
    there.answers.set(SERVER_METADATA, { issuer: ISSUER, jwks_uri: KEY_SET });
    await expect(there.verify(await good())).resolves.toBeDefined();
  });

  it('are fetched again for a new key, and then that key is good', async () => {
    const there = issuer();
    await there.verify(await good());
    there.answers.set(KEY_SET, jwks);
    there.pass(60);
    const token = await tokenWith(LONG, { alg: 'ES256', kid: 'ES256' }, KEYS.ES256);
    await expect(there.verify(token)).resolves.toBeDefined();
    expect(there.asked(KEY_SET)).toBe(2);
  });

  it('are fetched once a minute at most, whatever key ids strangers make up', async () => {
    const there = issuer();
    await there.verify(await good());
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

  it('are looked at again after an hour, so that a key that was withdrawn ends, for tokens in memory as well', async () => {
    const there = issuer();
    const token = await good();
    await there.verify(token);
    there.answers.set(KEY_SET, { keys: [jwks.keys[1]] });
    there.pass(3599);
    await expect(there.verify(token)).resolves.toBeDefined();
    there.pass(1);
    await expect(there.verify(token)).rejects.toMatchObject({ code: 'invalid_token' });
  });

  it('are used on while the issuer is down, for a day', async () => {
    const there = issuer();
    await there.verify(await good());
    there.answers.clear();
    there.pass(2 * 3600);
    await expect(there.verify(await good())).resolves.toBeDefined();
    there.pass(23 * 3600);
    await expect(there.verify(await good())).rejects.toMatchObject({ code: 'temporarily_unavailable' });
  });

  it('that cannot be had let nobody in, and are asked for again soon', async () => {
    const there = issuer();
    const metadata = there.answers.get(METADATA);
    there.answers.delete(METADATA);
    const refused = { code: 'temporarily_unavailable', status: 503 };
    await expect(there.verify(await good())).rejects.toMatchObject(refused);
    there.answers.set(METADATA, metadata);
    await expect(there.verify(await good())).rejects.toMatchObject(refused);
    there.pass(5);
    await expect(there.verify(await good())).resolves.toBeDefined();
  });

  it.each<[string, unknown]>([
    ['speak for another issuer', { issuer: 'https://evil.example', jwks_uri: KEY_SET }],
    ['speak for the issuer with a slash more', { issuer: `${ISSUER}/`, jwks_uri: KEY_SET }],
    ['name no keys', { issuer: ISSUER }],
    ['name keys over plain http', { issuer: ISSUER, jwks_uri: 'http://login.example.com/keys' }],
    ['are no JSON', '<html>'],
    ['are a list', []],
  ])('are not had from metadata that %s', async (_name, metadata) => {
    const there = issuer();
    there.answers.set(METADATA, metadata);
    await expect(there.verify(await good())).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    expect(there.asked(KEY_SET)).toBe(0);
  });
});

describe('a key that is here', () => {
  const settings = (source: BearerSettings['source'], algorithms: BearerSettings['algorithms']) => {
    const { verifier } = worldOf([{ ...SHOP, source, algorithms }], { fetch: () => expect.fail('it asked') });
    return async (token: string) => verifier.verify('sales', token);
  };
  const pem = (name: keyof typeof PUBLIC): JsonWebKey => PUBLIC[name].export({ format: 'jwk' });
  const PLAIN = { scope: undefined, client_id: undefined, jti: undefined };

  it.each(['RS256', 'ES256', 'EdDSA'] as const)(
    'of a PEM checks %s, whatever id a token gives it',
    async (alg) => {
      const verify = settings({ kind: 'keys', keys: [pem(alg)] }, [alg]);
      for (const kid of [undefined, 'any'])
        await expect(
          verify(await tokenWith(PLAIN, { alg, kid, typ: 'JWT' }, KEYS[alg])),
        ).resolves.toBeDefined();
    },
  );

  it('is found by its id beside others', async () => {
    const verify = settings({ kind: 'keys', keys: [...jwks.keys, pem('EdDSA')] }, [
      'RS256',
      'ES256',
      'EdDSA',
    ]);
    await expect(verify(await tokenWith())).resolves.toBeDefined();
    await expect(verify(await tokenWith({}, { alg: 'EdDSA', kid: 'x' }, KEYS.EdDSA))).resolves.toBeDefined();
    await expect(verify(await tokenWith({}, { kid: 'ES256' }))).rejects.toMatchObject({
      code: 'invalid_token',
    });
  });

  const secret = Buffer.from('a secret of a host that signs by itself');

  it('may be a secret that a host shares, and then checks nothing else', async () => {
    const verify = settings({ kind: 'secret', secret }, ['HS256']);
    await expect(verify(await tokenWith(PLAIN, { alg: 'HS256', typ: 'JWT' }, secret))).resolves.toBeDefined();
    const other = Buffer.from('a secret that somebody else has made up');
    for (const token of [
      await tokenWith(PLAIN, { alg: 'HS256', typ: 'JWT' }, other),
      await tokenWith(PLAIN, { alg: 'HS512', typ: 'JWT' }, Buffer.concat([secret, secret])),
      await tokenWith(PLAIN, { typ: 'JWT' }, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    ])
      await expect(verify(token)).rejects.toMatchObject({ code: 'invalid_token' });
  });
});
