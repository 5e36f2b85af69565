import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkBearer } from '../../src/check/bearer.ts';
import type { BearerSettings } from '../../src/config/settings.ts';
import { safeFetch } from '../../src/identity/safe-fetch.ts';
import { AUDIENCE, jwks, SHOP } from '../bearer/issuer.ts';

const SECRET = 'canary-of-a-client-secret';

/** A server with these answers; what is not among them is 404. */
async function server(answers: (origin: string) => Readonly<Record<string, unknown>>): Promise<string> {
  const listening = createServer((request, response) => {
    const answer = answers(origin)[request.url ?? ''];
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(() => void listening.close());
  const origin = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  return origin;
}

async function checked(changes: Partial<BearerSettings>): Promise<Record<string, string>> {
  const section = await checkBearer({ ...SHOP, ...changes }, safeFetch(), Date.now);
  expect(JSON.stringify(section)).not.toContain(SECRET);
  return Object.fromEntries(section.findings.map(({ code, level }) => [code, level]));
}

const metadata = (origin: string) => ({
  '/.well-known/openid-configuration': { issuer: origin, jwks_uri: `${origin}/keys` },
  '/keys': jwks,
});

describe('portico check of an issuer of bearer tokens', () => {
  it('finds its keys by its metadata', async () => {
    const issuer = await server(metadata);
    expect(await checked({ issuer, source: { kind: 'discovery' } })).toEqual({
      bearer_keys: 'ok',
      bearer_audience: 'ok',
    });
  });

  it('says when the issuer is another, such as by a slash', async () => {
    const issuer = `${await server(metadata)}/`;
    expect(await checked({ issuer, source: { kind: 'discovery' } })).toMatchObject({
      bearer_keys_unreachable: 'problem',
    });
  });

  it('says when no key fits the algorithms', async () => {
    const source = { kind: 'jwks', url: `${await server(metadata)}/keys` } as const;
    expect(await checked({ source, algorithms: ['RS256'] })).toMatchObject({ bearer_keys: 'ok' });
    expect(await checked({ source, algorithms: ['EdDSA'] })).toMatchObject({
      bearer_keys_unusable: 'problem',
    });
  });

  it('is content with a key that is here, and warns of a shared secret', async () => {
    expect(await checked({})).toMatchObject({ bearer_keys: 'ok' });
    const source = { kind: 'secret', secret: Buffer.from(SECRET) } as const;
    expect(await checked({ source, algorithms: ['HS256'] })).toMatchObject({ bearer_secret: 'note' });
  });

  it.each<[string, unknown, string]>([
    ['not active', { active: false }, 'introspection'],
    ['active', { active: true, aud: AUDIENCE }, 'introspection_refused'],
    ['nothing', undefined, 'introspection_refused'],
  ])('asks about a made-up token, which the endpoint calls %s', async (_name, answer, code) => {
    const url = `${await server(() => ({ '/introspect': answer }))}/introspect`;
    const source = { kind: 'introspection', url, clientId: 'portico', clientSecret: SECRET } as const;
    expect(Object.keys(await checked({ source, algorithms: [] }))).toContain(code);
  });
});
