/** One message between a page and the app in it. Both sides check origin and window before they read any of it. */
export interface Message {
  readonly portico: 1;
  /** `state` is what the two scripts tell each other; the rest is what the page and the app do. */
  readonly kind: 'event' | 'request' | 'reply' | 'state';
  /** Of a request, and of the reply to it. */
  readonly id?: number;
  /** Of an event, a request or a state. */
  readonly name?: string;
  readonly data?: unknown;
  /** In place of `data` in a reply, or the reason of a state. */
  readonly error?: string;
}

/** Names that are the scripts' own. */
export const RESERVED = 'portico:';

/** Whether somebody else's data is one of our messages; extra members are of no interest. */
export function isMessage(data: unknown): data is Message {
  if (typeof data !== 'object' || data === null) return false;
  const { portico, kind, id, name, error } = data as Record<keyof Message, unknown>;
  const named = typeof name === 'string' && name !== '';
  if (portico !== 1 || (error !== undefined && typeof error !== 'string')) return false;
  if (kind === 'event' || kind === 'state') return named;
  return Number.isSafeInteger(id) && (kind === 'reply' || (kind === 'request' && named));
}

/**
 * Hears the messages of one window of one origin. Other windows of that origin, and other pages in that window,
 * are not heard.
 *
 * @param peer - asked each time, because a frame's window may change
 * @param origin - exact; an opaque origin (`null`) never matches
 * @param is - whether it is one of the messages that `receive` takes
 * @returns ends it
 */
export function hear<T = Message>(
  own: Window,
  peer: () => Window | null | undefined,
  origin: string,
  receive: (message: T) => void,
  is: (data: unknown) => boolean = isMessage,
): () => void {
  const heard = (event: MessageEvent): void => {
    if (event.origin !== origin || event.source === null || event.source !== peer()) return;
    if (is(event.data)) receive(event.data);
  };
  own.addEventListener('message', heard);
  return () => own.removeEventListener('message', heard);
}
