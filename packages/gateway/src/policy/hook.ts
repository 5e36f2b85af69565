import { withDeadline } from '../core/deadline.ts';
import { GatewayError } from '../core/errors.ts';
import type { ClaimValue, Identity } from '../core/types.ts';

/** Who asks, as an authorize function sees it. Keep data by `issuer` and `subject`: the rest may change. */
export interface HookUser {
  readonly issuer: string;
  readonly subject: string;
  /** Name of the provider in the configuration. */
  readonly provider: string;
  /** What apps are told as the user. */
  readonly user: string;
  /** Only when the provider verified it. */
  readonly email?: string;
  readonly name?: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** What the provider's `claims` names; empty when nothing of it is there. */
  readonly claims: Readonly<Record<string, ClaimValue>>;
}

/** What is asked for. */
export interface HookRequest {
  /** Name of the app in the configuration. */
  readonly app: string;
  /** Decoded, below the app, without query: what `rules` are matched with, too. */
  readonly path: string;
  readonly method: string;
}

/** Yes, no, no with a reason that the person is shown, or another page of this site. */
export type HookAnswer = boolean | { readonly deny: string } | { readonly redirect: string };

/**
 * An operator's own word on who may enter, after `allow` and `rules` have said yes. Asked for every request and
 * WebSocket, so that an answer can change at any time; whoever asks a slow service keeps its answers for a while.
 *
 * @param user - `null` for a guest
 */
export type AuthorizeHook = (user: HookUser | null, request: HookRequest) => HookAnswer | Promise<HookAnswer>;

/** Milliseconds that an answer may take. */
export const HOOK_TIMEOUT = 5_000;

/**
 * One answer of the function. Whatever is not clearly a yes is none.
 *
 * @throws GatewayError `authorize_failed` (500) when it throws or answers something else, `authorize_timeout` (503)
 */
export async function askHook(
  hook: AuthorizeHook,
  identity: Identity | undefined,
  request: HookRequest,
  timeout: number = HOOK_TIMEOUT,
): Promise<HookAnswer> {
  const user = identity === undefined ? null : hookUser(identity);
  const late = () => failed('authorize_timeout', 503, `no answer within ${timeout / 1000} s`);
  try {
    const answer: unknown = await withDeadline(hook(user, request), timeout, late);
    if (isAnswer(answer)) return answer;
    throw failed(
      'authorize_failed',
      500,
      'the answer is none of true, false, { deny: reason }, { redirect: path }',
    );
  } catch (cause) {
    throw cause instanceof GatewayError
      ? cause
      : failed('authorize_failed', 500, 'the authorize function threw', cause);
  }
}

/** A redirect that leads nowhere good; said like every other failure of the function. */
export function badRedirect(why: string): GatewayError {
  return failed('authorize_failed', 500, `the authorize function redirects ${why}`);
}

/** A copy that cannot be written to: the session's own identity must not change under the function's hands. */
function hookUser(identity: Identity): HookUser {
  const { issuer, subject, provider, user, email, name, roles, groups, claims } = identity;
  return Object.freeze({
    issuer,
    subject,
    provider,
    user: user ?? subject,
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
    roles: Object.freeze([...roles]),
    groups: Object.freeze([...groups]),
    claims: frozenClaims(claims ?? {}),
  });
}

function frozenClaims(claims: Readonly<Record<string, ClaimValue>>): HookUser['claims'] {
  const copies = Object.entries(claims).map(([name, value]) => [
    name,
    typeof value === 'object' ? Object.freeze([...value]) : value,
  ]);
  return Object.freeze(Object.fromEntries(copies));
}

function isAnswer(answer: unknown): answer is HookAnswer {
  if (typeof answer === 'boolean') return true;
  if (typeof answer !== 'object' || answer === null) return false;
  const keys = Object.keys(answer);
  const [key = ''] = keys;
  if (keys.length !== 1 || (key !== 'deny' && key !== 'redirect')) return false;
  return typeof (answer as Record<string, unknown>)[key] === 'string';
}

function failed(code: string, status: number, message: string, cause?: unknown): GatewayError {
  return new GatewayError(code, status, message, {
    ...(cause === undefined ? {} : { cause }),
    publicMessage: 'This site could not find out whether you may enter, so it did not let you in.',
    publicHint: 'Try again in a minute. If it stays, tell whoever runs this site the number below.',
  });
}
