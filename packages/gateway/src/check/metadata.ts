import type { ClientSettings } from '../config/provider-settings.ts';
import type { TokenGrant } from '../core/types.ts';
import { isSecure } from '../identity/safe-fetch.ts';
import { type Finding, note, ok, problem } from './finding.ts';

export type Metadata = Readonly<Record<string, unknown>>;

/** What the configuration needs of a provider beyond sign-ins. */
export interface Wanted {
  /** Renewed tokens. */
  readonly refresh: boolean;
  /** Ways to tokens for APIs. */
  readonly grants: readonly TokenGrant[];
}

/** By their names in `grant_types_supported`. */
const GRANT_TYPES: Partial<Record<TokenGrant, string>> = {
  refresh: 'refresh_token',
  exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  'on-behalf-of': 'urn:ietf:params:oauth:grant-type:jwt-bearer',
};

const DISCOVERY = 'https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata';
const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'jwks_uri',
  'userinfo_endpoint',
  'end_session_endpoint',
  'revocation_endpoint',
  'pushed_authorization_request_endpoint',
] as const;
const NEEDED: readonly string[] = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'];
/** Signatures that the OIDC client verifies (RFC 7518 section 3.1, RFC 8037). */
const SIGNATURES = /^(?:RS|PS|ES)(?:256|384|512)$|^EdDSA$|^Ed25519$/;

/** What the provider offers (OpenID Connect Discovery section 3, RFC 8414) beside what the configuration needs. */
export function metadataFindings(metadata: Metadata, settings: ClientSettings, wanted: Wanted): Finding[] {
  return [
    ...endpoints(metadata),
    ...scopes(metadata, settings.scope),
    ...grants(metadata, settings, wanted),
    ...apiGrants(metadata, wanted),
    pkce(metadata),
    ...authentication(metadata, settings),
    ...signatures(metadata),
    ...signOut(metadata),
    ...pushed(metadata, settings),
  ];
}

