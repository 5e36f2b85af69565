import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK } from 'jose';
import Provider from 'oidc-provider';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BearerSettings } from '../../src/config/settings.ts';
import { storeAdapter } from '../../src/devidp/adapter.ts';
import { safeFetch } from '../../src/identity/safe-fetch.ts';
import { Sealer } from '../../src/session/seal.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { ASYMMETRIC, KEYS, SHOP, worldOf } from './issuer.ts';

const APPS = 'urn:example:apps';
const OTHER = 'urn:example:payroll';
const SECRET = 'a-secret-for-tests-only';
const refused = expect.objectContaining({ code: 'invalid_token' });

/** A certified provider (RFC 8707) whose access tokens are JWTs (RFC 9068), or texts that it alone can read (RFC 7662). */
async function startIssuer(accessTokenFormat: 'jwt' | 'opaque') {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    adapter: storeAdapter(new MemoryStore(), new Sealer(['test'])),
    ttl: { AccessToken: 600, ClientCredentials: 600, Grant: 600 },
    jwks: { keys: [{ ...(await exportJWK(KEYS.RS256)), kid: 'one', use: 'sig', alg: 'RS256' }] },
    clients: [
      {
        client_id: 'nightly',
        client_secret: SECRET,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, audience) => ({
          audience,
          scope: 'apps',
          accessTokenFormat,
          ...(accessTokenFormat === 'jwt' ? { jwt: { sign: { alg: 'RS256' } } } : {}),
        }),
      },
    },
    cookies: { keys: ['test'] },
  });
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));
  const post = (path: string, form: Record<string, string>) =>
    fetch(issuer + path, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`nightly:${SECRET}`)}` },
      body: new URLSearchParams(form),
    });
  const tokenFor = async (resource: string): Promise<string> => {
    const answer = await post('/token', { grant_type: 'client_credentials', resource, scope: 'apps' });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  /** As after a sign-in of somebody at the host; a program's own token names nobody there. */
  const tokenOf = async (person: string, resource: string): Promise<string> => {
    const client = (await provider.Client.find('nightly')) ?? expect.fail();
    const grantId = await new provider.Grant({ accountId: person, clientId: client.clientId }).save();
    const token = new provider.AccessToken({
      grantId,
      accountId: person,
      client,
      scope: 'apps',
      gty: 'authorization_code',
    });
    token.resourceServer = new provider.ResourceServer(resource, { scope: 'apps', accessTokenFormat });
    return token.save();
  };
  return { issuer, tokenFor, tokenOf, revoke: (token: string) => post('/token/revocation', { token }) };
}

function believing(settings: Pick<BearerSettings, 'issuer' | 'source'>) {
  const now = Date.now();
  const world = worldOf(
    [{ ...SHOP, ...settings, audience: [APPS], algorithms: ASYMMETRIC, scopes: ['apps'] }],
    { fetch: safeFetch() },
  );
  world.clock.now = now;
  return { ...world, verify: async (token: string) => world.verifier.verify('sales', token) };
}

describe('a token of a real provider', () => {
  it('that is a JWT is judged by what the metadata say, and is for its audience only', async () => {
    const { issuer, tokenFor } = await startIssuer('jwt');
    const { verify } = believing({ issuer, source: { kind: 'discovery' } });
    const token = await tokenFor(APPS);
    expect(token.split('.')).toHaveLength(3);
    expect((await verify(token)).session.identity).toMatchObject({ issuer, subject: 'nightly' });
    await expect(verify(await tokenFor(OTHER))).rejects.toEqual(refused);
  });

  it('that only the provider can read is introspected, and ends when it is revoked there', async () => {
    const { issuer, tokenFor, tokenOf, revoke } = await startIssuer('opaque');
    const url = `${issuer}/token/introspection`;
    const { verify, clock } = believing({
      issuer,
      source: { kind: 'introspection', url, clientId: 'nightly', clientSecret: SECRET },
    });
    const token = await tokenOf('ada-1', APPS);
    expect(token).not.toContain('.');
    const live = await verify(token);
    expect(live.session.identity).toMatchObject({ issuer, subject: 'ada-1' });
    for (const other of [await tokenOf('ada-1', OTHER), await tokenFor(APPS)])
      await expect(verify(other)).rejects.toEqual(refused);
    await revoke(token);
    clock.advance(59_000);
    expect(await verify(token)).toBe(live);
    clock.advance(1_000);
    await expect(verify(token)).rejects.toEqual(refused);
    expect(live.ended).toBe('revoked');
  });
});
