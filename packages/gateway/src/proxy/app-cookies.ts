import type { Identity } from '../core/types.ts';
import { signedValue } from './signed-value.ts';

/** Cookies by which a framework knows who is there; they go to the app and never to a browser. */
export interface AppCookies {
  /** What a browser sends under these names is removed first. */
  readonly names: ReadonlySet<string>;
  /** `name=value` pairs. `now` in milliseconds since the epoch. */
  person(identity: Identity, now: number): string;
  /** The pairs of a request in nobody's name. */
  readonly nobody: string;
}

/** All that Panel's own sign-in keeps in cookies: `panel/auth.py` of Panel 1.9. */
const PANEL = new Set(['user', 'id_token', 'access_token', 'refresh_token', 'oauth_expiry', 'is_guest']);
/** Bytes of roles, further claims and groups. Bokeh copies the cookies into the page and into every WebSocket handshake. */
const LISTS = 1024;

/**
 * Fills `pn.state.user` and `pn.state.user_info` of an unmodified Panel app. Page scripts can read both, so there is
 * nothing in them that opens anything: claims of the person, and no token of the provider or of ours.
 *
 * @param secret - Panel's `cookie_secret`, derived for this one app
 */
export function panelCookies(secret: string): AppCookies {
  return {
    names: PANEL,
    person(identity, now) {
      const user = identity.user ?? identity.email ?? identity.subject;
      const signed = (name: string, value: string) => `${name}=${signedValue(secret, name, value, now)}`;
      return `${signed('user', user)}; ${signed('id_token', unsignedJwt(claims(identity, user)))}`;
    },
    nobody: 'is_guest=1',
  };
}

function claims(identity: Identity, user: string): Record<string, unknown> {
  const { issuer, subject, provider, email, name, roles, groups, claims: further = {} } = identity;
  const fits = (...parts: readonly object[]) => Buffer.byteLength(JSON.stringify(parts)) <= LISTS;
  return {
    // First, so that none of them takes the place of another.
    ...(fits(roles, further) ? further : { claims_overflow: true }),
    iss: issuer,
    sub: subject,
    user,
    ...(email === undefined ? {} : { email, email_verified: true }),
    ...(name === undefined ? {} : { name }),
    preferred_username: user,
    provider,
    ...(fits(roles) ? { roles } : { roles_overflow: true }),
    ...(fits(roles, further, groups) ? { groups } : { groups_overflow: true }),
  };
}

/** Panel reads the claims without a signature; the cookie around them has one (RFC 7519 section 6). */
function unsignedJwt(payload: Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(payload)}.`;
}

/**
 * The Cookie header for an app that is told who is there by cookies. Ours stand last, since servers that fold a name
 * differently from us let the last one win.
 */
export function withAppCookies(header: string, names: ReadonlySet<string>, pairs: string): string {
  const kept = header.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=');
    // Python's strip() takes away more than JavaScript's trim(): whatever is no letter at the edges does not count.
    const name = trimmed(equals < 0 ? pair : pair.slice(0, equals)).toLowerCase();
    const text = pair.trim();
    return text === '' || names.has(name) ? [] : [text];
  });
  return [...kept, pairs].filter((part) => part !== '').join('; ');
}

const LETTER = /\w/;

/** Written out: as a pattern, a long run of other signs within a name costs the square of its length (ReDoS). */
function trimmed(name: string): string {
  let start = 0;
  let end = name.length;
  while (start < end && !LETTER.test(name.charAt(start))) start++;
  while (end > start && !LETTER.test(name.charAt(end - 1))) end--;
  return name.slice(start, end);
}
