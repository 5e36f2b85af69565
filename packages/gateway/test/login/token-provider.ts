import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { importJWK, type JWTHeaderParameters, SignJWT } from 'jose';
import Provider, { type JWK } from 'oidc-provider';
import type { OidcProviderSettings } from '../../src/config/provider-settings.ts';
import type { TokenSet } from '../../src/core/types.ts';
import { storeAdapter } from '../../src/devidp/adapter.ts';
import { Sealer } from '../../src/session/seal.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { rsaKey } from '../identity/strict-provider.ts';

export const CLIENT_ID = 'portico';
const CLIENT_SECRET = 'canary-client-secret-of-the-token-provider';
export const PERSON = 'person-1';

/** What an answer is replaced by; `undefined` leaves the request to the provider. */
export interface Trouble {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface TokenProvider {
  readonly issuer: string;
  readonly settings: OidcProviderSettings;
  /** `grant_type` of each request that reached the token endpoint, in order. */
  readonly tokenRequests: string[];
  /** `token_type_hint` or token of each revocation, in order. */
  readonly revoked: string[];
  /** Claims of the one person; change them at will. */
  claims: Record<string, unknown>;
  /** Asked before every request to a path; may take its time. */
  trouble: (path: string) => Promise<Trouble | undefined> | Trouble | undefined;
  /** Tokens as a sign-in brings them, with an access token that ended an hour before `now`. */
  tokens(now?: number, sid?: string): Promise<TokenSet>;
  /** Sends a real logout token to the client's address; resolves when that answered 200, rejects otherwise. */
  sendLogout(sub: string | undefined, sid: string): Promise<void>;
  /** A token signed with the provider's key. */
  sign(claims: Record<string, unknown>, header?: Partial<JWTHeaderParameters>): Promise<string>;
  rotateKeys(): void;
  /** Refuses connections until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

/** An OpenID Provider that rotates refresh tokens and takes the whole grant back when one is used twice. */
export async function startTokenProvider(
  options: { readonly backchannelLogoutUri?: string; readonly accessTokenSeconds?: number } = {},
): Promise<TokenProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => response.writeHead(599).end(String(error)));
  });
  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const text = request.method === 'POST' ? await bodyOf(request) : '';
    const form = new URLSearchParams(text);
    if (path === '/token') self.tokenRequests.push(form.get('grant_type') ?? '');
    if (path === '/token/revocation') self.revoked.push(form.get('token') ?? '');
    const trouble = await self.trouble(path);
    if (trouble !== undefined) {
      response.writeHead(trouble.status, trouble.headers).end(trouble.body);
      return;
    }
    await handle(Object.assign(request, { body: text }), response);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const adapter = storeAdapter(new MemoryStore(), new Sealer(['test']));
  let key: JWK;
  let provider: Provider;

  const make = (): void => {
    key = rsaKey(`key-${Math.random()}`);
    provider = new Provider(issuer, {
      adapter,
      jwks: { keys: [key] },
      clients: [
        {
          client_id: CLIENT_ID,
          client_secret: CLIENT_SECRET,
          redirect_uris: ['https://apps.example.com/.auth/login/corp/callback'],
          post_logout_redirect_uris: ['https://apps.example.com/.auth/signed-out'],
          grant_types: ['authorization_code', 'refresh_token'],
          ...(options.backchannelLogoutUri === undefined
            ? {}
            : {
                backchannel_logout_uri: options.backchannelLogoutUri,
                backchannel_logout_session_required: true,
              }),
        },
      ],
      scopes: ['openid', 'offline_access', 'profile', 'email'],
      claims: {
        openid: ['sub', 'roles', 'groups', 'sid', 'department'],
        profile: ['name'],
        email: ['email', 'email_verified'],
      },
      conformIdTokenClaims: false,
      rotateRefreshToken: true,
      features: {
        devInteractions: { enabled: false },
        revocation: { enabled: true, allowedPolicy: async () => true },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: { enabled: true },
      },
      cookies: { keys: ['test'] },
      ttl: {
        AccessToken: options.accessTokenSeconds ?? 3600,
        IdToken: 3600,
        RefreshToken: 86_400,
        Grant: 86_400,
      },
      clientBasedCORS: () => false,
      // Without the guard against addresses of this machine, which is where the gateway is.
      fetch: (url, init) => {
        const { dispatcher: _guard, ...rest } = init as RequestInit & { dispatcher?: unknown };
        return fetch(url, rest);
      },
      findAccount: async (_ctx, sub) => ({
        accountId: sub,
        claims: async () => ({ sub, name: 'A Person', ...self.claims }),
      }),
    });
    handle = provider.callback();
  };

  const self: TokenProvider = {
    issuer,
    settings: {
      name: 'corp',
      type: 'oidc',
      title: 'Corp',
      place: issuer,
      issuer,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      scope: 'openid profile email offline_access',
      extraParams: {},
      rolesClaim: 'roles',
      groupsClaim: 'groups',
    },
    tokenRequests: [],
    revoked: [],
    claims: { email: 'person@example.com', email_verified: true, roles: ['analyst'], groups: [] },
    trouble: () => undefined,
    async tokens(now = Date.now(), sid = 'provider-session-1') {
      const client = await provider.Client.find(CLIENT_ID);
      if (client === undefined) throw new Error('no client');
      const scope = 'openid profile email offline_access';
      const grant = new provider.Grant({ clientId: CLIENT_ID, accountId: PERSON });
      grant.addOIDCScope(scope);
      const about = {
        client,
        accountId: PERSON,
        grantId: await grant.save(),
        scope,
        sid,
        gty: 'authorization_code',
      };
      const refreshToken = await new provider.RefreshToken({
        ...about,
        authTime: 1,
        expiresWithSession: false,
        rotations: 0,
      } as never).save();
      const accessToken = await new provider.AccessToken(about as never).save();
      const idToken = await self.sign({ iss: issuer, aud: CLIENT_ID, sub: PERSON, sid });
      return { accessToken, refreshToken, idToken, scope, accessTokenExpiresAt: now - 3_600_000 };
    },
    async sendLogout(sub, sid) {
      const client = (await provider.Client.find(CLIENT_ID)) as unknown as {
        backchannelLogout(sub: string | undefined, sid: string): Promise<void>;
      };
      await client.backchannelLogout(sub, sid);
    },
    async sign(claims, header = {}) {
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: key.kid ?? '', ...header })
        .sign(await importJWK(key as Parameters<typeof importJWK>[0], 'RS256'), {
          crit: { 'x-unknown': true },
        });
    },
    rotateKeys: make,
    async down() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
    async up() {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async close() {
      if (server.listening) await self.down();
    },
  };
  make();
  return self;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
