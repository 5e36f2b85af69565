import { CookieNames } from '../http/cookies.ts';
import { headerName } from '../http/header-names.ts';
import type { AppResponseHead } from './response-head.ts';

/** Where the app is for the browser and where it is for us; a redirect of the app must not lead to the latter. */
export interface Place {
  /** Canonical origin, e.g. `https://apps.example.com`. */
  readonly origin: string;
  /** e.g. `http://127.0.0.1:41234` */
  readonly upstreamOrigin: string;
  /** Own cookies that begin so may be set: only by the embedded development provider, whose they are. */
  readonly ownCookies?: string;
}

/**
 * Headers of an app's answer as the browser gets them.
 *
 * @param keepLength - the body goes on with the same length
 */
export function responseHeaders(head: AppResponseHead, place: Place, keepLength: boolean): string[] {
  const result: string[] = [];
  let shared = false;
  for (let i = 0; i < head.headers.length; i += 2) {
    const raw = head.headers[i] as string;
    const value = head.headers[i + 1] as string;
    const name = headerName(raw);
    if (name === undefined || name.kind === 'hop') continue;
    if (head.nominated?.includes(name.lower)) continue;
    switch (name.lower) {
      case 'content-length':
        if (keepLength && !shared) result.push(raw, value);
        shared ||= keepLength;
        break;
      case 'set-cookie': {
        // An app that sets a cookie under our name could fix a session or sign people out (security fact 10).
        const equals = value.indexOf('=');
        const cookie = value.slice(0, equals < 0 ? value.length : equals).trim();
        const allowed = place.ownCookies !== undefined && cookie.startsWith(place.ownCookies);
        if (allowed || !CookieNames.reserved(cookie)) result.push(raw, value);
        break;
      }
      case 'access-control-allow-origin':
      case 'access-control-allow-credentials':
        // Bokeh and Gradio answer any origin; what is behind sign-in is for this site's own pages.
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
  return result;
}

function ownLocation(value: string, place: Place): string {
  if (!value.startsWith(place.upstreamOrigin)) return value;
  const rest = value.slice(place.upstreamOrigin.length);
  return rest === '' || rest.startsWith('/') || rest.startsWith('?') ? place.origin + rest : value;
}
