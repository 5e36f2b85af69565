/** An absolute http or https address, or nothing. */
export function urlOf(text: unknown, base?: string): URL | undefined {
  if (typeof text !== 'string' || !URL.canParse(text, base)) return undefined;
  const url = new URL(text, base);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}

/** The name of an app where none was said: the first part of its path. */
export function appOf(url: URL): string {
  return decodeURIComponent(url.pathname.split('/')[1] ?? '');
}