function list(metadata: Metadata, name: string): readonly string[] | undefined {
  const value = metadata[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;
}

function endpoints(metadata: Metadata): Finding[] {
  return ENDPOINTS.flatMap((name) => {
    const value = metadata[name];
    if (value === undefined)
      return NEEDED.includes(name)
        ? [
            problem(
              'endpoint_missing',
              `The metadata names no ${name}.`,
              'Compare the issuer with the provider’s documentation: this is not the metadata of an OpenID Connect provider.',
              DISCOVERY,
            ),
          ]
        : [];
    const url = typeof value === 'string' ? URL.parse(value) : null;
    return url !== null && isSecure(url)
      ? []
      : [
          problem(
            'endpoint_insecure',
            `${name} in the metadata is not https.`,
            'Set the provider’s own public address to https; behind a reverse proxy it must believe X-Forwarded-Proto.',
          ),
        ];
  });
}

function scopes(metadata: Metadata, scope: string): Finding[] {
  const offered = list(metadata, 'scopes_supported');
  const missing = scope.split(' ').filter((one) => offered !== undefined && !offered.includes(one));
  if (missing.length === 0)
    return [
      ok('scopes', `The scopes are ${offered === undefined ? 'not listed by the provider' : 'offered'}.`),
    ];
  return [
    note(
      'scope_not_listed',
      `The metadata does not list ${missing.join(', ')}.`,
      'Compare scope in the configuration with the provider’s documentation. Some providers list only a part.',
    ),
  ];
}

function grants(metadata: Metadata, { scope }: ClientSettings, { refresh }: Wanted): Finding[] {
  // Discovery section 3: what is left out means authorization_code and implicit.
  const offered = list(metadata, 'grant_types_supported');
  const responses = list(metadata, 'response_types_supported');
  return [
    ...((offered !== undefined && !offered.includes('authorization_code')) ||
    (responses !== undefined && !responses.includes('code'))
      ? [
          problem(
            'code_flow_missing',
            'The provider does not offer the authorization code flow.',
            'Switch it on at the provider: grant type authorization_code, response type code.',
          ),
        ]
      : [ok('code_flow', 'The authorization code flow is offered.')]),
    ...(refresh && scope.split(' ').includes('offline_access') && offered?.includes('refresh_token') === false
      ? [
          note(
            'refresh_missing',
            'The provider gives no refresh tokens, and the scope asks for them.',
            'Allow the grant refresh_token at the provider, or take offline_access out of scope.',
          ),
        ]
      : []),
  ];
}

function apiGrants(metadata: Metadata, { grants: wanted }: Wanted): Finding[] {
  const offered = list(metadata, 'grant_types_supported');
  const types = new Set(wanted.flatMap((grant) => GRANT_TYPES[grant] ?? []));
  if (offered === undefined || types.size === 0) return [];
  const missing = [...types].filter((type) => !offered.includes(type));
  if (missing.length === 0) return [ok('api_grants', 'The provider can give tokens for the APIs.')];
  return [
    note(
      'api_grant_not_listed',
      `An API needs ${missing.join(' and ')}, which the metadata does not list.`,
      'Allow this client the grant at the provider, or set another grant for the API. Some providers list only a part.',
    ),
  ];
}

function pkce(metadata: Metadata): Finding {
  const methods = list(metadata, 'code_challenge_methods_supported');
  if (methods?.includes('S256')) return ok('pkce', 'PKCE with S256 is offered.');
  return note(
    'pkce_not_listed',
    'The metadata does not list PKCE with S256. Portico sends it all the same, and providers that do not know it ignore it.',
  );
}

function authentication(metadata: Metadata, { clientKey, clientSecret }: ClientSettings): Finding[] {
  const wanted =
    clientKey !== undefined
      ? ['private_key_jwt']
      : clientSecret !== undefined
        ? ['client_secret_basic', 'client_secret_post']
        : ['none'];
  const offered = list(metadata, 'token_endpoint_auth_methods_supported');
  if (offered === undefined || wanted.some((method) => offered.includes(method))) return [];
  return [
    (clientKey === undefined && clientSecret === undefined ? note : problem)(
      'client_authentication_missing',
      `The provider does not list ${wanted.join(' or ')} at its token endpoint; it lists ${offered.join(', ')}.`,
      clientKey !== undefined
        ? 'Use client_secret in place of client_key, or switch private_key_jwt on at the provider.'
        : 'Configure client_secret or client_key as the provider wants it.',
    ),
  ];
}

function signatures(metadata: Metadata): Finding[] {
  const algorithms = list(metadata, 'id_token_signing_alg_values_supported');
  if (algorithms === undefined || algorithms.some((one) => SIGNATURES.test(one))) return [];
  return [
    problem(
      'signature_unusable',
      `ID tokens are signed with ${algorithms.join(', ') || 'nothing'}, which cannot be verified with public keys.`,
      'Let the provider sign with RS256 or ES256.',
    ),
  ];
}

function signOut(metadata: Metadata): Finding[] {
  return [
    metadata['end_session_endpoint'] === undefined
      ? note(
          'sign_out_local',
          'Sign-out ends the session here only: the provider names no end_session_endpoint.',
        )
      : ok('sign_out', 'Sign-out reaches the provider.'),
    metadata['revocation_endpoint'] === undefined
      ? note(
          'revocation_missing',
          'Tokens stay valid until they expire: the provider names no revocation_endpoint.',
        )
      : ok('revocation', 'Tokens are revoked at sign-out.'),
    ...(metadata['backchannel_logout_supported'] === true
      ? [ok('back_channel', 'The provider can end sessions here (back-channel logout).')]
      : []),
  ];
}

function pushed(metadata: Metadata, { par }: ClientSettings): Finding[] {
  if (par !== 'required' || metadata['pushed_authorization_request_endpoint'] !== undefined) return [];
  return [
    problem(
      'par_unavailable',
      'par is required, and the provider has no pushed authorization requests.',
      'Set par: auto, or switch them on at the provider.',
      'https://www.rfc-editor.org/rfc/rfc9126',
    ),
  ];
}

/** Keys that can verify an ID token (RFC 7517 section 4). */
export function keyFinding(document: unknown): Finding {
  const keys = (document as { keys?: unknown } | null)?.keys;
  const usable = (Array.isArray(keys) ? keys : []).filter(
    (key: { kty?: unknown; use?: unknown } | null) =>
      ['RSA', 'EC', 'OKP'].includes(String(key?.kty)) && (key?.use === undefined || key.use === 'sig'),
  );
  return usable.length > 0
    ? ok('keys', `${usable.length} ${usable.length === 1 ? 'key' : 'keys'} to verify ID tokens with.`)
    : problem(
        'keys_unusable',
        'The provider publishes no key that could verify an ID token.',
        'Let the provider sign with RS256 or ES256, and publish that key at its jwks_uri.',
      );
}
