import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK } from 'jose';
import Provider from 'oidc-provider';
import { describe, expect, it, onTestFinished } from 'vitest';
import { storeAdapter } from '../../gateway/src/devidp/adapter.ts';
import { Sealer } from '../../gateway/src/session/seal.ts';
import { MemoryStore } from '../../gateway/src/session/stores/memory.ts';
import { bearerVerifier } from '../src/index.ts';
import { KEYS } from './issuer.ts';

const API = 'urn:example:reports';
const OTHER_API = 'urn:example:payroll';
const SECRET = 'a-secret-for-tests-only';

/** A certified provider that gives JWT access tokens for two APIs (RFC 8707, RFC 9068). */
async function startIssuer(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const key = KEYS['RS256'] ?? expect.fail();
  const provider = new Provider(issuer, {
    adapter: storeAdapter(new MemoryStore(), new Sealer(['test'])),
    ttl: { ClientCredentials: 60 },
    jwks: { keys: [{ ...(await exportJWK(key)), kid: 'one', use: 'sig', alg: 'RS256' }] },
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
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, audience) => ({
          audience,
          scope: 'reports.read reports.write',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    cookies: { keys: ['test'] },
  });
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));
  return issuer;
}

async function tokenFrom(issuer: string, resource: string): Promise<string> {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`nightly:${SECRET}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope: 'reports.read' }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  return access_token;
}

describe('a token of a real provider, found by its metadata', () => {
  it('is accepted by the API that it is for, with its scopes, and by no other', async () => {
    const issuer = await startIssuer();
    const here = bearerVerifier({ issuer, audience: API, rfc9068: true });
    const elsewhere = bearerVerifier({ issuer, audience: OTHER_API });
    const token = await tokenFrom(issuer, API);
    expect(await here.verify(token)).toMatchObject({
      id: 'nightly',
      client: 'nightly',
      issuer,
      scopes: ['reports.read'],
    });
    await expect(elsewhere.verify(token)).rejects.toMatchObject({ code: 'invalid_token' });
    await expect(elsewhere.verify(await tokenFrom(issuer, OTHER_API))).resolves.toBeDefined();
  });
});
