import type { ApiSettings } from '../config/settings.ts';

const CALL = /^\/\.auth\/api\/([^/]+)(\/.*)?$/;

/** What of a path below `/.auth/api` names the API, and what goes on to it. */
interface CalledApi {
  readonly name: string;
  /** Begins with `/`, or is empty for the base URL itself. */
  readonly rest: string;
}

/** @param path - as the listener let it through: it reads the same way for everybody, without dot segments */
export function calledApi(path: string): CalledApi | undefined {
  const [, name, rest = ''] = CALL.exec(path) ?? [];
  return name === undefined ? undefined : { name, rest };
}

/** Path and query of a call at the API: always below the path of the declared URL, byte for byte what was asked. */
export function pathAtApi({ url }: ApiSettings, { rest }: CalledApi, query: string): string {
  const base = new URL(url).pathname.replace(/\/$/, '');
  return (base + rest || '/') + (query === '' ? '' : `?${query}`);
}

/**
 * Where a redirect of the API leads, for the app: within the declared URL it stays a call through the gateway, so that
 * a client which follows it needs no token. What leads elsewhere is the API's word, and not followed here.
 */
export function locationForApp({ name, url }: ApiSettings, location: string): string {
  const base = new URL(url);
  const inside = base.pathname.replace(/\/$/, '');
  const own = (path: string): boolean => path === inside || path.startsWith(`${inside}/`);
  const target = URL.parse(location, url.endsWith('/') ? url : `${url}/`);
  if (target === null || target.origin !== base.origin || !own(target.pathname)) return location;
  // Relative to the page that was asked: the client resolves it as it stands.
  if (!/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(location)) return location;
  return `/.auth/api/${name}${target.pathname.slice(inside.length)}${target.search}${target.hash}`;
}
