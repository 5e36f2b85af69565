import { parseCookies } from '../http/cookies.ts';

/**
 * The value of a cookie that is there exactly once. Two of one name mean that somebody tossed one in, from a
 * subdomain or over plain http, and no rule says which is ours: neither is believed (security fact 8).
 */
export function singleCookie(header: string | undefined, name: string): string | undefined {
  const values = parseCookies(header).filter(([candidate]) => candidate === name);
  return values.length === 1 ? values[0]?.[1] : undefined;
}
