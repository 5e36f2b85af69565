import type { GatewayError } from '../core/errors.ts';
import type { Identity } from '../core/types.ts';
import { assetUrl } from '../http/assets.ts';
import { deniedPage, errorPage, notFoundPage, startingPage } from '../http/pages/index.ts';
import { json, page, type Reply, redirect, text } from '../http/reply.ts';
import { loginHref } from '../login/context.ts';
import type { Redirection, Refusal } from '../policy/permit.ts';
import type { GateRequest } from './request.ts';
import type { GatedApp } from './sites.ts';

/** Answers to requests that do not reach an app, each in the form that its client understands. */

/** A page goes to sign-in and comes back; data gets 401, since a redirect would end in a CORS error (fact: oauth2-proxy#1522). */
export function loginRequired(request: GateRequest): Reply {
  if (request.kind !== 'page' || request.byToken)
    return json(401, { error: 'login_required', login: '/.auth/login' });
  const back = request.method === 'GET' || request.method === 'HEAD' ? request.head.target : '/';
  return redirect(302, loginHref(back));
}

export function denied(
  request: GateRequest,
  app: GatedApp,
  refusal: Refusal | Redirection,
  identity: Identity | undefined,
): Reply {
  // What is no page cannot follow a redirect to one.
  const code = refusal.kind === 'redirect' ? 'forbidden' : refusal.code;
  if (request.kind !== 'page') return json(403, { error: code, reason: refusal.reason });
  const who = identity?.email ?? identity?.name ?? identity?.subject ?? 'nobody';
  return page(
    403,
    deniedPage({
      appTitle: app.settings.title,
      who,
      reason: refusal.reason,
      requestId: request.requestId,
      switchHref: '/.auth/logout',
      homeHref: '/.auth/',
    }),
  );
}

/** While an app starts: a page that turns into the app by itself, 503 for everything else. */
export function notReady(request: GateRequest, app: GatedApp, showLog: boolean): Reply {
  const { state, recentLog } = app.backend;
  const retry = [['retry-after', '2']] as const;
  const lines = showLog ? recentLog.slice(-12) : [];
  if (request.kind !== 'page')
    return json(503, { error: 'app_not_ready', state, ...(showLog ? { lines } : {}) }, retry);
  const shown = state === 'crashed' ? 'crashed' : 'starting';
  return page(
    503,
    startingPage({ appTitle: app.settings.title, state: shown, lines, pollHref: request.head.target }),
    retry,
  );
}

/** A path that no app has. The entrance leads to the launcher, and browsers ask every site for an icon. */
export function nowhere(request: GateRequest): Reply {
  if (request.path === '/favicon.ico') return redirect(302, assetUrl('logo.svg'));
  if (request.path === '/' && request.kind === 'page') return redirect(302, '/.auth/');
  return notFound(request);
}

/**
 * A framework's home is `/sales/`. Panel answers a bare `/sales` with a redirect that leads out of its base path, so the
 * gateway answers it; an app that is no known framework routes as it likes.
 */
export function toHome(request: GateRequest, app: GatedApp): Reply | undefined {
  const { at, type } = app.settings;
  if (request.path !== at || at === '/' || type === 'command' || request.kind !== 'page') return undefined;
  return redirect(302, `${at}/${request.query === '' ? '' : `?${request.query}`}`);
}

export function notFound(request: GateRequest): Reply {
  if (request.kind !== 'page') return json(404, { error: 'not_found' });
  return page(404, notFoundPage({ requestId: request.requestId, homeHref: '/.auth/' }));
}

/** The reason stays in the log; the person learns what it means and what to do. */
export function failure(request: GateRequest, error: GatewayError): Reply {
  if (request.kind !== 'page')
    return json(error.status, { error: error.code, request_id: request.requestId });
  const words = WORDS[error.code] ?? WORDS['internal_error'];
  return page(
    error.status,
    errorPage({
      status: error.status,
      title: words?.[0] ?? 'Something went wrong',
      message: error.publicMessage ?? words?.[1] ?? 'This is not your fault.',
      hint:
        error.publicHint ??
        words?.[2] ??
        'Try again. If it stays, tell whoever runs this site the number below.',
      requestId: request.requestId,
      action: { href: request.head.target, label: 'Try again' },
    }),
  );
}

/** No page fits a host that is not ours: it could be anybody's name that points here (DNS rebinding). */
export const UNKNOWN_HOST = text(404, 'There is no app under this name here.\n');

const WORDS: Readonly<Record<string, readonly [title: string, message: string, hint: string]>> = {
  app_unreachable: [
    'The app does not answer',
    'You are signed in, but the app behind this page is not running or does not answer.',
    'Try again in a minute. If it stays, tell whoever runs the app.',
  ],
  app_timeout: [
    'The app takes too long',
    'The app did not answer in time. It may be busy with a long computation.',
    'Try again in a minute. If it stays, tell whoever runs the app.',
  ],
  app_protocol: [
    'The app answered something unreadable',
    'What came back from the app is no valid answer.',
    'Tell whoever runs the app; the log of the gateway says what was wrong.',
  ],
  store_unavailable: [
    'Sign-in is out of order for the moment',
    'The gateway cannot look up who is signed in, so it lets nobody through.',
    'Try again in a minute. You will not have to sign in again.',
  ],
  duplicate_session_cookie: [
    'Two session cookies',
    'Your browser sent two session cookies for this site, and no rule says which one is yours.',
    'Delete the cookies of this site, then load the page again.',
  ],
  internal_error: [
    'Something went wrong',
    'The gateway could not handle this request.',
    'Try again. If it stays, tell whoever runs this site the number below.',
  ],
};
