import type { EmbedError } from './errors.ts';

const STYLE = `
:host { display: block; position: relative; min-height: 4rem; }
:host([hidden]) { display: none; }
[hidden] { display: none !important; }
.waiting { position: absolute; width: 100%; height: 0; overflow: hidden; visibility: hidden; }
iframe { display: block; width: 100%; height: 40rem; border: 0; }
.message { display: grid; gap: 0.75rem; place-items: center; align-content: center; min-height: 8rem; padding: 1rem;
  box-sizing: border-box; font: 1rem/1.5 system-ui, sans-serif; text-align: center; }
p { margin: 0; max-width: 32rem; }
small { opacity: 0.75; }
button { font: inherit; padding: 0.4rem 1rem; cursor: pointer; }
`;

const TEXTS: Readonly<Record<string, string>> = {
  bad_src: 'This page names no app that could be shown.',
  forbidden: 'You may not open this app.',
  session_missing: 'The app could not keep your sign-in. The browser may be blocking its cookie.',
  signed_out: 'You are signed out.',
  timeout: 'The app takes too long to answer.',
  unavailable: 'The app is not available just now.',
  unreachable: 'The app cannot be reached, or does not allow being shown on this page.',
};

/** What the element draws around the app. The page may put its own content into the slots. */
export interface View {
  /** Where the app goes. */
  readonly place: HTMLElement;
  show(state: 'loading' | 'ready' | EmbedError): void;
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** @param again - the person wants another try */
export function createView(root: ShadowRoot, again: () => void): View {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const loading = element('slot', { name: 'loading' }, element('p', { textContent: 'Loading…' }));
  const text = element('p', {});
  const code = element('small', {});
  const retry = element('button', { type: 'button', onclick: again });
  retry.part.add('button');
  // Two slots, because a page often has its own way to sign in and seldom its own words for an outage.
  const problem = element('slot', {});
  const message = element('div', { className: 'message', role: 'status' }, loading, problem);
  message.part.add('message');
  const place = element('div', {});
  root.replaceChildren(place, message);

  return {
    place,
    show(state) {
      const wrong = typeof state === 'string' ? undefined : state;
      // An app that is not drawn at all would measure itself as nothing wide.
      place.className = state === 'ready' ? '' : 'waiting';
      message.hidden = state === 'ready';
      loading.hidden = state !== 'loading';
      problem.hidden = wrong === undefined;
      if (wrong === undefined) return;
      const signIn = wrong.remedy === 'sign_in';
      problem.name = signIn ? 'login' : 'error';
      const usual = signIn ? 'Sign in again to see this app.' : 'The app cannot be shown.';
      text.textContent = TEXTS[wrong.reason] ?? usual;
      code.textContent = wrong.reason;
      retry.textContent = signIn ? 'Sign in again' : 'Try again';
      problem.replaceChildren(text, code, retry);
    },
  };
}
