import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CompactJWSHeaderParameters, CompactSign, exportJWK, importJWK, type JWK } from 'jose';
import type { OidcProviderSettings } from '../../../src/config/provider-settings.ts';

export type Claims = Record<string, unknown>;

/** What an endpoint says. An object is sent as JSON. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | object;
}

export type Endpoint = 'metadata' | 'jwks' | 'token' | 'userinfo' | 'elsewhere';

/** One way to misbehave. Whatever it leaves out is done as OpenID Connect Core says. */
export interface Trick {
  readonly metadata?: (metadata: Claims) => void;
  /** The key set, from the keys that it signs with. */
  readonly jwks?: (good: readonly JWK[]) => readonly JWK[] | Promise<readonly JWK[]>;
  readonly header?: (header: Claims) => void;
  readonly claims?: (claims: Claims, grant: string) => void;
  /** Makes the ID token itself, in place of a signature with the published key. */
  readonly seal?: (header: Claims, claims: Claims, keys: Keys) => string | Promise<string>;
  readonly callback?: (parameters: URLSearchParams) => void;
  /** Replaces an answer. */
  readonly answer?: Partial<
    Record<Endpoint, (good: Answer, form: URLSearchParams) => Answer | Promise<Answer>>
  >;
}

export interface Keys {
  /** RS256, published. */
  readonly own: JWK;
  /** RS256, not published. */
  readonly foreign: JWK;
}

export interface HostileProvider {
  readonly issuer: string;
  readonly settings: OidcProviderSettings;
  /** Change it at will. */
  trick: Trick;
  /** What was asked, in order. */
  readonly asked: Endpoint[];
  /** Codes and tokens that it issued: none of them may show up anywhere. */
  readonly secrets: string[];
  /** Parameters of the last authorization request. */
  request: URLSearchParams;
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
}

export const CLIENT_ID = 'portico';
export const CLIENT_SECRET = 'canary-client-secret-of-the-hostile-provider';
export const SUBJECT = 'person-1';

export async function rsa(kid: string): Promise<JWK> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
}

const spare = Promise.all([rsa('key-1'), rsa('key-1'), rsa('key-2')]);

export function publicPart({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...jwk }: JWK): JWK {
  return jwk;
}

/** Signs claims as they are, with whatever header. */
export async function signed(header: Claims, claims: Claims, key: JWK | Uint8Array): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(claims));
  const alg = String(header['alg']);
  return new CompactSign(payload)
    .setProtectedHeader(header as CompactJWSHeaderParameters)
    .sign(key instanceof Uint8Array ? key : await importJWK(key, alg), { crit: { 'x-unknown': true } });
}

export const seconds = (): number => Math.floor(Date.now() / 1000);

const secret = (): string => randomBytes(24).toString('base64url');
const hash = (text: string): string =>
  createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');

/** An OpenID Provider that is correct until it is told a trick. It asks nobody for a password. */
export async function startHostileProvider(): Promise<HostileProvider> {
  const [first, foreign, second] = await spare;
  let own = first;
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.writeHead(599).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const codes = new Map<string, URLSearchParams>();

  const it: HostileProvider = {
    issuer,
    settings: {
      name: 'hostile',
      type: 'oidc',
      title: 'Hostile',
      place: issuer,
      issuer,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      scope: 'openid profile email',
      extraParams: {},
      rolesClaim: 'roles',
      groupsClaim: 'groups',
    },
    trick: {},
    asked: [],
    secrets: [CLIENT_SECRET],
    request: new URLSearchParams(),
    async rotateKeys() {
      own = own === first ? second : first;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer);
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const form = new URLSearchParams(text);
    switch (url.pathname) {
      case '/authorize':
        return authorize(url.searchParams, response);
      case '/.well-known/openid-configuration':
        return say('metadata', { body: metadata() }, form, response);
      case '/jwks': {
        const keys = [publicPart(own)];
        return say('jwks', { body: { keys: (await it.trick.jwks?.(keys)) ?? keys } }, form, response);
      }
      case '/token':
        return say('token', await token(request.headers.authorization ?? '', form), form, response);
      case '/userinfo':
        return say('userinfo', { body: { sub: SUBJECT, name: 'A Person' } }, form, response);
      default:
        return say('elsewhere', { status: 404, body: 'nothing here' }, form, response);
    }
  }

  async function say(
    endpoint: Endpoint,
    good: Answer,
    form: URLSearchParams,
    response: ServerResponse,
  ): Promise<void> {
    it.asked.push(endpoint);
    const { status = 200, headers, body = '' } = (await it.trick.answer?.[endpoint]?.(good, form)) ?? good;
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    if (response.destroyed) return;
    response.writeHead(status, { ...(raw ? {} : { 'content-type': 'application/json' }), ...headers });
    response.end(raw ? body : JSON.stringify(body));
  }

  function metadata(): Claims {
    const document: Claims = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      authorization_response_iss_parameter_supported: true,
    };
    it.trick.metadata?.(document);
    return document;
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    it.request = query;
    const code = secret();
    it.secrets.push(code);
    codes.set(code, query);
    const parameters = new URLSearchParams({ code, state: query.get('state') ?? '', iss: issuer });
    it.trick.callback?.(parameters);
    response.writeHead(302, { location: `${query.get('redirect_uri')}?${parameters}` }).end();
  }

  async function token(authorization: string, form: URLSearchParams): Promise<Answer> {
    const grant = form.get('grant_type') ?? '';
    const proof = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
    // RFC 6749 section 2.3.1: both halves are form-encoded first.
    if (decodeURIComponent(proof) !== `${CLIENT_ID}:${CLIENT_SECRET}`)
      return { status: 401, body: { error: 'invalid_client' } };
    const asked = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (grant === 'authorization_code' && asked?.get('code_challenge') !== verifier)
      return { status: 400, body: { error: 'invalid_grant' } };
    const [access, refresh] = [secret(), secret()];
    const now = seconds();
    const header: Claims = { alg: 'RS256', kid: own.kid };
    const claims: Claims = {
      iss: issuer,
      sub: SUBJECT,
      aud: CLIENT_ID,
      iat: now,
      exp: now + 300,
      auth_time: now,
      at_hash: hash(access),
      ...(asked === undefined ? {} : { nonce: asked.get('nonce') }),
    };
    it.trick.header?.(header);
    it.trick.claims?.(claims, grant);
    const idToken = await (it.trick.seal?.(header, claims, { own, foreign }) ?? signed(header, claims, own));
    it.secrets.push(access, refresh, idToken);
    return {
      headers: { 'cache-control': 'no-store' },
      body: {
        token_type: 'Bearer',
        access_token: access,
        refresh_token: refresh,
        expires_in: 3600,
        id_token: idToken,
      },
    };
  }
  return it;
}
