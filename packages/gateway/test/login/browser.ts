import { expect } from 'vitest';

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** As much of a browser as sign-in needs: cookies with paths, redirects, forms. */
export class Browser {
  cookies: Cookie[] = [];
  /** Every URL that was asked for, in order. */
  readonly visited: string[] = [];

  cookie(prefix: string): Cookie[] {
    return this.cookies.filter(({ name }) => name.startsWith(prefix));
  }

  /** One request, no redirect followed. */
  async fetch(
    url: string,
    init: { method?: string; body?: string; headers?: Record<string, string> } = {},
  ): Promise<Page> {
    const { pathname } = new URL(url);
    this.visited.push(url);
    const cookie = this.cookies
      .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(init.method === 'POST'
          ? {
              origin: new URL(url).origin,
              'content-type': 'application/x-www-form-urlencoded',
              'sec-fetch-site': 'same-origin',
            }
          : {}),
        ...init.headers,
      },
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return { url, status: response.status, headers: response.headers, body: await response.text() };
  }

  /** Follows redirects until there is a page, or until a URL that `until` picks is about to be asked. */
  async go(
    url: string,
    until: (next: string) => boolean = () => false,
    init: { method?: string; body?: string } = {},
  ): Promise<Page> {
    let page = await this.fetch(url, init);
    for (let hops = 0; hops < 12; hops++) {
      const location = page.headers.get('location');
      if (page.status < 300 || page.status >= 400 || location === null) return page;
      const next = new URL(location, page.url).href;
      if (until(next)) return { ...page, url: next };
      page = await this.fetch(next);
    }
    throw new Error('too many redirects');
  }

  /** Submits the first form of the page with the button of this name and value. */
  submit(page: Page, fields: Record<string, string>, until?: (next: string) => boolean): Promise<Page> {
    const action = /<form[^>]* action="([^"]+)"/.exec(page.body)?.[1];
    if (action === undefined)
      throw new Error(`no form on ${page.url}: ${page.status} ${page.body.slice(0, 300)}`);
    const hidden = [...page.body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, k, v]): [string, string] => [k ?? '', v ?? ''],
    );
    const body = new URLSearchParams([...hidden, ...Object.entries(fields)]).toString();
    return this.go(new URL(action, page.url).href, until, { method: 'POST', body });
  }

  /** The whole way from a protected page to the callback's answer; returns where it ended. */
  async signIn(
    origin: string,
    persona: string,
    returnTo = '/',
    until?: (next: string) => boolean,
  ): Promise<Page> {
    const page = await this.go(`${origin}/.auth/login?return_to=${encodeURIComponent(returnTo)}`);
    return this.submit(page, { persona }, until);
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    const attribute = (wanted: string): string | undefined =>
      attributes.find((a) => a.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const path = attribute('path') ?? '/';
    this.cookies = this.cookies.filter((cookie) => cookie.name !== name || cookie.path !== path);
    const gone =
      attribute('max-age') === '0' ||
      (attribute('expires') !== undefined && Date.parse(attribute('expires') ?? '') < Date.now());
    if (!gone) this.cookies.push({ name, value, path });
  }
}

export const isCallback = (url: string): boolean => url.includes('/callback?');

/** The URL with other parameters. */
export function changed(url: string, change: (params: URLSearchParams) => void): string {
  const copy = new URL(url);
  change(copy.searchParams);
  return copy.href;
}

/** Signs in up to the callback, which is not asked yet. */
export async function callbackFor(
  who: Browser,
  origin: string,
  persona = 'ada',
  returnTo = '/',
): Promise<string> {
  return (await who.signIn(origin, persona, returnTo, isCallback)).url;
}

export const hasSession = (who: Browser): boolean => who.cookies.some(({ name }) => name === 'portico');

/** The page of a sign-in that failed, with a way to start again and without a session. */
export async function expectRefused(who: Browser, page: Page, status = 400): Promise<void> {
  expect(page.status).toBe(status);
  expect(page.body).toContain('Start again');
  expect(hasSession(who)).toBe(false);
}
