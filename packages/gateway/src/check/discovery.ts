import type { OidcVendorSettings, ProviderSettings } from '../config/provider-settings.ts';
import { isObject } from '../core/object.ts';
import { oidcError } from '../identity/errors/provider-error.ts';
import { oidcVendor } from '../identity/quirks/oidc.ts';
import type { SafeFetch } from '../identity/safe-fetch.ts';
import { type Finding, ok, problem } from './finding.ts';
import { keyFinding, type Metadata, metadataFindings, type Wanted } from './metadata.ts';

export interface Discovered {
  readonly isOidc: boolean;
  /** Nothing else can be asked of this provider. */
  readonly stop: boolean;
  /** What a callback says as `iss`, where the provider promises to (RFC 9207). */
  readonly callbackIssuer?: string;
}

const NOT_OIDC: readonly ProviderSettings['type'][] = ['github', 'bitbucket', 'oauth2', 'password', 'plugin'];

function isOidc(settings: ProviderSettings): settings is OidcVendorSettings {
  return !NOT_OIDC.includes(settings.type);
}

/**
 * Fetches metadata and keys of a provider that speaks OpenID Connect (Discovery section 4).
 *
 * @throws GatewayError when there is no metadata to be had
 */
export async function discover(
  settings: ProviderSettings,
  fetch: SafeFetch,
  wanted: Wanted,
  findings: Finding[],
): Promise<Discovered> {
  if (!isOidc(settings)) return { isOidc: false, stop: false };
  const { issuer, quirk } = await oidcVendor(settings);
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const metadata = await document(settings.name, 'discovery', url, fetch);
  const named = String(metadata['issuer']);
  const exact = quirk.acceptsIssuer?.(named) ?? named === issuer;
  if (exact) findings.push(ok('issuer', `The metadata is there, and its issuer is ${named}.`));
  else
    findings.push(
      problem(
        'issuer_mismatch',
        `The metadata calls the issuer ${named.slice(0, 200)}, the configuration ${issuer}.`,
        'Write the issuer exactly as the metadata has it, if that is the provider you mean; a slash at the end counts.',
        'https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation',
      ),
    );
  const found = metadataFindings(metadata, settings, wanted);
  findings.push(...found);
  const keys = metadata['jwks_uri'];
  if (typeof keys === 'string' && URL.canParse(keys))
    findings.push(keyFinding(await document(settings.name, 'keys request', keys, fetch)));
  const unusable = found.some(({ code }) => code === 'endpoint_missing' || code === 'endpoint_insecure');
  return {
    isOidc: true,
    stop: !exact || unusable,
    ...(metadata['authorization_response_iss_parameter_supported'] === true ? { callbackIssuer: named } : {}),
  };
}

async function document(name: string, doing: string, url: string, fetch: SafeFetch): Promise<Metadata> {
  try {
    const response = await fetch(url, { headers: { accept: 'application/json' } });
    if (response.status !== 200)
      throw Object.assign(new Error(`${url} answers ${response.status}`), { cause: response });
    const text = await response.text();
    const body = parse(text);
    if (isObject(body)) return body;
    throw Object.assign(new Error(`${url} answers no JSON object`), { code: 'OAUTH_RESPONSE_IS_NOT_JSON' });
  } catch (error) {
    throw oidcError(name, doing, error);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
