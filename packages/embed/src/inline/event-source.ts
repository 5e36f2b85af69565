import type { AppAddress } from './address.ts';

const RETRY_MS = 3000;
const HANDLED = ['open', 'message', 'error'] as const;
type Handlers = { [Name in (typeof HANDLED)[number]]?: ((event: Event) => unknown) | null };

/** The fields of one event in a stream, as the HTML standard reads them. */
interface Fields {
  event: string;
  data: string[];
}

/** `EventSource` by `fetch`, which can send a header. Addresses that are not the app's get the browser's own. */
export function bearingEventSource(
  Original: typeof EventSource,
  send: typeof fetch,
  match: AppAddress['own'],
): typeof EventSource {
  class FetchEventSource extends EventTarget {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSED = 2;
    readonly CONNECTING = 0;
    readonly OPEN = 1;
    readonly CLOSED = 2;
    readonly url: string;
    readonly withCredentials = false;
    readyState: 0 | 1 | 2 = 0;
    #lastId = '';
    #retry = RETRY_MS;
    readonly #life = new AbortController();
    readonly #handlers: Handlers = {};

    constructor(url: URL) {
      super();
      this.url = url.href;
      for (const name of HANDLED) {
        this.addEventListener(name, (event) => this.#handlers[name]?.call(this, event));
        Object.defineProperty(this, `on${name}`, {
          get: () => this.#handlers[name] ?? null,
          set: (handler: unknown) => {
            this.#handlers[name] = typeof handler === 'function' ? (handler as () => unknown) : null;
          },
        });
      }
      void this.#run();
    }

    close(): void {
      this.readyState = 2;
      this.#life.abort();
    }

    async #run(): Promise<void> {
      while (this.readyState !== 2) {
        const again = await this.#connect().catch(() => true);
        if (this.#life.signal.aborted) return;
        this.readyState = again ? 0 : 2;
        this.dispatchEvent(new Event('error'));
        if (again) await new Promise((resolve) => setTimeout(resolve, this.#retry));
      }
    }

    /** @returns whether to try again: what the server refuses is final, a connection that breaks is not */
    async #connect(): Promise<boolean> {
      const headers = { Accept: 'text/event-stream', ...(this.#lastId && { 'Last-Event-ID': this.#lastId }) };
      const { signal } = this.#life;
      const response = await send(this.url, { headers, signal, cache: 'no-store', credentials: 'omit' });
      const type = response.headers.get('content-type') ?? '';
      if (response.status !== 200 || !type.startsWith('text/event-stream') || !response.body) return false;
      this.readyState = 1;
      this.dispatchEvent(new Event('open'));
      const fields: Fields = { event: '', data: [] };
      for await (const line of lines(response.body)) this.#line(line, fields);
      return true;
    }

    #line(line: string, fields: Fields): void {
      if (line === '') {
        const { event, data } = fields;
        Object.assign(fields, { event: '', data: [] });
        if (data.length === 0) return;
        const init = { data: data.join('\n'), lastEventId: this.#lastId, origin: new URL(this.url).origin };
        this.dispatchEvent(new MessageEvent(event || 'message', init));
        return;
      }
      const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
      if (name === 'event') fields.event = value;
      else if (name === 'data') fields.data.push(value);
      else if (name === 'id' && !value.includes('\0')) this.#lastId = value;
      else if (name === 'retry' && /^\d+$/.test(value)) this.#retry = Number(value);
    }
  }

  return new Proxy(Original, {
    construct(target, [address, init]: [string | URL, EventSourceInit | undefined], as) {
      const url = match(address);
      return url ? new FetchEventSource(url) : Reflect.construct(target, [address, init], as);
    },
  });
}

/** Lines end with CR LF, LF or CR; what follows the last end is no line. */
export async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    // A CR at the end may be the first half of CR LF.
    const found = (done ? rest : rest.replace(/\r$/, '')).split(/\r\n|\n|\r/);
    const cut = found.pop() ?? '';
    rest = !done && rest.endsWith('\r') ? `${cut}\r` : cut;
    yield* found;
    if (done) return;
  }
}
