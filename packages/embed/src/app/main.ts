// `/.auth/embed/app.js`: the app's end of the bridge, as `window.portico`. The gateway puts it before `</head>`.
import { createLink, type Post } from '../bridge.ts';
import { hear } from '../messages.ts';
import { embedderOf } from './context.ts';
import { reportHeight } from './height.ts';
import { createPortico, type Portico } from './portico.ts';
import { applyTheme } from './theme.ts';

declare global {
  interface Window {
    portico?: Portico;
  }
}

/** In a frame of the app's own, such as a component of Streamlit, the app's page is the one that talks. */
function ofParent(): Portico | undefined {
  try {
    return window.parent === window ? undefined : window.parent.portico;
  } catch {
    // A page of another origin.
    return undefined;
  }
}

async function connect(context: URL): Promise<void> {
  const link = createLink();
  const feed = createPortico(link);
  window.portico = feed.portico;
  const origin = window.parent === window ? undefined : await embedderOf(context);
  if (origin === undefined) return feed.alone();

  const post: Post = (message) => window.parent.postMessage(message, origin);
  link.onState = (name, data) => {
    if (name === 'host') feed.settings(data);
  };
  feed.portico.onTheme((theme) => applyTheme(theme));
  hear(window, () => window.parent, origin, link.receive);
  link.attach(post);
  link.state('ready');
  reportHeight((height) => link.state('height', height));
  window.addEventListener('pagehide', () => link.state('closed'));
  // A page that comes back as it was left listens again.
  window.addEventListener('pageshow', (event) => event.persisted && link.state('ready'));
}

const script = document.currentScript as HTMLScriptElement | null;
if (window.portico === undefined) {
  const shared = ofParent();
  if (shared) window.portico = shared;
  else void connect(new URL('context', script?.src ?? new URL('/.auth/embed/', location.href)));
}
