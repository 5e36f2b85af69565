import type { Upstream } from '../core/types.ts';
import { CookieNames } from '../http/cookies.ts';
import { headerName } from '../http/header-names.ts';
import { type AnswerRules, withRules } from './answer-rules.ts';
import type { AppResponseHead } from './response-head.ts';

/** Where the app is for the browser and where it is for us; a redirect of the app must not lead to the latter. */
export interface Place {
  /** Canonical origin, e.g. `https://apps.example.com`. */
  readonly origin: string;
  /** e.g. `http://127.0.0.1:41234` */
  readonly upstreamOrigin: string;
  /** Own cookies that begin so may be set: only by the embedded development provider, whose they are. */
  readonly ownCookies?: string;
  /** For an app that other sites' pages may show or read. */
  readonly rules?: AnswerRules | undefined;
}

/** As an app would write it in a redirect. */
export function upstreamOrigin({ hostname, port }: Upstream): string {
  return `http://${hostname.includes(':') ? `[${hostname}]` : hostname}${port === 80 ? '' : `:${port}`}`;
}

/**
 * Headers of an app's answer as the browser gets them.
 *
 * @param keepLength - the body goes on with the same length, or with `inserted` bytes more
 */
export function responseHeaders(
  head: AppResponseHead,
  place: Place,
  keepLength: boolean,
  inserted = 0,
): string[] {
  const result: string[] = [];
  let lengthSaid = false;
  for (let i = 0; i < head.headers.length; i += 2) {
    const raw = head.headers[i] as string;
    const value = head.headers[i + 1] as string;
    const name = headerName(raw);
    if (name === undefined || name.kind === 'hop') continue;
    if (head.nominated?.includes(name.lower)) continue;
    switch (name.lower) {
      case 'content-length':
        // Not with 204 (RFC 9110 section 8.6); the same length twice is said once.
        if (keepLength && !lengthSaid && head.status !== 204) result.push(raw, value);
        lengthSaid = true;
        break;
      case 'set-cookie': {
        // An app that sets a cookie under our name could fix a session or sign people out (security fact 10).
        const cookie = cookieName(value);
        const allowed = place.ownCookies !== undefined && cookie.startsWith(place.ownCookies);
        if (allowed || !CookieNames.reserved(cookie)) result.push(raw, value);
        break;
      }
      case 'access-control-allow-origin':
      case 'access-control-allow-credentials':
      case 'access-control-allow-headers':
      case 'access-control-allow-methods':
      case 'access-control-allow-private-network':
      case 'access-control-expose-headers':
      case 'access-control-max-age':
        // Bokeh and Gradio answer any origin; who may read what is behind sign-in, only the configuration says.
        break;
      case 'location':
        result.push(raw, ownLocation(value, place));
        break;
      case 'clear-site-data':
        // An app must not sign people out of the gateway.
        break;
      default:
        result.push(raw, value);
    }
  }
  return place.rules === undefined || head.status < 200 ? result : withRules(result, place.rules, inserted);
}

/** Trailer fields that would decide something had they come in time (RFC 9110 section 6.5.1), towards either side. */
const NO_TRAILER =
  /^(?:authorization|www-authenticate|cookie|set-cookie|host|location|content-(?:length|type|encoding|range)|cache-control|clear-site-data|access-control-.*)$/;

/** Trailers that may go on, either way. Some servers merge them into the headers, so identity is stripped there too. */
export function honestTrailers(trailers: readonly string[]): readonly string[] {
  if (trailers.length === 0) return trailers;
  const kept: string[] = [];
  for (let i = 0; i < trailers.length; i += 2) {
    const raw = trailers[i] as string;
    const name = headerName(raw);
    if (name?.kind === 'plain' && !NO_TRAILER.test(name.lower)) {
      kept.push(raw, trailers[i + 1] as string);
    }
  }
  return kept;
}

/** The name under which a browser keeps it: with an empty one, what the value looks like (RFC 6265bis section 5.7). */
function cookieName(setCookie: string): string {
  const pair = setCookie.split(';', 1)[0] as string;
  return pair.trim().replace(/^=\s*/, '').split('=', 1)[0]?.trim() ?? '';
}

function ownLocation(value: string, place: Place): string {
  const { upstreamOrigin } = place;
  if (value.slice(0, upstreamOrigin.length).toLowerCase() !== upstreamOrigin) return value;
  const rest = value.slice(upstreamOrigin.length);
  return rest === '' || /^[/?#]/.test(rest) ? place.origin + rest : value;
}
