import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type JWK } from 'oidc-provider';
import { storeAdapter } from '../../src/devidp/adapter.ts';
import type { LoginTransaction, ValidatedCallback } from '../../src/identity/provider.ts';
import { Sealer } from '../../src/session/seal.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { Browser } from '../login/browser.ts';

export const REDIRECT_URI = 'https://apps.example.com/.auth/login/strict/callback';
export const SECRET = 'strict-canary-client-secret-strict-canary';

/** Rewrites an answer of the provider on its way to the gateway; `undefined` leaves it. */
export type Tweak = (
  path: string,
  body: string,
) => { status?: number; body?: string; headers?: Record<string, string> } | undefined;

export interface StrictProvider {
  readonly issuer: string;
  /** Claims of the one account; change them at will. */
  claims: Record<string, unknown>;
  tweak: Tweak;
  /** Paths that were asked for. */
  readonly asked: string[];
  rotateKeys(): void;
  /** Walks a browser through sign-in and gives back the callback. */
  callback(authorizationUrl: URL, transaction: LoginTransaction): Promise<ValidatedCallback>;
  close(): Promise<void>;
}

export function rsaKey(kid: string): JWK {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), kid, use: 'sig', alg: 'RS256' };
}

/** An external OpenID Provider with other habits than the embedded one: RS256, claims only in UserInfo, client_secret_post. */
export async function startStrictProvider(): Promise<StrictProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> = async () => undefined;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push((request.url ?? '').split('?')[0] ?? '');
    void intercept(strict, request, response);
    void handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const adapter = storeAdapter(new MemoryStore(), new Sealer(['test']));

  const make = (key: JWK): void => {
    const provider = new Provider(issuer, {
      adapter,
      jwks: { keys: [key] },
      clients: [
        {
          client_id: 'portico',
          client_secret: SECRET,
          redirect_uris: [REDIRECT_URI],
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      clientAuthMethods: ['client_secret_post'],
      claims: {
        openid: ['sub'],
        profile: ['name'],
        email: ['email', 'email_verified'],
        roles: ['realm_access', 'groups'],
      },
      scopes: ['openid', 'profile', 'email', 'roles'],
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      cookies: { keys: ['test'] },
      ttl: { AccessToken: 60, IdToken: 60, Interaction: 60, Session: 60, Grant: 60, AuthorizationCode: 60 },
      clientBasedCORS: () => false,
      renderError: (ctx, out) => {
        ctx.body = out;
      },
      findAccount: async () => ({
        accountId: 'user-1',
        claims: async () => ({ sub: 'user-1', ...strict.claims }),
      }),
      loadExistingGrant: async (ctx) => {
        const grant = new ctx.oidc.provider.Grant({ clientId: 'portico', accountId: 'user-1' });
        grant.addOIDCScope('openid profile email roles');
        await grant.save();
        return grant;
      },
      interactions: { url: () => '/interaction' },
    });
    const callback = provider.callback();
    handle = async (request, response) => {
      if (request.url === '/interaction') {
        return provider.interactionFinished(request, response, { login: { accountId: 'user-1' } });
      }
      await callback(request, response);
    };
  };
  const strict: StrictProvider = {
    issuer,
    claims: {},
    tweak: () => undefined,
    asked,
    rotateKeys: () => make(rsaKey(`key-${Math.random()}`)),
    async callback(authorizationUrl, transaction) {
      const page = await new Browser().go(authorizationUrl.href, (next) => next.startsWith(REDIRECT_URI));
      return { url: new URL(page.url), transaction } as ValidatedCallback;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  strict.rotateKeys();
  return strict;
}

/** Collects the answer, asks the tweak, sends. */
async function intercept(
  strict: StrictProvider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0] ?? '';
  const end = response.end.bind(response);
  response.end = ((chunk?: unknown) => {
    const body = Buffer.isBuffer(chunk) ? chunk.toString() : String(chunk ?? '');
    const tweaked = strict.tweak(path, body);
    if (tweaked === undefined) return chunk === undefined || typeof chunk === 'function' ? end() : end(chunk);
    response.removeHeader('content-length');
    response.statusCode = tweaked.status ?? response.statusCode;
    for (const [name, value] of Object.entries(tweaked.headers ?? {})) response.setHeader(name, value);
    return end(tweaked.body ?? body);
  }) as typeof response.end;
}
