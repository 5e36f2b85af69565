/**
 * Cookies of the gateway. On https they carry the `__Host-` prefix (RFC 6265bis section 4.1.3.2), which binds them to
 * one host and path `/`; plain loopback http cannot have the prefix, since it demands `Secure`.
 */
export class CookieNames {
  readonly session: string;
  /** A login transaction's cookie is this prefix and the transaction's own suffix: two tabs, two cookies. */
  readonly loginPrefix: string;
  /** An app's name after it: the cookie of its sessions inside other sites' pages. */
  readonly embedPrefix: string;
  /** Where to go once the provider has signed somebody out. */
  readonly afterLogout: string;
  readonly secure: boolean;

  constructor(secure: boolean) {
    this.secure = secure;
    this.session = secure ? '__Host-portico' : 'portico';
    this.loginPrefix = `${this.session}-login-`;
    this.embedPrefix = `${this.session}-embed-`;
    this.afterLogout = `${this.session}-after-logout`;
  }

  /** True for every name that is ours, in either form: such a cookie never reaches an app, nor may an app set it. */
  static reserved(name: string): boolean {
    const bare = name.toLowerCase().replace(/^__(host|secure)-/, '');
    return bare === 'portico' || bare.startsWith('portico-');
  }
}

/** The `name=value` pairs of a Cookie header in order, duplicates kept: whoever reads one name decides about those. */
export function parseCookies(header: string | undefined): [name: string, value: string][] {
  if (!header) return [];
  const pairs: [string, string][] = [];
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0) pairs.push([part.slice(0, equals).trim(), part.slice(equals + 1).trim()]);
  }
  return pairs;
}

/**
 * A `Set-Cookie` value with the safe attributes. `maxAge` in seconds; 0 deletes, with matching attributes.
 *
 * `inFrames` is for a frame in another site's page. `Partitioned` (CHIPS) keeps a jar of its own for each site around it, which
 * browsers allow where they block third-party cookies; it demands `Secure`, so on plain loopback http such a cookie is an
 * ordinary one, good in frames of the same site only.
 */
export function setCookie(
  name: string,
  value: string,
  options: { secure: boolean; maxAge: number; inFrames?: boolean },
): string {
  const { secure, maxAge, inFrames = false } = options;
  const site = inFrames && secure ? 'None; Partitioned' : 'Lax';
  return `${name}=${value}; Path=/; HttpOnly; SameSite=${site}; Max-Age=${Math.floor(maxAge)}${secure ? '; Secure' : ''}`;
}
