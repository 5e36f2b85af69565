import { type Fetch, fetchJson, trustworthy } from './fetch-json.ts';

/** Where metadata stand: OpenID Connect Discovery 1.0, section 4, then RFC 8414, section 3.1. */
function addresses(issuer: string): readonly string[] {
  const url = new URL(issuer);
  const path = url.pathname.replace(/\/$/, '');
  return [
    `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    `${url.origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

/**
 * Asks the issuer where its keys are. Its metadata must name exactly this issuer (RFC 8414, section 3.3), or one tenant could
 * speak for another.
 * @throws Error
 */
export async function discoverKeys(issuer: string, fetch: Fetch): Promise<string> {
  const problems: unknown[] = [];
  for (const address of addresses(issuer)) {
    try {
      const metadata = await fetchJson(address, fetch);
      if (metadata['issuer'] !== issuer) throw new Error(`${address} speaks for another issuer`);
      const keys = metadata['jwks_uri'];
      if (typeof keys !== 'string') throw new Error(`${address} names no jwks_uri`);
      return trustworthy(keys, 'jwks_uri');
    } catch (error) {
      problems.push(error);
    }
  }
  throw new AggregateError(problems, `The metadata of ${issuer} cannot be had`);
}
