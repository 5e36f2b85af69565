/**
 * What the gateway does with a request header, by name. Decided once per spelling and remembered, since every request
 * of a browser repeats the same thirty names.
 */
type HeaderKind =
  | 'plain'
  /** Belongs to one connection (RFC 9110 section 7.6.1); made anew on each side. */
  | 'hop'
  /** Says who somebody is, or what the outside URL was; only the gateway may say so. */
  | 'identity'
  | 'host'
  | 'cookie'
  | 'content-length';

/** A header’s name as it was classified. */
export interface HeaderName {
  readonly lower: string;
  readonly kind: HeaderKind;
}

/** Says, as a mark of the gateway's own, for whom a page request of a Bokeh or Panel app is. */
export const BINDING_HEADER = 'Portico-Binding';

const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  // The gateway answers `100 Continue` itself once the request may go on.
  'expect',
]);

/** Folded names that are ours or that some header profile, peer gateway or framework takes as identity. */
const IDENTITY = new Set([
  'forwarded',
  'proxy', // httpoxy: CGI turns it into HTTP_PROXY
  'remote-user',
  'remote-email',
  'remote-name',
  'remote-groups',
  'x-real-ip',
  'x-scheme',
  'x-script-name',
  'script-name', // Gunicorn takes this much off the path, so the app would see another one than policy judged
  'path-info',
  'x-original-url', // IIS and some frameworks route by these instead of the path that policy judged
  'x-original-uri',
  'x-rewrite-url',
  'x-request-id',
  'x-user',
  'x-username',
  'x-email',
  'x-groups',
  'x-roles',
  'x-access-token',
  'x-id-token',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'x-streamlit-user', // `st.experimental_user` of Streamlit before 1.42
  'x-userinfo', // Kong
  'x-credential-identifier',
  'x-credential-username',
  'x-endpoint-api-userinfo', // Google's ESP and API Gateway
  'x-apigateway-api-userinfo',
  'x-jwt-payload', // Istio, as its guides have it
  'x-client-cert',
  'x-ssl-cert',
  'kubeflow-userid',
  'sm-user', // SiteMinder
  'sm-universalid',
  'bokeh-session-id', // lets a page request choose whose session of a Bokeh app it gets
]);

const IDENTITY_PREFIXES = [
  'portico-',
  'x-portico-',
  'x-forwarded-',
  'x-auth-request-',
  'x-auth-',
  'x-remote-',
  'x-webauth-',
  'x-ms-client-principal',
  'x-ms-token-',
  'x-goog-authenticated-user-',
  'x-goog-iap-',
  'x-amzn-oidc-',
  'x-pomerium-',
  'x-authentik-',
  'x-authenticated-',
  'x-vouch-',
  'x-consumer-',
  'x-jwt-claim-',
  'x-ssl-client-',
  'ssl-client-',
  'x-client-cert-',
  'tailscale-',
  'teleport-',
  'cf-access-',
  'shiny-server-',
  'shiny-shared-',
  'rstudio-connect-',
  'posit-connect-',
  'plotly-',
  'oidc-claim-',
  'oidc-access-token',
  'oidc-id-token',
];

/**
 * One spelling for all that an app server may take for the same name: WSGI, CGI and Rack turn `-`, and some of them
 * every other sign, into `_` (CVE-2025-64484 `X_Forwarded_User`, CVE-2026-88011 `X.Forwarded.User`).
 */
export function foldHeaderName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}

/** Whether an app, or a server in front of one, could take a header of this name for who somebody is. */
export function isIdentityHeader(name: string): boolean {
  const folded = foldHeaderName(name);
  return IDENTITY.has(folded) || IDENTITY_PREFIXES.some((prefix) => folded.startsWith(prefix));
}

function classify(lower: string): HeaderKind {
  if (lower === 'host' || lower === 'cookie' || lower === 'content-length') return lower;
  if (HOP.has(lower)) return 'hop';
  if (isIdentityHeader(lower)) return 'identity';
  // `Transfer_Encoding` or `Content.Length` would be a second framing for an app server that folds names.
  const folded = foldHeaderName(lower);
  return folded !== lower &&
    (HOP.has(folded) || folded === 'host' || folded === 'cookie' || folded === 'content-length')
    ? 'hop'
    : 'plain';
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Bounded, so that invented names cannot fill the memory; a browser's names are in it after the first request. */
const MOST_REMEMBERED = 1024;
const remembered = new Map<string, HeaderName>();

/** The name as classified, or undefined when it is no token (RFC 9110 section 5.6.2). */
export function headerName(raw: string): HeaderName | undefined {
  const known = remembered.get(raw);
  if (known !== undefined) return known;
  if (raw.length > 256 || !TOKEN.test(raw)) return undefined;
  // A flat copy: a slice of a request head would keep that whole head alive, and so would its lower-case form.
  const copy = Buffer.from(raw, 'latin1').toString('latin1');
  const lower = copy.toLowerCase();
  const name: HeaderName = { lower, kind: classify(lower) };
  // Begun anew when full: a stranger's invented names must not push the usual ones out for ever.
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(copy, name);
  return name;
}
