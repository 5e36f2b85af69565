import { GatewayError } from '../core/errors.ts';
import { isObject } from '../core/object.ts';
import { oidcError } from './errors/provider-error.ts';
import type { SafeFetch } from './safe-fetch.ts';

/** Pages of a hundred; whoever is in more groups than that keeps the first thousand. */
const MAX_PAGES = 10;

interface ApiSettings {
  /** Name of the provider, for errors. */
  readonly name: string;
  readonly accessToken: string;
  readonly fetch: SafeFetch;
  readonly headers?: Readonly<Record<string, string>>;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** A vendor's own API, asked with the access token that a sign-in has just brought (RFC 6750 section 2.1). */
export class Api {
  readonly #settings: ApiSettings;

  constructor(settings: ApiSettings) {
    this.#settings = settings;
  }

  /**
   * A JSON object at a URL.
   *
   * @throws GatewayError `provider_unreachable` (502) when the API is down, limits requests or answers no JSON;
   * `sign_in_refused` (403) when it does not accept the token.
   */
  async get(url: string): Promise<JsonObject> {
    const found = await this.find(url);
    if (found === undefined) throw this.#refused(`GET ${url} is not permitted to this token`);
    if (!isObject(found)) throw this.#unreachable(url, 'answers something else than an object');
    return found;
  }

  /** JSON at a URL, or `undefined` where the token's scope does not reach (403, 404). */
  async find(url: string): Promise<unknown> {
    const response = await this.#ask(url);
    const { status, headers } = response;
    if (status === 401) throw this.#refused(`GET ${url} does not accept the token`);
    if (status === 429 || (status === 403 && isRateLimit(headers)))
      throw this.#unreachable(url, `limits requests (${status})`);
    if (status === 403 || status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    if (status !== 200) throw this.#unreachable(url, `answers ${status}`);
    const type = headers.get('content-type') ?? 'no content type';
    if (!/^application\/([\w.-]+\+)?json\b/i.test(type))
      throw this.#unreachable(url, `answers ${type.slice(0, 60)}, not JSON`);
    try {
      return await response.json();
    } catch (error) {
      throw oidcError(
        this.#settings.name,
        `GET ${url}`,
        new TypeError('the answer cannot be read', { cause: error }),
      );
    }
  }

  /**
   * The entries of a list that comes in pages, as far as the cap; empty where the token's scope does not reach.
   *
   * @param read - takes a page apart; `next` is missing on the last one
   */
  async list(url: string, read: (body: unknown) => Page): Promise<JsonObject[]> {
    const { origin } = new URL(url);
    const entries: JsonObject[] = [];
    let next: string | undefined = url;
    for (let page = 0; page < MAX_PAGES && next !== undefined; page++) {
      const body = await this.find(next);
      if (body === undefined) break;
      const { values, next: following } = read(body);
      if (!Array.isArray(values)) throw this.#unreachable(next, 'answers something else than a list');
      entries.push(...values.filter(isObject));
      // The token goes along, so no answer may lead it to another host.
      if (following !== undefined && URL.parse(following)?.origin !== origin)
        throw this.#unreachable(next, 'names a next page that is elsewhere');
      next = following;
    }
    return entries;
  }

  async #ask(url: string): Promise<Response> {
    const { name, accessToken, fetch, headers } = this.#settings;
    try {
      return await fetch(url, {
        headers: {
          accept: 'application/json',
          'user-agent': 'portico',
          ...headers,
          authorization: `Bearer ${accessToken}`,
        },
      });
    } catch (error) {
      throw oidcError(name, `GET ${url}`, error);
    }
  }

  #unreachable(url: string, why: string): GatewayError {
    return new GatewayError(
      'provider_unreachable',
      502,
      `provider "${this.#settings.name}": GET ${url} ${why}`,
      {
        publicMessage: 'The sign-in service does not answer as it should.',
        publicHint: 'Try again in a minute. People who are already signed in are not affected.',
      },
    );
  }

  #refused(why: string): GatewayError {
    return new GatewayError('sign_in_refused', 403, `provider "${this.#settings.name}": ${why}`, {
      publicMessage: 'The sign-in service does not tell this site who you are.',
      publicHint: 'Start again and grant what is asked for, or use another account.',
    });
  }
}

export interface Page {
  readonly values: unknown;
  readonly next: string | undefined;
}

/** RFC 6585 section 4 and RFC 9110 section 10.2.3; GitHub says it with a header of its own. */
function isRateLimit(headers: Headers): boolean {
  return headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0';
}
