import type { Malformed } from './allow.ts';

/** A path pattern of a rule, compiled. Judges a decoded path below the app, never a query, fragment or header. */
export type PathPattern = (path: string) => boolean;

/**
 * Compiles `/exact`, `/x/*` (one segment, or part of one as in `/files/*.csv`) and `/admin/**` (it and all below).
 * Case-sensitive. One `*` per segment and `**` only at the end keep matching linear, so no request can make it slow.
 */
export function compilePattern(text: string): PathPattern | Malformed {
  const problem = problemOf(text);
  if (problem !== undefined) return problem;
  const deep = text.endsWith('/**');
  const source = (deep ? text.slice(0, -3) : text)
    .split('/')
    .map((segment) =>
      segment === '*' ? '[^/]+' : segment.replace(/[.+^${}()|[\]-]/g, '\\$&').replace('*', '[^/]*'),
    )
    .join('/');
  const expression = new RegExp(`^${source}${deep ? '(?:/.*)?' : ''}$`, 's');
  return (path) => expression.test(path);
}

function problemOf(text: string): Malformed | undefined {
  const say = (message: string, fix: string): Malformed => ({ message, fix });
  if (!text.startsWith('/')) return say(`the pattern "${text}" does not begin with /`, `Write /${text}.`);
  if (/[?#]/.test(text))
    return say(
      `the pattern "${text}" holds ? or #`,
      'Rules match the path alone; remove the query or fragment.',
    );
  if (text.includes('%'))
    return say(`the pattern "${text}" is percent-encoded`, 'Write the decoded characters.');
  if (/[\u0000-\u001f\u007f\\]/.test(text))
    return say('the pattern holds a control character or backslash', 'Remove it.');
  if (/\/(?:\.{1,2})?\//.test(text) || /\/\.{1,2}$/.test(text))
    return say(
      `the pattern "${text}" has an empty, "." or ".." segment`,
      'Write the path as an app would see it.',
    );
  const segments = text.slice(1).split('/');
  for (const [index, segment] of segments.entries()) {
    if (segment === '**' && index === segments.length - 1) continue;
    if (segment.includes('**'))
      return say(
        `in the pattern "${text}" the ** is not its last segment`,
        'Write ** only at the end: /admin/**.',
      );
    if (segment.indexOf('*') !== segment.lastIndexOf('*'))
      return say(`the pattern "${text}" has two * in one segment`, 'Use one * per segment.');
  }
  return undefined;
}

/** Dot segments, backslashes, control characters, and what is still encoded after decoding once. */
const UNSAFE = /[\u0000-\u001f\u007f\\]|%[0-9a-f]{2}|(?:^|\/)\.{1,2}(?:\/|$)/i;
const MORE_THAN_ONE_READING = /[?#;]|\/\/|.\/$/;

/**
 * The ways in which an app may read a path, relative to where the app lives; none when it must not be judged at all.
 *
 * Servers differ on repeated slashes, a slash at the end, `;parameters` and a decoded `?` or `#`. So a path has at most
 * two readings, as it stands and with all of that removed, and a rule set must allow both (security fact 14): neither
 * can a restricting rule be dodged nor a public one be stretched by a spelling.
 *
 * @param at - where the app lives: `/` or `/sales`
 * @param path - as on the wire, without query
 */
export function readingsOf(
  at: string,
  path: string,
): readonly [] | readonly [string] | readonly [string, string] {
  const decoded = decode(path);
  if (decoded === undefined || UNSAFE.test(decoded)) return [];
  const below = stripPrefix(at, decoded);
  if (below === undefined) return [];
  if (!MORE_THAN_ONE_READING.test(below)) return [below];
  const bare = below
    .replace(/[?#].*$/s, '')
    .replace(/;[^/]*/g, '')
    .replace(/\/{2,}/g, '/')
    .replace(/(.)\/$/s, '$1');
  // `/public/..;/admin` hides a dot segment behind a parameter.
  return UNSAFE.test(bare) ? [] : [below, bare === '' ? '/' : bare];
}

function decode(path: string): string | undefined {
  if (/[?#]|%2f/i.test(path)) return undefined;
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function stripPrefix(at: string, path: string): string | undefined {
  if (at === '/') return path.startsWith('/') ? path : undefined;
  if (!path.startsWith(at)) return undefined;
  const below = path.slice(at.length);
  if (below === '') return '/';
  return below.startsWith('/') ? below : undefined;
}
