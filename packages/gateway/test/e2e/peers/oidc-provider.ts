import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider from 'oidc-provider';
import { storeAdapter } from '../../../src/devidp/adapter.ts';
import { Sealer } from '../../../src/session/seal.ts';
import { MemoryStore } from '../../../src/session/stores/memory.ts';

export const STRICT_SUBJECT = 'person-1';
export type Algorithm = 'PS256' | 'ES256';

export interface StrictPeer {
  readonly issuer: string;
  /** Path and, for the token endpoint, grant of each request. */
  readonly asked: readonly string[];
  /** Errors that it answered with; empty when all was to its liking. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

async function key(alg: Algorithm, kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
}

/** For `client_key`. */
export const clientKeyFor = (): Promise<JWK> => key('ES256', 'client-1');

const publicPart = ({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...jwk }: JWK): JWK => jwk;

/**
 * `oidc-provider` in the strict settings of FAPI 2.0: pushed authorization requests, `private_key_jwt`, PKCE, the `iss`
 * parameter, no RS256, short access tokens, refresh tokens that work once.
 */
export async function startStrictPeer(place: {
  readonly algorithm: Algorithm;
  readonly port: number;
  readonly gateway: string;
  readonly clientKey: JWK;
}): Promise<StrictPeer> {
  const { algorithm, port, gateway, clientKey } = place;
  const issuer = `http://127.0.0.1:${port}`;
  const signing = await key(algorithm, 'sig-1');
  const asked: string[] = [];
  const errors: string[] = [];
  const provider = new Provider(issuer, {
    adapter: storeAdapter(new MemoryStore(), new Sealer(['test'])),
    jwks: { keys: [signing as never] },
    clients: [
      {
        client_id: 'portico',
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        id_token_signed_response_alg: algorithm,
        jwks: { keys: [publicPart(clientKey) as never] },
        redirect_uris: [`${gateway}/.auth/login/strict/callback`],
        post_logout_redirect_uris: [`${gateway}/.auth/signed-out`],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        backchannel_logout_uri: `${gateway}/.auth/logout/strict/backchannel`,
        backchannel_logout_session_required: true,
      },
    ],
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: {
      idTokenSigningAlgValues: [algorithm],
      clientAuthSigningAlgValues: ['ES256'],
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      revocation: { enabled: true, allowedPolicy: async () => true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      jwtUserinfo: { enabled: false },
    },
    scopes: ['openid', 'profile', 'email', 'groups'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
    issueRefreshToken: async () => true,
    cookies: { keys: ['test'] },
    ttl: { AccessToken: 10, IdToken: 60, RefreshToken: 600, Grant: 600, Session: 600, Interaction: 60 },
    clientBasedCORS: () => false,
    fetch: (url, init) => {
      // Without the guard against addresses of this machine, which is where the gateway is.
      const { dispatcher: _guard, ...rest } = init as RequestInit & { dispatcher?: unknown };
      return fetch(url, rest);
    },
    findAccount: async (_ctx, sub) => ({
      accountId: sub,
      claims: async () => ({
        sub,
        name: 'A Person',
        email: 'person@example.com',
        email_verified: true,
        groups: ['finance'],
      }),
    }),
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: 'portico', accountId: STRICT_SUBJECT });
      grant.addOIDCScope('openid profile email groups');
      await grant.save();
      return grant;
    },
    interactions: { url: () => '/interaction' },
  });
  for (const event of ['grant.error', 'authorization.error', 'pushed_authorization_request.error'] as const)
    provider.on(event as 'grant.error', (_ctx, error) => void errors.push(`${event}: ${error.message}`));
  provider.on('grant.success', (ctx) => void asked.push(`grant ${String(ctx.oidc.params?.['grant_type'])}`));
  provider.on('revocation.error' as 'grant.error', (_ctx, error) => void errors.push(error.message));

  const callback = provider.callback();
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    asked.push((request.url ?? '').split('?')[0] ?? '');
    if (request.url === '/interaction')
      return provider.interactionFinished(request, response, { login: { accountId: STRICT_SUBJECT } });
    await callback(request, response);
  }
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(599).end(String(error)));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    issuer,
    asked,
    errors,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
