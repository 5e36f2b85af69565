import type { Link } from './bridge.ts';
import type { EmbedError } from './errors.ts';
import type { Gateway } from './gateway.ts';
import type { HostSettings } from './settings.ts';
import type { TokenSource } from './tokens.ts';

/** What the element shows, and says in its `portico-state` events. */
export type State = 'loading' | 'ready' | 'login_required' | 'error';

/** What the element gives to whatever draws an app, in a frame or in the page itself. */
export interface MountOptions {
  /** The page of the app that was asked for. */
  readonly url: URL;
  /** Where to draw: an empty element inside the shadow root of the custom element. */
  readonly place: HTMLElement;
  readonly gateway: Gateway;
  readonly tokens: TokenSource;
  /** The page's end of the bridge: attach it when the app listens. */
  readonly link: Link;
  /** As they are now. */
  readonly settings: () => HostSettings;
  /** An error with the remedy `sign_in` is shown as `login_required`. */
  readonly report: (state: 'loading' | 'ready' | EmbedError) => void;
  /** Aborted when the element goes away or begins anew: what is still under way is of no use then. */
  readonly signal: AbortSignal;
}

/** An app that is drawn. */
export interface Mounted {
  /** The settings have changed. */
  update(): void;
  /** The page has set another token. */
  renew(): void;
  /** The person signs out: the app's session and its sockets are over. @throws EmbedError */
  end(): Promise<void>;
  /** Takes everything back that was done to the page. */
  unmount(): void;
}
