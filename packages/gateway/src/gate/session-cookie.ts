/** Two session cookies: somebody tossed one in, and no rule says which is ours (security fact 8). */
export const DUPLICATE = Symbol('duplicate session cookie');

/**
 * The value of the session cookie. Written for the path of every request: no list of cookies is made.
 *
 * @param header - the Cookie header
 */
export function sessionCookie(
  header: string | undefined,
  name: string,
): string | undefined | typeof DUPLICATE {
  if (header === undefined) return undefined;
  const key = `${name}=`;
  let found: string | undefined;
  for (let at = header.indexOf(key); at >= 0; at = header.indexOf(key, at + key.length)) {
    if (!beginsPair(header, at)) continue;
    const end = header.indexOf(';', at);
    if (found !== undefined) return DUPLICATE;
    found = header.slice(at + key.length, end < 0 ? header.length : end).trim();
  }
  return found;
}

/** Only `;` separates: an app may set a cookie whose value holds a space and our name. */
function beginsPair(header: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && (header[before] === ' ' || header[before] === '\t')) before--;
  return before < 0 || header[before] === ';';
}
