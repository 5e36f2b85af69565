import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { basic, CLIENT_ID, CLIENT_SECRET, Grants } from '../oauth/grants.ts';
import type { Answer, Asked, Site } from '../oauth/internet.ts';

export type Claims = Record<string, unknown>;

export interface OpenIdOptions {
  /** For the page where people sign in. */
  readonly vendor: string;
  readonly issuer: string;
  /** Where the metadata is, when that is not below the issuer. */
  readonly metadataUrl?: string;
  /** Endpoints by their names in the metadata. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly metadata?: Claims;
  readonly idToken: Claims;
  readonly userInfo?: Claims;
}

/** One vendor's OpenID Connect, as far as its documents describe it. All that is mutable a test may change. */
export interface OpenIdStandIn {
  readonly vendor: string;
  readonly grants: Grants;
  readonly metadata: Claims;
  /** Claims of the ID token beyond iss, aud, iat, exp and nonce; they may overrule those. */
  idToken: Claims;
  userInfo: Claims | undefined;
  /** Makes access tokens JWTs with these claims. */
  accessToken: Claims | undefined;
  /** Public key of a client that authenticates by private_key_jwt, and the audience that it must name. */
  client: { key: KeyObject; audience: string } | undefined;
  /** Shows a page with a link before it goes back, as for somebody who is not signed in there. */
  asks: boolean;
  /** What authorization requests asked for, pushed or not. */
  readonly requests: URLSearchParams[];
  /** Headers of the client assertions that were accepted. */
  readonly assertions: Claims[];
  /** A key that is published from now on, in place of the one before. */
  rotateKey(): void;
  readonly site: Site;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part = ''): Claims => JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims;

export function openId(options: OpenIdOptions): OpenIdStandIn {
  const { issuer, endpoints, vendor } = options;
  let generation = 0;
  let key = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pushed = new Map<string, URLSearchParams>();
  const nonces = new Map<string, string | null>();
  const it: OpenIdStandIn = {
    vendor,
    grants: new Grants(),
    metadata: {
      issuer,
      ...endpoints,
      response_types_supported: ['code'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      ...options.metadata,
    },
    idToken: options.idToken,
    userInfo: options.userInfo,
    accessToken: undefined,
    client: undefined,
    asks: false,
    requests: [],
    assertions: [],
    rotateKey() {
      generation++;
      key = generateKeyPairSync('rsa', { modulusLength: 2048 });
    },
    site: (asked) => answer(asked),
  };
  const paths = new Map(Object.entries(endpoints).map(([name, url]) => [new URL(url).pathname, name]));
  const metadataUrl = options.metadataUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  paths.set(new URL(metadataUrl).pathname, 'metadata');

  function answer(asked: Asked): Answer | undefined {
    switch (paths.get(asked.url.pathname)) {
      case 'metadata':
        return { body: it.metadata };
      case 'jwks_uri':
        return {
          body: { keys: [{ ...key.publicKey.export({ format: 'jwk' }), use: 'sig', kid: `k${generation}` }] },
        };
      case 'pushed_authorization_request_endpoint':
        return push(asked);
      case 'authorization_endpoint':
        return authorize(asked.url);
      case 'token_endpoint':
        return token(asked);
      case 'userinfo_endpoint':
        return userInfo(asked);
      case 'end_session_endpoint':
        return { headers: { 'content-type': 'text/html' }, body: `<h1>Signed out of ${vendor}</h1>` };
      default:
        return undefined;
    }
  }

  function jwt(claims: Claims): string {
    const input = `${encode({ alg: 'RS256', typ: 'JWT', kid: `k${generation}` })}.${encode(claims)}`;
    return `${input}.${sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')}`;
  }

  /** The client's id and proof, whichever way it came. */
  function client(asked: Asked, form: URLSearchParams): { id: string | null; secret: string | null } {
    const assertion = form.get('client_assertion');
    if (it.client !== undefined && assertion !== null) {
      const [head, payload, signature = ''] = assertion.split('.');
      const claims = decode(payload);
      const pss = decode(head)['alg'] === 'PS256' ? { padding: 6, saltLength: 32 } : {};
      const sound =
        verify(
          'sha256',
          Buffer.from(`${head}.${payload}`),
          { key: it.client.key, dsaEncoding: 'ieee-p1363', ...pss },
          Buffer.from(signature, 'base64url'),
        ) &&
        [claims['aud']].flat().includes(it.client.audience) &&
        claims['sub'] === CLIENT_ID &&
        claims['iss'] === CLIENT_ID;
      if (sound) it.assertions.push(decode(head));
      return { id: CLIENT_ID, secret: sound ? CLIENT_SECRET : null };
    }
    if (asked.headers.authorization?.startsWith('Basic ')) return basic(asked.headers.authorization);
    return { id: form.get('client_id'), secret: form.get('client_secret') };
  }

  function push(asked: Asked): Answer {
    const form = new URLSearchParams(asked.body);
    const { id, secret } = client(asked, form);
    if (id !== CLIENT_ID || secret !== CLIENT_SECRET)
      return { status: 401, body: { error: 'invalid_client' } };
    const uri = `urn:ietf:params:oauth:request_uri:${pushed.size}`;
    pushed.set(uri, form);
    return { status: 201, body: { request_uri: uri, expires_in: 60 } };
  }

  function authorize(url: URL): Answer {
    const reference = url.searchParams.get('request_uri');
    const query = reference === null ? url.searchParams : (pushed.get(reference) ?? new URLSearchParams());
    const required = it.metadata['require_pushed_authorization_requests'] === true;
    if (
      query.get('client_id') !== CLIENT_ID ||
      query.get('code_challenge_method') !== 'S256' ||
      (required && reference === null)
    )
      return { status: 400, body: 'invalid_request' };
    if (it.asks && !url.searchParams.has('yes')) {
      const on = new URL(url);
      on.searchParams.set('yes', '1');
      const href = on.href.replaceAll('&', '&amp;');
      return {
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: `<!doctype html><title>${vendor}</title><h1>${vendor}</h1><a href="${href}">Continue</a>`,
      };
    }
    it.requests.push(new URLSearchParams(query));
    const iss = it.metadata['authorization_response_iss_parameter_supported'] === true ? { iss: issuer } : {};
    const location = it.grants.approve(query, iss);
    nonces.set(new URL(location).searchParams.get('code') ?? '', query.get('nonce'));
    return { status: 302, headers: { location } };
  }

  function token(asked: Asked): Answer {
    const form = new URLSearchParams(asked.body);
    const issued = it.grants.redeem(form, client(asked, form));
    if (issued === 'bad_client') return { status: 401, body: { error: 'invalid_client' } };
    if (typeof issued === 'string')
      return { status: 400, body: { error: 'invalid_grant', error_description: issued } };
    const now = Math.floor(Date.now() / 1000);
    const nonce = nonces.get(form.get('code') ?? '');
    const common = { iss: issuer, iat: now, exp: now + 3600 };
    const access = it.accessToken === undefined ? issued.access_token : jwt({ ...common, ...it.accessToken });
    it.grants.tokens.set(access, { scope: issued.scope });
    return {
      headers: { 'cache-control': 'no-store' },
      body: {
        token_type: 'Bearer',
        access_token: access,
        expires_in: 3600,
        scope: issued.scope,
        id_token: jwt({ ...common, aud: CLIENT_ID, ...(nonce == null ? {} : { nonce }), ...it.idToken }),
        ...(/offline/.test(`${issued.scope} ${it.requests.at(-1)?.get('access_type')}`)
          ? { refresh_token: issued.refresh_token }
          : {}),
      },
    };
  }

  function userInfo({ headers }: Asked): Answer {
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    if (!it.grants.tokens.has(bearer))
      return { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
    return { body: { sub: it.idToken['sub'], ...it.userInfo } };
  }
  return it;
}
