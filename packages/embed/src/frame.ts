import type { Post } from './bridge.ts';
import { EmbedError, toEmbedError } from './errors.ts';
import { hear } from './messages.ts';
import type { Mounted, MountOptions } from './mount.ts';
import { EmbeddedSession } from './session.ts';
import type { Guest, Said } from './streamlit.ts';

export interface FrameOptions extends MountOptions {
  /** An address with a one-time code, which the page's server asked for. */
  readonly start?: URL | undefined;
  /** The frame's `title`, for people who do not see it. */
  readonly label: string;
  /** The frame's `allow`: which features of the browser the app may use. */
  readonly allow: string;
  /** A CSS length, or `auto`: as high as the app says it is. */
  readonly height: string;
}

const LOAD_MS = 60_000;
/** After the frame has loaded, how long its script may take to say that it is not what was asked for. */
const GRACE_MS = 100;
/** A sign-in that is lost again at once is not tried for ever: a browser may refuse the cookie. */
const RECOVER_EVERY_MS = 30_000;
const HIGHEST_PX = 50_000;

/** Draws an app in a frame with a session of its own. @throws EmbedError */
export async function mountFrame(options: FrameOptions): Promise<Mounted> {
  const { url, place, link, tokens, report, settings, signal } = options;
  const frame = document.createElement('iframe');
  const tell = (message: object): void => frame.contentWindow?.postMessage(message, url.origin);
  const post: Post = (message) => guest?.send(message) || tell(message);
  let guest: Guest | undefined;
  let load: ReturnType<typeof setTimeout> | undefined;
  let recovered = Number.NEGATIVE_INFINITY;
  let phase: 'loading' | 'ready' | 'broken' = 'loading';

  const settle = (state: 'ready' | EmbedError): void => {
    clearTimeout(load);
    phase = state === 'ready' ? state : 'broken';
    if (state !== 'ready') link.attach();
    if (!signal.aborted) report(state);
  };

  const go = (start: URL): void => {
    start.searchParams.set('return_to', url.pathname + url.search);
    clearTimeout(load);
    load = setTimeout(() => settle(new EmbedError('timeout', 'The app did not load.', 'wait')), LOAD_MS);
    frame.src = start.href;
  };

  const open = async (renew: boolean): Promise<void> => {
    const start = options.start ?? (await session?.open(renew));
    if (start && !signal.aborted) go(start);
  };

  const again = (renew: boolean): void => {
    phase = 'loading';
    link.attach();
    report('loading');
    open(renew).catch((error) => settle(toEmbedError(error)));
  };

  const lost = (error: EmbedError): void => {
    const soon = performance.now() - recovered < RECOVER_EVERY_MS;
    if (signal.aborted) return;
    if (soon || !session || error.reason.startsWith('token_')) return settle(error);
    recovered = performance.now();
    // A token that the page set may be another person's by now, who has no session yet.
    again(tokens.provider !== undefined);
  };
  const session = options.start ? undefined : new EmbeddedSession(options.gateway, tokens, lost);

  link.onState = (name, data, reason) => {
    if (name === 'ready') {
      link.attach(post);
      link.state('host', settings());
      settle('ready');
    } else if (name === 'closed') {
      link.attach();
    } else if (name === 'height' && options.height === 'auto') {
      if (typeof data === 'number' && data > 0) frame.style.height = `${Math.min(data, HIGHEST_PX)}px`;
    } else if (name === 'login_required') {
      lost(new EmbedError(reason ?? 'session_missing', 'The app’s session is not there.', 'sign_in'));
    } else if (name === 'error') {
      settle(new EmbedError(reason ?? 'failed', 'The app cannot be shown.'));
    }
  };
  const peer = () => frame.contentWindow;
  const deaf = hear(window, peer, url.origin, link.receive);
  const heard = async (said: Said): Promise<void> => {
    const { speakStreamlit } = await import('./streamlit.ts');
    guest ??= speakStreamlit(place, link, tell, settings);
    guest.receive(said);
  };
  const deafToStreamlit = hear(
    window,
    peer,
    url.origin,
    heard,
    (data) => (data as Said | null)?.['stCommVersion'] === 1,
  );

  const unmount = (): void => {
    clearTimeout(load);
    deaf();
    deafToStreamlit();
    link.attach();
    session?.stop();
    frame.remove();
  };

  try {
    await open(false);
    signal.throwIfAborted();
  } catch (error) {
    unmount();
    throw error;
  }
  frame.title = options.label;
  frame.allow = options.allow;
  // The page's address may hold what is not the app's business.
  frame.referrerPolicy = 'origin';
  frame.part.add('frame');
  if (options.height !== 'auto') frame.style.height = options.height;
  frame.addEventListener('load', () => setTimeout(() => phase === 'loading' && settle('ready'), GRACE_MS));
  place.replaceChildren(frame);

  return {
    update() {
      link.state('host', settings());
      guest?.update();
    },
    renew() {
      if (phase === 'broken') again(false);
      else void session?.renew();
    },
    end: async () => {
      await session?.end();
    },
    unmount,
  };
}
