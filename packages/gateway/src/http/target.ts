/**
 * Policy and app must see the same path (security fact 14). Rather than normalising and hoping that the app
 * normalises alike (CVE-2026-40912), a path that could be read in two ways is refused.
 */

/**
 * Backslash, `#`, `?`, space, control and non-ASCII bytes, and an empty segment, which some servers drop. The one exception is
 * an embedded URL of Gradio (`/gradio_api/proxy=https://…`, `file=https://…`).
 */
const AMBIGUOUS = /[^\x21-\x7e]|[\\#?]|\/\/(?<!=https?:\/\/)/;
/** Encoded slash, backslash, dot, control byte or DEL, and a percent sign that begins no escape. */
const AMBIGUOUS_ESCAPE = /%(?:2[fFeE]|5[cC]|[01][0-9a-fA-F]|7[fF]|(?![0-9a-fA-F]{2}))/;
/** In a decoded path: double encoding, also when only its second half was encoded, as in `%25%32%66`. */
const ESCAPE = /%[0-9a-fA-F]{2}/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$|;)/;
const QUERY_REFUSED = /[^\x21-\x7e]|#/;

/** True when every server reads this path the same way. `path` begins with `/` and has no query. */
export function isUnambiguousPath(path: string): boolean {
  if (path.charCodeAt(0) !== 47 || AMBIGUOUS.test(path) || DOT_SEGMENT.test(path)) return false;
  if (!path.includes('%')) return true;
  if (AMBIGUOUS_ESCAPE.test(path)) return false;
  try {
    // Throws on overlong and otherwise invalid UTF-8 (RFC 3629 section 3).
    return !ESCAPE.test(decodeURIComponent(path));
  } catch {
    return false;
  }
}

/** True when the query ends where every server thinks so: only visible ASCII, and no `#`. */
export function isCleanQuery(query: string): boolean {
  return !QUERY_REFUSED.test(query);
}
