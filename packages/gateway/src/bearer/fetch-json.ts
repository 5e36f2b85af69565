import { isObject } from '../core/object.ts';
import { isSecure, type SafeFetch } from '../identity/safe-fetch.ts';

/** Milliseconds; less than what a browser waits. */
const PATIENCE = 5_000;

/** An answer with another status than 200. */
export class UnexpectedStatus extends TypeError {
  readonly status: number;

  constructor(url: string, status: number) {
    super(`${url} answers ${status}`);
    this.status = status;
  }
}

/**
 * A JSON object from exactly there; redirects are not followed.
 * @throws TypeError
 */
export async function fetchJson(
  url: string,
  fetch: SafeFetch,
  init: RequestInit = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    ...init,
    headers: { accept: 'application/json', ...init.headers },
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new UnexpectedStatus(url, response.status);
  }
  const value: unknown = await response.json();
  if (!isObject(value)) throw new TypeError(`${url} is no JSON object`);
  return value;
}

/** Where metadata stand: OpenID Connect Discovery 1.0 section 4, then RFC 8414 section 3.1. */
function addresses(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  return [
    `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`,
  ];
}

/**
 * Asks the issuer where its keys are. Its metadata must name exactly this issuer (RFC 8414 section 3.3), or one tenant
 * could speak for another.
 * @throws AggregateError
 */
export async function discoverKeys(issuer: string, fetch: SafeFetch): Promise<string> {
  const problems: unknown[] = [];
  for (const address of addresses(issuer)) {
    try {
      const metadata = await fetchJson(address, fetch);
      if (metadata['issuer'] !== issuer) throw new TypeError(`${address} speaks for another issuer`);
      const keys = metadata['jwks_uri'];
      if (typeof keys !== 'string' || !isSecure(new URL(keys)))
        throw new TypeError(`${address} names no jwks_uri over https`);
      return keys;
    } catch (error) {
      problems.push(error);
    }
  }
  throw new AggregateError(problems, `the metadata of ${issuer} cannot be had`);
}
