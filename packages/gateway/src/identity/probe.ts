import { lookUp, lookUpPage } from './errors/catalogue.ts';
import type { Entry } from './errors/entry.ts';
import { ProviderError } from './errors/provider-error.ts';
import type { LoginTransaction, RedirectProvider, ValidatedCallback } from './provider.ts';
import type { SafeFetch } from './safe-fetch.ts';

/** What a question to a live provider showed. `unknown` where it does not tell without somebody signing in. */
export type Probe =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly entry?: Entry | undefined; readonly said: string };

const MAX_HOPS = 4;
/** Answers to `prompt=none` (OpenID Connect Core section 3.1.2.6) that come back to us: so it knows the way. */
const NOBODY_THERE = [
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'access_denied',
];
/** What a page shown with 200 may mean beside asking for a sign-in. */
const ON_A_PAGE = ['redirect_uri_mismatch', 'invalid_client', 'invalid_scope'];

/**
 * Whether the authorization endpoint takes our client and redirect URI: asked as a browser in which nobody is signed in.
 *
 * @throws whatever `fetch` throws when the provider cannot be reached
 */
export async function probeRedirectUri(
  authorizationUrl: URL,
  redirectUri: string,
  fetch: SafeFetch,
): Promise<Probe> {
  let url = new URL(authorizationUrl);
  // What was pushed (RFC 9126) is asked as it was pushed.
  if (!url.searchParams.has('request_uri')) url.searchParams.set('prompt', 'none');
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const response = await fetch(url, { headers: { accept: 'text/html' } });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return onPage(response);
    await response.body?.cancel();
    const next = new URL(location, url);
    if (next.href.startsWith(redirectUri)) return cameBack(next.searchParams);
    const entry = lookUpPage(unpacked(next));
    if (entry !== undefined) return { kind: 'refused', entry, said: entry.id };
    if (next.origin !== url.origin) return { kind: 'unknown' };
    url = next;
  }
  return { kind: 'unknown' };
}

function cameBack(params: URLSearchParams): Probe {
  const error = params.get('error');
  if (error === null || NOBODY_THERE.includes(error)) return { kind: 'accepted' };
  const text = `${error}\n${params.get('error_description') ?? ''}`;
  const entry = lookUp({ errors: [error], text, codes: [], doing: 'authorization request' });
  return { kind: 'refused', entry, said: error.slice(0, 60) };
}

async function onPage(response: Response): Promise<Probe> {
  const entry = lookUpPage(plain(await response.text()));
  const { status } = response;
  if (status >= 400) return { kind: 'refused', entry, said: entry?.id ?? `an error page, ${status}` };
  // A page that asks for a sign-in has many words on it: only those that one vendor uses for one thing count.
  return entry !== undefined && entry.vendor !== 'Any provider' && ON_A_PAGE.includes(entry.wayOn)
    ? { kind: 'refused', entry, said: entry.id }
    : { kind: 'unknown' };
}

/** https://developers.google.com/identity/protocols/oauth2/web-server#authorization-errors go along in the address, in base64. */
function unpacked(url: URL): string {
  const packed = url.searchParams.get('authError') ?? '';
  return `${url.searchParams.get('error') ?? ''}\n${Buffer.from(packed, 'base64').toString('latin1')}`;
}

function plain(html: string): string {
  return html
    .replace(/&#(?:39|x27);/gi, "'")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');
}

/**
 * Whether the token endpoint takes our client: asked to redeem a code that nobody ever got. The answer `invalid_grant`
 * means that the client was believed.
 *
 * @param issuer - sent back as `iss` where the provider says that it does so (RFC 9207)
 */
export async function probeClient(
  provider: RedirectProvider,
  transaction: LoginTransaction,
  issuer: string | undefined,
): Promise<Probe> {
  const url = new URL(transaction.redirectUri);
  url.search = new URLSearchParams({
    code: 'portico-check',
    state: transaction.state,
    ...(issuer === undefined ? {} : { iss: issuer }),
  }).toString();
  try {
    // No browser brought it, and nobody can be signed in by it: the code is made up.
    await provider.redeem({ url, transaction } as ValidatedCallback);
  } catch (error) {
    return judge(error);
  }
  return { kind: 'refused', said: 'a code that was made up was accepted' };
}

function judge(error: unknown): Probe {
  if (!(error instanceof ProviderError)) throw error;
  const { entry, code } = error;
  if (entry?.wayOn === 'sign_in_refused' && entry.id !== 'invalid_request') return { kind: 'accepted' };
  if (entry?.wayOn === 'redirect_uri_mismatch' && entry.vendor === 'Any provider') return { kind: 'unknown' };
  if (code === 'invalid_client' || entry?.wayOn === 'redirect_uri_mismatch')
    return { kind: 'refused', entry, said: entry?.id ?? 'status 401' };
  if (code === 'provider_unreachable') throw error;
  return { kind: 'unknown' };
}
