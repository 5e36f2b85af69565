import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import type * as Client from 'openid-client';
import { GatewayError } from '../core/errors.ts';

/** With what a client proves itself; a key wins over a secret, and without either the client is public. */
export interface ClientCredentials {
  readonly name: string;
  readonly clientSecret?: string;
  /** PEM, with a certificate below the key where the provider goes by its thumbprint; or a private JWK. */
  readonly clientKey?: string;
}

/** What the `aud` of a client assertion is; RFC 7523 section 3 allows both, vendors each take one. */
export type AssertionAudience = 'issuer' | 'token_endpoint';

/** How the client proves itself at the token, revocation and pushed authorization endpoints. */
export function clientAuth(
  client: typeof Client,
  credentials: ClientCredentials,
  audience: AssertionAudience = 'issuer',
): Client.ClientAuth {
  const { clientSecret, clientKey } = credentials;
  if (clientKey !== undefined) return privateKeyJwt(client, credentials.name, clientKey, audience);
  if (clientSecret === undefined) return client.None();
  const basic = client.ClientSecretBasic(clientSecret);
  const post = client.ClientSecretPost(clientSecret);
  return (metadata, ...rest) => (takesBasic(metadata) ? basic : post)(metadata, ...rest);
}

/** OpenID Connect Discovery section 3: without a list, `client_secret_basic` is what every provider takes. */
function takesBasic({ token_endpoint_auth_methods_supported: methods }: Client.ServerMetadata): boolean {
  return (
    methods === undefined ||
    methods.includes('client_secret_basic') ||
    !methods.includes('client_secret_post')
  );
}

/** OpenID Connect Core section 9, RFC 7523. */
function privateKeyJwt(
  client: typeof Client,
  name: string,
  text: string,
  audience: AssertionAudience,
): Client.ClientAuth {
  const jwk = text.trimStart().startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : undefined;
  const key = jwk === undefined ? createPrivateKey(text) : createPrivateKey({ key: jwk, format: 'jwk' });
  const thumbprint = jwk === undefined ? certificateThumbprint(text) : undefined;
  const kid = typeof jwk?.['kid'] === 'string' ? { kid: jwk['kid'] } : {};
  return (metadata, ...rest) => {
    const offered = metadata.token_endpoint_auth_signing_alg_values_supported;
    const algorithm = algorithmFor(name, key.asymmetricKeyType, key.asymmetricKeyDetails?.namedCurve, {
      // A certificate is for Entra ID, which wants PS256 and whose metadata does not say so.
      preferred: thumbprint === undefined ? jwk?.['alg'] : 'PS256',
      offered,
    });
    const auth = client.PrivateKeyJwt(
      { key: key.toCryptoKey(algorithm, false, ['sign']), ...kid },
      {
        [client.modifyAssertion](header, payload) {
          // https://learn.microsoft.com/entra/identity-platform/certificate-credentials
          if (thumbprint !== undefined) header['x5t#S256'] = thumbprint;
          if (audience === 'token_endpoint') payload['aud'] = metadata.token_endpoint;
        },
      },
    );
    return auth(metadata, ...rest);
  };
}

function certificateThumbprint(pem: string): string | undefined {
  const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem)?.[0];
  if (certificate === undefined) return undefined;
  return createHash('sha256').update(new X509Certificate(certificate).raw).digest('base64url');
}

/** RFC 7518 section 3.1 and RFC 8037, as WebCrypto names them. */
function algorithmFor(
  provider: string,
  type: string | undefined,
  curve: string | undefined,
  { preferred, offered }: { readonly preferred: unknown; readonly offered: readonly string[] | undefined },
): { name: string; hash?: string; namedCurve?: string } {
  const curves: Readonly<Record<string, string>> = {
    prime256v1: 'P-256',
    secp384r1: 'P-384',
    secp521r1: 'P-521',
  };
  const namedCurve = curves[curve ?? ''];
  if (type === 'ec' && namedCurve !== undefined) return { name: 'ECDSA', namedCurve };
  if (type === 'ed25519') return { name: 'Ed25519' };
  if (type === 'rsa') {
    const pss = preferred === 'PS256' || (offered !== undefined && !offered.includes('RS256'));
    return { name: pss ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  }
  throw new GatewayError(
    'client_key_unsuitable',
    500,
    `the client key of provider "${provider}" is neither RSA, EC (P-256, P-384, P-521) nor Ed25519`,
  );
}
