import type { Bridge, Link, Messages } from '../bridge.ts';
import type { EmbedError } from '../errors.ts';
import { RESERVED } from '../messages.ts';
import { type HostSettings, isParameters, type Parameters, type Theme, themeOf } from '../settings.ts';

/** What the app finds as `window.portico`. */
export interface Portico<Sent extends object = Messages, Heard extends object = Messages>
  extends Bridge<Sent, Heard> {
  /** Whether a page around the app listens; undefined until that is known. */
  readonly embedded: boolean | undefined;
  /** Fulfilled when theme and parameters are there, or when it is known that no page is around the app. */
  readonly ready: Promise<void>;
  readonly parameters: Parameters;
  readonly theme: Theme;
  /** Calls `handler` now, and when the page changes them. @returns ends it */
  onParameters(handler: (parameters: Parameters) => unknown): () => void;
  /** Calls `handler` now, and when the page changes it. @returns ends it */
  onTheme(handler: (theme: Theme) => unknown): () => void;
}

/** `window.portico`, and what feeds it. */
export interface PorticoFeed {
  readonly portico: Portico;
  /** What the page said. */
  settings(data: unknown): void;
  /** No page is around the app: its messages go nowhere, and requests are answered at once. */
  alone(): void;
}

/** @param link - the app's end of the bridge */
export function createPortico(link: Link): PorticoFeed {
  let embedded: boolean | undefined;
  let current: HostSettings = { theme: {}, parameters: {} };
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const { bridge } = link;

  const watch = <Value>(name: 'theme' | 'parameters', handler: (value: Value) => unknown) => {
    if (embedded) handler(current[name] as Value);
    return bridge.on(RESERVED + name, (value) => handler(value as Value));
  };

  const portico: Portico = {
    ...bridge,
    get embedded() {
      return embedded;
    },
    get parameters() {
      return current.parameters;
    },
    get theme() {
      return current.theme;
    },
    ready,
    onParameters: (handler) => watch('parameters', handler),
    onTheme: (handler) => watch('theme', handler),
  };

  return {
    portico: Object.freeze(portico),
    settings(data) {
      const { theme, parameters } = (data ?? {}) as Partial<Record<keyof HostSettings, unknown>>;
      current = { theme: themeOf(theme), parameters: isParameters(parameters) ? parameters : {} };
      embedded = true;
      resolve();
      link.emit(`${RESERVED}theme`, current.theme);
      link.emit(`${RESERVED}parameters`, current.parameters);
    },
    alone() {
      embedded = false;
      link.attach(({ kind, id }) => {
        const error: EmbedError['reason'] = 'not_embedded';
        if (kind === 'request' && id !== undefined) link.receive({ portico: 1, kind: 'reply', id, error });
      });
      resolve();
    },
  };
}
