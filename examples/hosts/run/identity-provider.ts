import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

/** The shop's people. Their roles stand in their tokens, and decide what they see inside the apps. */
export const PEOPLE: Readonly<Record<string, { readonly name: string; readonly roles: readonly string[] }>> =
  {
    mia: { name: 'Mia Manager', roles: ['manager'] },
    vik: { name: 'Vik Viewer', roles: ['viewer'] },
  };

export interface IdentityProviderOptions {
  /** As people's browsers know it. */
  readonly issuer: string;
  readonly port: number;
  /** Origins of the products. */
  readonly products: readonly string[];
  /** The gateway: the audience of the tokens. */
  readonly audience: string;
  /** Life of a token, in seconds. */
  readonly tokenLifetime: number;
}

/** What the products' people sign in at: a real OpenID provider, in place of Auth0, Keycloak or Entra ID. */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<() => Promise<void>> {
  const provider = await providerOf(options);
  const answer = provider.callback();
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const done = path.startsWith('/sign-in/')
      ? signIn(provider, request, response)
      : answer(request, response);
    done.catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  return async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
}

async function providerOf(options: IdentityProviderOptions): Promise<Provider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(options.issuer, {
    jwks: {
      keys: [{ ...((await exportJWK(privateKey)) as { kty: 'RSA' }), kid: 'shop', alg: 'RS256', use: 'sig' }],
    },
    clients: options.products.map((origin) => ({
      client_id: origin,
      token_endpoint_auth_method: 'none',
      redirect_uris: [`${origin}/`],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    })),
    scopes: ['openid', 'apps'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    expiresWithSession: async () => false,
    cookies: { keys: [crypto.randomUUID()] },
    // The pages of the products ask for tokens themselves.
    clientBasedCORS: (_ctx, origin, client) => client.clientId === origin,
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'apps',
          audience: options.audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: options.tokenLifetime,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    extraTokenClaims: (_ctx, token) => PEOPLE[('accountId' in token && token.accountId) || ''],
    findAccount: (_ctx, id) => (PEOPLE[id] ? { accountId: id, claims: () => ({ sub: id }) } : undefined),
    // The products are the house's own: nobody is asked whether they may.
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc;
      const { clientId } = client ?? {};
      const { accountId } = session ?? {};
      if (clientId === undefined || accountId === undefined) return undefined;
      const grant = new ctx.oidc.provider.Grant({ clientId, accountId });
      grant.addOIDCScope('openid apps');
      grant.addResourceScope(options.audience, 'apps');
      await grant.save();
      return grant;
    },
    interactions: { url: (_ctx, { uid }) => `/sign-in/${uid}` },
    ttl: {
      AccessToken: options.tokenLifetime,
      Grant: 86_400,
      Session: 86_400,
      RefreshToken: 86_400,
      Interaction: 600,
    },
  });
  // TLS is somebody else's in front.
  provider.proxy = options.issuer.startsWith('https:');
  return provider;
}

async function signIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'POST') {
    const accountId = new URLSearchParams(await text(request)).get('person') ?? '';
    return provider.interactionFinished(request, response, { login: { accountId } });
  }
  const buttons = Object.entries(PEOPLE).map(
    ([id, { name }]) => `<button name="person" value="${id}">${name}</button>`,
  );
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(
    `<!doctype html><title>Sign in</title><h1>Who are you?</h1><form method="post">${buttons.join(' ')}</form>`,
  );
}
