import { afterEach, describe, expect, test } from 'vitest';
import { type Claims, KEYS, SHOP, tokenWith, worldOf } from '../bearer/issuer.ts';
import { stopApps } from './apps.ts';
import { mirror, productWith, withToken } from './bearer.ts';
import { ask } from './client.ts';
import { stopAll, type TestGateway } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

/** Order of P-256 (SEC 2 section 2.4.2): with `s`, its difference from the order is a good signature, too. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The same claims, good for everybody who checks them, in other characters. */
function otherSpellings(token: string): string[] {
  const cut = token.lastIndexOf('.') + 1;
  const signature = Buffer.from(token.slice(cut), 'base64url');
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`);
  const twin = Buffer.concat([
    signature.subarray(0, 32),
    Buffer.from((ORDER - s).toString(16).padStart(64, '0'), 'hex'),
  ]);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(token.at(-1) as string);
  return [
    token.slice(0, cut) + twin.toString('base64url'),
    token.slice(0, -1) + alphabet[last ^ 1],
    `${token}==`,
  ];
}

/** `sid` in the assertion that the app got; the status alone when it got none. */
async function sidOf(gateway: TestGateway, token: string): Promise<unknown> {
  const answer = await ask(gateway, '/sales/', { headers: withToken(token) });
  if (answer.status !== 200) return answer.status;
  const { headers } = JSON.parse(answer.text) as { headers: Record<string, string> };
  const payload = headers['portico-assertion']?.split('.')[1] ?? '';
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims)['sid'];
}

describe('a bearer token whose signature is written in another way', () => {
  const signed = (): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iat: now - 5, exp: now + 3600 };
    return tokenWith(claims, { alg: 'ES256', kid: 'ES256' }, KEYS.ES256);
  };

  test('is the same session, so that one token fills no memory', async () => {
    const { gateway } = await productWith(await mirror());
    const token = await signed();
    const first = await sidOf(gateway, token);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    const others = await Promise.all(otherSpellings(token).map((other) => sidOf(gateway, other)));
    expect(others.filter((sid) => sid !== first && sid !== 401)).toEqual([]);
    expect(others).toContain(first);
    expect(await sidOf(gateway, token)).toBe(first);
  });

  test('has ended when the token has, whichever of them was shown', async () => {
    const { verifier } = worldOf([SHOP]);
    const token = await tokenWith({}, { alg: 'ES256', kid: 'ES256' }, KEYS.ES256);
    const [twin, padded] = otherSpellings(token) as [string, string, string];
    const live = await verifier.verify('sales', token);
    expect(await verifier.verify('sales', twin)).toBe(live);
    expect(verifier.size).toBe(1);
    await verifier.end(live, 'revoked');
    for (const one of [token, twin, padded])
      await expect((async () => verifier.verify('sales', one))()).rejects.toMatchObject({
        code: 'invalid_token',
      });
  });
});
