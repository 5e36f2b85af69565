import type { SignedIn } from '../core/types.ts';
import { setCookie } from '../http/cookies.ts';
import type { RequestFacts } from '../http/facts.ts';
import { type Reply, redirect } from '../http/reply.ts';
import { safeReturnTo } from '../http/return-to.ts';
import type { LiveSession } from '../session/live.ts';
import type { LoginContext } from './context.ts';

/**
 * The end of every sign-in: the old session goes, a new one with a new id comes, and the person goes on.
 *
 * @param returnTo - judged here, whatever it went through before
 * @param old - the session of the request, when it is valid
 */
export async function establish(
  context: LoginContext,
  facts: RequestFacts,
  signedIn: SignedIn,
  returnTo: string | null,
  old: LiveSession | undefined,
): Promise<Reply> {
  // Before the new one exists: whoever planted or copied the old cookie is out (session fixation, security fact 8).
  if (old !== undefined) await context.sessions.end(old, 'replaced');
  const { cookieId, live } = await context.sessions.create(signedIn);
  context.report({ kind: 'sign-in', requestId: facts.requestId, session: live.session });
  const maxAge = (live.session.expiresAt - context.clock()) / 1000;
  const cookie = setCookie(context.cookies.session, cookieId, { secure: context.cookies.secure, maxAge });
  return redirect(303, safeReturnTo(returnTo, facts.origin), [['set-cookie', cookie]]);
}
