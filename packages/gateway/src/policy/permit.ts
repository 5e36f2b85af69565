import type { App } from '../core/types.ts';
import type { RequestFacts } from '../http/facts.ts';
import { safeReturnTo } from '../http/return-to.ts';
import type { LiveSession } from '../session/live.ts';
import { decide, type Policy, PUBLIC } from './decide.ts';
import { type AuthorizeHook, askHook, badRedirect } from './hook.ts';
import { readingsOf } from './pattern.ts';

declare const authorized: unique symbol;

/**
 * Proof that a request may go on to the app. Only `authorize()` makes one and whatever talks to an app demands one, so
 * no code path, WebSocket upgrades included (CVE-2026-44578), can forget the gate.
 */
export interface Permit {
  readonly [authorized]: true;
  readonly kind: 'permit';
  readonly app: App;
  /** The session whose identity the app is told; absent when the request goes on as nobody's. */
  readonly live: LiveSession | undefined;
  readonly reason: string;
}

/** Why a request stops here. `code` is stable, for logs and JSON answers. */
export interface Refusal {
  readonly kind: 'login' | 'deny';
  readonly code: 'login_required' | 'forbidden' | 'cross_origin' | 'foreign_token';
  readonly reason: string;
}

/** The authorize function sends the person to another page of this site. */
export interface Redirection {
  readonly kind: 'redirect';
  readonly to: string;
  readonly reason: string;
}

/** All is well but for the authorize function, which has not been asked yet: nothing can go on with this. */
export interface Question {
  readonly kind: 'question';
  readonly reason: string;
  /** @throws GatewayError `authorize_failed`, `authorize_timeout`; then the request must not go on. */
  ask(): Promise<Permit | Refusal | Redirection>;
}

interface JudgedFacts extends Pick<RequestFacts, 'method' | 'kind' | 'origin' | 'path' | 'header'> {
  /** A token that the client sent on purpose stands for the session, and not a cookie that its browser attached. */
  readonly byToken?: boolean;
}

const LOGIN_REQUIRED: Refusal = { kind: 'login', code: 'login_required', reason: 'nobody is signed in' };
const CROSS_ORIGIN: Refusal = {
  kind: 'deny',
  code: 'cross_origin',
  reason: 'the request was not sent by a page of this site',
};

/**
 * The one gate, for HTTP and WebSocket alike: policy first, then proof that a page of ours sent what could change
 * something, since a browser attaches the session's cookie to other sites' requests too. It attaches no token.
 *
 * @param session - what the cookie or the token led to; a session that has ended counts as none
 */
export function authorize(
  policy: Policy,
  session: LiveSession | undefined,
  facts: JudgedFacts,
): Permit | Refusal | Question {
  const live = session?.ended === undefined ? session : undefined;
  const decision = decide(live?.session.identity, policy, facts.path);
  if (decision.kind === 'login') return LOGIN_REQUIRED;
  if (decision.kind === 'deny') return { kind: 'deny', code: 'forbidden', reason: decision.reason };
  if (live !== undefined && facts.byToken !== true && !sentByOwnPage(facts))
    // A public path needs no session, so the request goes on, but in nobody's name.
    return decision === PUBLIC ? permit(policy.app, undefined, decision.reason) : CROSS_ORIGIN;
  const yes = permit(policy.app, live, decision.reason);
  const { hook } = policy;
  if (hook === undefined || decision === PUBLIC) return yes;
  return { kind: 'question', reason: 'not asked yet', ask: () => askAll(hook, yes, facts) };
}

/** Every way in which an app may read the path is asked about, as with rules. */
async function askAll(
  hook: AuthorizeHook,
  yes: Permit,
  facts: JudgedFacts,
): Promise<Permit | Refusal | Redirection> {
  const { app, live } = yes;
  const readings = readingsOf(app.at, facts.path);
  if (readings.length === 0) return deny('the path could be read in more than one way');
  for (const path of readings) {
    const request = { app: app.name, path, method: facts.method };
    const answer = await askHook(hook, live?.session.identity, request);
    if (answer === false) return deny('the authorize function said no');
    if (answer === true) continue;
    if ('deny' in answer) return deny(answer.deny);
    return redirection(answer.redirect, facts);
  }
  // It may have taken seconds, and a session that has ended serves nobody.
  return live?.ended === undefined ? yes : LOGIN_REQUIRED;
}

function redirection(target: string, facts: JudgedFacts): Redirection {
  const to = safeReturnTo(target, facts.origin, '');
  if (to === '') throw badRedirect('to what is no path of this site');
  if (new URL(to, facts.origin).pathname === facts.path)
    throw badRedirect('to the very page that was asked for');
  return { kind: 'redirect', to, reason: 'the authorize function redirects' };
}

function deny(reason: string): Refusal {
  return { kind: 'deny', code: 'forbidden', reason };
}

/** Origins are compared whole: a prefix match let attackers in elsewhere (CVE-2026-21883). */
function sentByOwnPage(facts: JudgedFacts): boolean {
  if (facts.kind === 'upgrade') return facts.header('origin') === facts.origin;
  if (facts.method === 'GET' || facts.method === 'HEAD' || facts.method === 'OPTIONS') return true;
  return facts.header('origin') === facts.origin || facts.header('sec-fetch-site') === 'same-origin';
}

function permit(app: App, live: LiveSession | undefined, reason: string): Permit {
  return { kind: 'permit', app, live, reason } as Permit;
}
