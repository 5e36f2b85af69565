import type { Credentials } from './credentials.ts';

type Body = Document | XMLHttpRequestBodyInit | null | undefined;

/** What the page hears of a request, which it must hear of one try only. */
const ANSWERS = ['readystatechange', 'progress', 'load', 'loadend'] as const;

/** `XMLHttpRequest` with the token on asynchronous requests that match and bring no `Authorization` of their own. */
export function bearingXhr(Original: typeof XMLHttpRequest, known: Credentials): typeof XMLHttpRequest {
  return class BearingXMLHttpRequest extends Original {
    #open: [method: string, url: string | URL, ...rest: unknown[]] | undefined;
    #headers: [string, string][] = [];
    #body: Body;
    #token: string | undefined;
    /** Changes with every `open` and `abort` of the page's, so that what was under way before it does nothing. */
    #turn = 0;
    #waiting = false;
    #retried = false;
    #held: Event[] = [];
    #silent = false;

    constructor() {
      super();
      // First of all listeners, so that a first try that is refused can be kept from the others.
      for (const name of ANSWERS) super.addEventListener(name, (event) => this.#hold(event));
    }

    override open(
      method: string,
      url: string | URL,
      async: boolean | undefined = true,
      ...rest: unknown[]
    ): void {
      this.#turn += 1;
      this.#waiting = false;
      this.#retried = false;
      this.#token = undefined;
      this.#headers = [];
      this.#held = [];
      this.#open = async && known.match(url) ? [method, url, async, ...rest] : undefined;
      Reflect.apply(super.open, this, [method, url, async, ...rest]);
    }

    override setRequestHeader(name: string, value: string): void {
      this.#refuseWhileWaiting();
      super.setRequestHeader(name, value);
      this.#headers.push([name, value]);
    }

    override send(body?: Body): void {
      this.#refuseWhileWaiting();
      const own = this.#headers.some(([name]) => name.toLowerCase() === 'authorization');
      if (!this.#open || own) {
        this.#open = undefined;
        super.send(body);
        return;
      }
      this.#body = body;
      void this.#bear(known.token(), this.#turn);
    }

    override abort(): void {
      this.#turn += 1;
      this.#waiting = false;
      this.#open = undefined;
      super.abort();
    }

    #refuseWhileWaiting(): void {
      if (this.#waiting) throw new DOMException('The request was sent already.', 'InvalidStateError');
    }

    async #bear(promise: Promise<string | undefined>, turn: number): Promise<void> {
      this.#waiting = true;
      // Without a token the request goes out as it is, and the answer says what is missing.
      const token = await promise.catch(() => undefined);
      if (turn !== this.#turn) return;
      this.#waiting = false;
      this.#token = token;
      if (token !== undefined) super.setRequestHeader('Authorization', `Bearer ${token}`);
      super.send(this.#body);
    }

    #hold(event: Event): void {
      if (this.#silent) return event.stopImmediatePropagation();
      const refused = this.status === 401 && this.#token !== undefined && this.readyState >= 2;
      if (!refused || this.#retried || !this.#open || !event.isTrusted) return;
      event.stopImmediatePropagation();
      if (this.readyState === 4) this.#held.push(event);
      if (event.type === 'loadend') void this.#retry(this.#token ?? '', this.#turn);
    }

    async #retry(refused: string, turn: number): Promise<void> {
      const newer = await known.renewed(refused);
      if (turn !== this.#turn || !this.#open) return;
      this.#retried = true;
      const held = this.#held.splice(0);
      if (newer === undefined) {
        for (const event of held) this.dispatchEvent(copyOf(event));
        return;
      }
      // The page has seen this request opened already.
      this.#silent = true;
      Reflect.apply(super.open, this, this.#open);
      this.#silent = false;
      for (const [name, value] of this.#headers) super.setRequestHeader(name, value);
      await this.#bear(Promise.resolve(newer), turn);
    }
  };
}

function copyOf(event: Event): Event {
  if (!(event instanceof ProgressEvent)) return new Event(event.type);
  const { type, lengthComputable, loaded, total } = event;
  return new ProgressEvent(type, { lengthComputable, loaded, total });
}
