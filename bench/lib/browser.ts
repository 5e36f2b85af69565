import { request } from 'node:http';

interface Answer {
  readonly url: string;
  readonly status: number;
  readonly body: string;
}

/**
 * As much of a browser as a sign-in needs: it keeps cookies per origin and follows redirects. Not `fetch`, which says
 * `Sec-Fetch-Mode: cors`: gateways answer that with 401 and no sign-in.
 */
export class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  /** @returns the answer that is no redirect any more. */
  async open(start: string): Promise<Answer> {
    let url = new URL(start);
    for (let hops = 0; hops < 20; hops++) {
      const { status, location, body } = await this.#get(url);
      if (location === undefined) return { url: url.href, status, body };
      url = new URL(location, url);
    }
    throw new Error(`more than 20 redirects from ${start}`);
  }

  /** The Cookie header for an origin. */
  cookies(origin: string): string {
    return [...(this.#jars.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #get(url: URL): Promise<{ status: number; location: string | undefined; body: string }> {
    const cookie = this.cookies(url.origin);
    const headers = {
      accept: 'text/html',
      'sec-fetch-site': 'none',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      ...(cookie === '' ? {} : { cookie }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(url, { headers }, async (response) => {
        this.#keep(url.origin, response.headers['set-cookie'] ?? []);
        let body = '';
        for await (const chunk of response.setEncoding('utf8')) body += chunk;
        const { statusCode: status = 0 } = response;
        const redirect = status >= 300 && status < 400;
        resolve({ status, location: redirect ? response.headers.location : undefined, body });
      });
      sent.once('error', reject).end();
    });
  }

  #keep(origin: string, lines: readonly string[]): void {
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      const value = pair.slice(pair.indexOf('=') + 1);
      if (value === '' || attributes.some(isPast)) jar.delete(name);
      else jar.set(name, value);
    }
  }
}

function isPast(attribute: string): boolean {
  const [name = '', value = ''] = attribute.trim().split('=');
  if (name.toLowerCase() === 'max-age') return Number(value) <= 0;
  return name.toLowerCase() === 'expires' && Date.parse(value) < Date.now();
}
