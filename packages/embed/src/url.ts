/**
 * An http or https address, or nothing. No text at all is none: it would mean the page itself, which would get the
 * token then.
 */
export function urlOf(text: unknown, base?: string): URL | undefined {
  if (typeof text !== 'string' || text.trim() === '' || !URL.canParse(text, base)) return undefined;
  const url = new URL(text, base);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}

/** The name of an app where none was said: the first part of its path. */
export function appOf(url: URL): string {
  return decodeURIComponent(url.pathname.split('/')[1] ?? '');
}
