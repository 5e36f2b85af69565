import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import Provider, { errors } from 'oidc-provider';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../../src/core/types.ts';
import { storeAdapter } from '../../../src/devidp/adapter.ts';
import { OidcProvider, type OidcSettings } from '../../../src/identity/oidc.ts';
import type { LoginTransaction, ValidatedCallback } from '../../../src/identity/provider.ts';
import { Sealer } from '../../../src/session/seal.ts';
import { MemoryStore } from '../../../src/session/stores/memory.ts';
import { Browser } from '../../login/browser.ts';
import { REDIRECT_URI, rsaKey, SECRET } from '../strict-provider.ts';

/** APIs by their identifiers, each with the scopes that it knows. */
const APIS: Readonly<Record<string, string>> = {
  'https://sales.example.com': 'orders:read orders:write',
  'https://hr.example.com/v2': 'people:read',
};

/** By the gateway's clock. */
export const NOW = 1_700_000_000_000;
/** Seconds that access tokens live. */
export const LIFETIME = 60;

const SCOPES = 'openid profile offline_access orders:read orders:write people:read';

export interface ResourceProvider {
  readonly issuer: string;
  /** Forms that reached the token endpoint, in order. */
  readonly asked: URLSearchParams[];
  /** The gateway's client, and the tokens of a sign-in at it. */
  signIn(
    settings?: Partial<OidcSettings>,
    clock?: Clock,
  ): Promise<{ client: OidcProvider; session: Session }>;
}
type Session = Awaited<ReturnType<OidcProvider['redeem']>>;

/** A real provider with resource indicators (RFC 8707) and refresh tokens that work once. */
export async function startResourceProvider(): Promise<ResourceProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  const asked: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let text = '';
      if (request.method === 'POST') for await (const chunk of request) text += String(chunk);
      if (request.url === '/token') asked.push(new URLSearchParams(text));
      await handle(Object.assign(request, { body: text }), response);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: Provider = new Provider(issuer, {
    adapter: storeAdapter(new MemoryStore(), new Sealer(['test'])),
    jwks: { keys: [rsaKey('k')] },
    clients: [
      {
        client_id: 'portico',
        client_secret: SECRET,
        redirect_uris: [REDIRECT_URI],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    scopes: SCOPES.split(' '),
    claims: { openid: ['sub'], profile: ['name'] },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_ctx, resource) {
          const scope = APIS[resource];
          if (scope === undefined) throw new errors.InvalidTarget();
          return { scope, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } };
        },
      },
    },
    cookies: { keys: ['test'] },
    ttl: { AccessToken: LIFETIME, IdToken: 60, Interaction: 60, Session: 60, Grant: 60, RefreshToken: 60 },
    clientBasedCORS: () => false,
    renderError: (ctx, out) => {
      ctx.body = out;
    },
    findAccount: async (_ctx, sub) => ({ accountId: sub, claims: async () => ({ sub, name: 'Ann' }) }),
    loadExistingGrant: async (ctx) => {
      const grant = new provider.Grant({ clientId: 'portico', accountId: 'user-1' });
      grant.addOIDCScope(SCOPES);
      for (const resource of Object.keys(ctx.oidc.resourceServers ?? {}))
        grant.addResourceScope(resource, APIS[resource] ?? '');
      await grant.save();
      return grant;
    },
    interactions: { url: () => '/interaction' },
  });
  const callback = provider.callback();
  handle = (request, response) =>
    request.url === '/interaction'
      ? provider.interactionFinished(request, response, { login: { accountId: 'user-1' } })
      : callback(request, response);
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return {
    issuer,
    asked,
    async signIn(settings, clock = () => NOW) {
      const client = new OidcProvider(
        {
          name: 'corp',
          title: 'Corp',
          issuer,
          clientId: 'portico',
          clientSecret: SECRET,
          scope: SCOPES,
          resources: Object.keys(APIS),
          extraParams: {},
          rolesClaim: 'roles',
          groupsClaim: 'groups',
          ...settings,
        },
        clock,
      );
      const page = await new Browser().go((await client.authorizationUrl(transaction)).href, (next) =>
        next.startsWith(REDIRECT_URI),
      );
      const session = await client.redeem({ url: new URL(page.url), transaction } as ValidatedCallback);
      return { client, session };
    },
  };
}

const transaction: LoginTransaction = {
  provider: 'corp',
  state: 's'.repeat(43),
  nonce: 'n'.repeat(43),
  codeVerifier: 'v'.repeat(43),
  redirectUri: REDIRECT_URI,
  returnTo: '/',
  createdAt: 0,
};

/** What an access token says of itself. */
export function told(token: string): { aud: unknown; scope: unknown; sub: unknown } {
  const { aud, scope, sub } = decodeJwt(token);
  return { aud, scope, sub };
}
