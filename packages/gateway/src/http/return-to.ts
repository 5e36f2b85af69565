const UNSAFE = /[\u0000-\u0020\u007f\\]/;

/**
 * The page to come back to after sign-in, or `fallback`. Parsed as a URL when it is given and again when it is used
 * (security fact 7): only an own path survives, so a sign-in link can never send a person to another site.
 *
 * @param value - what the link or the sealed transaction says
 * @param origin - canonical origin of the host that was asked, from the configuration
 */
export function safeReturnTo(value: string | undefined | null, origin: string, fallback = '/'): string {
  if (!value || value.length > 4096 || !value.startsWith('/') || value.startsWith('//') || UNSAFE.test(value))
    return fallback;
  let url: URL;
  try {
    url = new URL(value, origin);
  } catch {
    return fallback;
  }
  if (url.origin !== new URL(origin).origin || url.username !== '' || url.password !== '') return fallback;
  if (url.pathname.startsWith('//') || url.pathname.startsWith('/.auth/login')) return fallback;
  return url.pathname + url.search + url.hash;
}

/** The same where the page may be written with our own origin in front, as the parameters of other gateways have it. */
export function safeOwnPage<T>(value: string | undefined | null, origin: string, fallback: T): string | T {
  const path = value?.startsWith(`${origin}/`) ? value.slice(origin.length) : value;
  const safe = safeReturnTo(path, origin, '');
  return safe === '' ? fallback : safe;
}
