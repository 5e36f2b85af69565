import type { Credentials } from './credentials.ts';

const EVENTS = ['open', 'message', 'error', 'close'] as const;
type Handlers = { [Name in (typeof EVENTS)[number]]?: ((event: Event) => unknown) | null };

/**
 * `WebSocket` that asks for a ticket first: a browser cannot send a header with a WebSocket, and a token must not stand
 * in an address. What does not match is an ordinary WebSocket.
 */
export function bearingWebSocket(Original: typeof WebSocket, known: Credentials): typeof WebSocket {
  class TicketWebSocket extends EventTarget {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    readonly CONNECTING = 0;
    readonly OPEN = 1;
    readonly CLOSING = 2;
    readonly CLOSED = 3;

    readonly url: string;
    #socket: WebSocket | undefined;
    #state: 0 | 2 | 3 = 0;
    #binaryType: BinaryType = 'blob';
    readonly #handlers: Handlers = {};

    constructor(url: URL, protocols: string | string[] | undefined) {
      super();
      this.url = url.href.replace(/^http/, 'ws');
      for (const name of EVENTS) {
        this.addEventListener(name, (event) => this.#handlers[name]?.call(this, event));
        Object.defineProperty(this, `on${name}`, {
          get: () => this.#handlers[name] ?? null,
          set: (handler: unknown) => {
            this.#handlers[name] = typeof handler === 'function' ? (handler as () => unknown) : null;
          },
        });
      }
      known.ticket(url).then(
        (ticket) => this.#connect(ticket, protocols),
        () => this.#fail(),
      );
    }

    get readyState(): number {
      return this.#socket?.readyState ?? this.#state;
    }

    get protocol(): string {
      return this.#socket?.protocol ?? '';
    }

    get extensions(): string {
      return this.#socket?.extensions ?? '';
    }

    get bufferedAmount(): number {
      return this.#socket?.bufferedAmount ?? 0;
    }

    get binaryType(): BinaryType {
      return this.#binaryType;
    }
    set binaryType(value: BinaryType) {
      this.#binaryType = value;
      if (this.#socket) this.#socket.binaryType = value;
    }

    send(data: string | Blob | BufferSource): void {
      if (this.#socket) return this.#socket.send(data);
      if (this.#state === 0) throw new DOMException('Still in CONNECTING state.', 'InvalidStateError');
    }

    close(code?: number, reason?: string): void {
      if (this.#socket) return this.#socket.close(code, reason);
      if (this.#state !== 0) return;
      this.#state = 2;
      queueMicrotask(() => this.#fail());
    }

    #connect(ticket: string, protocols: string | string[] | undefined): void {
      if (this.#state !== 0) return;
      const url = new URL(this.url);
      url.searchParams.set('portico_ticket', ticket);
      const socket = new Original(url, protocols);
      this.#socket = socket;
      socket.binaryType = this.#binaryType;
      for (const name of EVENTS) socket.addEventListener(name, (event) => this.dispatchEvent(copyOf(event)));
    }

    #fail(): void {
      if (this.#state === 3) return;
      this.#state = 3;
      this.dispatchEvent(new Event('error'));
      this.dispatchEvent(new CloseEvent('close', { code: 1006, wasClean: false }));
    }
  }

  return new Proxy(Original, {
    construct(target, [address, protocols]: [string | URL, string | string[] | undefined], as) {
      const url = known.match(address);
      // A constructor may give back another object than its own.
      return url ? new TicketWebSocket(url, protocols) : Reflect.construct(target, [address, protocols], as);
    },
  });
}

function copyOf(event: Event): Event {
  if (event instanceof MessageEvent)
    return new MessageEvent('message', { data: event.data, origin: event.origin });
  if (event instanceof CloseEvent) {
    const { code, reason, wasClean } = event;
    return new CloseEvent('close', { code, reason, wasClean });
  }
  return new Event(event.type);
}
