import { createLocalJWKSet, importSPKI, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import { stopApps } from './apps.ts';
import { ask } from './client.ts';
import { gatewayWith, ORIGIN, stopAll, type TestGateway } from './gateway.ts';
import { mirror } from './profile-mirror.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

describe('tokens in headers', () => {
  test('are there only where the operator asks for them', async () => {
    const quiet = await mirror(['easyauth', 'oauth2-proxy']);
    expect(JSON.stringify(await quiet.http('/', {}, quiet.cookie))).not.toContain('canary-access-token');
    const open = await mirror(['easyauth', 'oauth2-proxy'], true);
    const told = new Map(await open.http('/', {}, open.cookie));
    expect(told.get('x-ms-token-corp-access-token')).toBe('canary-access-token');
    expect(told.get('x-forwarded-access-token')).toBe('canary-access-token');
  });

  test('get into no line of the log and no page of ours, also when the app fails', async () => {
    const { gateway, cookie } = await mirror(['easyauth', 'oauth2-proxy'], true);
    const broken = await gatewayWith({
      apps: [
        {
          name: 'broken',
          upstream: { hostname: '127.0.0.1', port: 1 },
          profiles: ['easyauth', 'oauth2-proxy'],
          tokenHeaders: true,
        },
      ],
    });
    const own = await broken.signIn();
    const pages = [
      await ask(gateway, '/.auth/me', { cookie }),
      await ask(gateway, '/.auth/session', { cookie }),
      await ask(broken, '/', { cookie: own }),
    ];
    expect(pages.at(-1)?.status).toBe(502);
    expect(broken.log.length).toBeGreaterThan(0);
    const all = [
      ...pages.flatMap(({ text, rawHeaders }) => [text, ...rawHeaders]),
      ...gateway.log,
      ...broken.log,
    ];
    expect(all.filter((text) => text.includes('canary-access-token'))).toEqual([]);
  });
});

describe('what is signed for other gateways’ verifiers', () => {
  const keysAt = async (gateway: TestGateway, path: string) => {
    const answer = await ask(gateway, path);
    expect(answer.status).toBe(200);
    return JSON.parse(answer.text) as unknown;
  };

  test('verifies with the keys where they are said to be, and not with those of anything else', async () => {
    const { gateway, http, cookie } = await mirror(['cloudflare-access', 'google-iap']);
    const told = new Map(await http('/', {}, cookie));
    const cloudflare = told.get('cf-access-jwt-assertion') ?? '';
    const iap = told.get('x-goog-iap-jwt-assertion') ?? '';
    const certs = '/.auth/cloudflare-access/cdn-cgi/access/certs';
    const rsa = (await keysAt(gateway, certs)) as JSONWebKeySet;
    const verified = await jwtVerify(cloudflare, createLocalJWKSet(rsa), {
      issuer: `${ORIGIN}/.auth/cloudflare-access`,
      audience: 'sales',
      algorithms: ['RS256'],
    });
    expect(verified.payload['email']).toBe('ann@example.com');
    const jwks = (await keysAt(gateway, '/.auth/google-iap/public_key-jwk')) as JSONWebKeySet;
    const options = { issuer: 'https://cloud.google.com/iap', audience: 'sales', algorithms: ['ES256'] };
    const { protectedHeader } = await jwtVerify(iap, createLocalJWKSet(jwks), options);
    const pems = (await keysAt(gateway, '/.auth/google-iap/public_key')) as Record<string, string>;
    await jwtVerify(iap, await importSPKI(pems[protectedHeader.kid ?? ''] ?? '', 'ES256'), options);

    const own = (await keysAt(gateway, '/.auth/jwks.json')) as JSONWebKeySet;
    const kids = [own, rsa, jwks].flatMap(({ keys }) => keys.map(({ kid }) => kid));
    expect(new Set(kids).size).toBe(kids.length);
    for (const token of [cloudflare, iap])
      await expect(jwtVerify(token, createLocalJWKSet(own))).rejects.toThrow('no applicable key');
    for (const set of [own, rsa, jwks]) for (const key of set.keys) expect(key).not.toHaveProperty('d');
  });

  test('has no keys at those places where no app is told in that way', async () => {
    const { gateway } = await mirror(['easyauth']);
    for (const path of [
      '/.auth/cloudflare-access/cdn-cgi/access/certs',
      '/.auth/google-iap/public_key-jwk',
      '/.auth/google-iap/public_key',
    ])
      expect((await ask(gateway, path)).status).toBe(404);
  });

  test('keeps its keys over a restart', async () => {
    const { gateway, http, cookie } = await mirror(['cloudflare-access']);
    const path = '/.auth/cloudflare-access/cdn-cgi/access/certs';
    const before = await keysAt(gateway, path);
    const token = new Map(await http('/', {}, cookie)).get('cf-access-jwt-assertion') ?? '';
    const again = await gatewayWith({
      apps: [
        { name: 'sales', upstream: { hostname: '127.0.0.1', port: 1 }, profiles: ['cloudflare-access'] },
      ],
      options: { store: gateway.store },
    });
    const after = (await keysAt(again, path)) as JSONWebKeySet;
    expect(after).toEqual(before);
    await jwtVerify(token, createLocalJWKSet(after));
  });
});
