import type { Link } from './bridge.ts';
import type { Message } from './messages.ts';
import type { HostSettings, Theme } from './settings.ts';

/** What Streamlit and the page around it tell each other; without this member it is somebody else's message. */
const VERSION = { stCommVersion: 1 } as const;

/** What Streamlit calls what it tells, and under which name the page's `on` hears the member of it. */
const TOLD: Readonly<Record<string, readonly [name: string, member: string]>> = {
  SET_PAGE_TITLE: ['title', 'title'],
  SET_QUERY_PARAM: ['query', 'queryParams'],
  SET_APP_PAGES: ['pages', 'appPages'],
  SET_CURRENT_PAGE_NAME: ['page', 'currentPageName'],
  UPDATE_HASH: ['hash', 'hash'],
  SCRIPT_RUN_STATE_CHANGED: ['script', 'scriptRunState'],
};

/** Under which name the page's `send` tells Streamlit something, what that calls it, and where the data goes. */
const TELL: Readonly<Record<string, readonly [type: string, member?: string]>> = {
  rerun: ['RERUN_SCRIPT'],
  stop: ['STOP_SCRIPT'],
  query: ['UPDATE_FROM_QUERY_PARAMS', 'queryParams'],
  hash: ['UPDATE_HASH', 'hash'],
  page: ['REQUEST_PAGE_CHANGE', 'pageScriptHash'],
  disabled: ['SET_INPUTS_DISABLED', 'disabled'],
};

const PREFIX = 'streamlit:';

/** A message of Streamlit. */
export type Said = Readonly<Record<string, unknown>>;

/** An app in the frame that speaks Streamlit's own host protocol. */
export interface Guest {
  /** Takes what the app said; where it came from was checked before. */
  receive(said: Said): void;
  /** The page's settings have changed. */
  update(): void;
  /** @returns whether the message was one for Streamlit itself */
  send(message: Message): boolean;
}

/** Streamlit's name of a theme of its own, or a theme out of colours (`CustomThemeConfig` of Streamlit). */
function themeMessage({ base, font, ...colours }: Theme): object {
  const isOwn = base !== undefined && font === undefined && Object.keys(colours).length === 0;
  const themeInfo = {
    ...colours,
    base: base === 'dark' ? 1 : 0,
    ...(font !== undefined && { bodyFont: font }),
  };
  return isOwn
    ? { themeName: base === 'dark' ? 'Dark' : 'Light', themeInfo }
    : { themeName: 'Portico', themeInfo };
}

/**
 * The page's end of Streamlit's host protocol. Of what it has, the token is left out: the app's session is a cookie of
 * the frame, and no script there ever has a token.
 *
 * @param place - where the frame is; the `portico-state` events around it tell of the script as well
 * @param link - its handlers hear of titles, pages and queries, under names that begin with `streamlit:`
 * @param post - to the frame, for the app's origin alone
 * @param settings - as they are now
 */
export function speakStreamlit(
  place: HTMLElement,
  link: Link,
  post: (message: object) => void,
  settings: () => HostSettings,
): Guest {
  const { host } = place.getRootNode() as ShadowRoot;
  let isReady = false;
  let waiting: object[] = [];
  let shown = '{}';
  let isFirstRun = true;

  const tell = (type: string, rest: object): void => {
    const message = { ...VERSION, type, ...rest };
    if (isReady) post(message);
    else waiting.push(message);
  };
  const update = (): void => {
    const { theme } = settings();
    const text = JSON.stringify(theme);
    if (isReady && text !== shown) tell('SET_CUSTOM_THEME_CONFIG', themeMessage(theme));
    if (isReady) shown = text;
  };

  const again = (): void => {
    shown = '{}';
    update();
  };

  return {
    update,
    receive(said) {
      const type = String(said['type']);
      if (type === 'GUEST_READY') {
        // Now it listens; another page in the frame begins as it is by itself.
        isReady = true;
        isFirstRun = true;
        again();
        for (const message of waiting) post(message);
        waiting = [];
      }
      const told = Object.hasOwn(TOLD, type) ? TOLD[type] : undefined;
      if (!told) return;
      const [name, member] = told;
      const value = said[member];
      if (name === 'script') {
        // With its first run Streamlit learns the theme of its own configuration, and drops ours for it.
        if (isReady && isFirstRun) again();
        if (isReady && value === 'notRunning') isFirstRun = false;
        const detail = { state: host.getAttribute('state'), script: value };
        host.dispatchEvent(new CustomEvent('portico-state', { detail, bubbles: true, composed: true }));
      }
      link.emit(PREFIX + name, value);
    },
    send({ kind, name = '', data }) {
      const known = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : '';
      const told = kind === 'event' && Object.hasOwn(TELL, known) ? TELL[known] : undefined;
      if (!told) return false;
      const [type, member] = told;
      tell(type, member === undefined ? {} : { [member]: data });
      return true;
    },
  };
}
