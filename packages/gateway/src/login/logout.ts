import { setCookie } from '../http/cookies.ts';
import type { RequestFacts } from '../http/facts.ts';
import { errorPage, signedOutPage, signOutPage } from '../http/pages/index.ts';
import { methodNotAllowed, page, type Reply, redirect } from '../http/reply.ts';
import type { LiveSession } from '../session/live.ts';
import type { LoginContext } from './context.ts';
import { fromOurOwnPage } from './own-page.ts';
import { revokeTokens } from './revocation.ts';

const SIGNED_OUT = '/.auth/signed-out';

/**
 * `/.auth/logout`: GET asks, POST ends the session here first and then at the provider, so it works while the
 * provider is down.
 */
export async function logout(
  context: LoginContext,
  facts: RequestFacts,
  live: LiveSession | undefined,
): Promise<Reply> {
  if (facts.method === 'GET' || facts.method === 'HEAD') {
    if (live === undefined) return redirect(303, SIGNED_OUT);
    return page(
      200,
      signOutPage({ identity: live.session.identity, action: '/.auth/logout', cancelHref: '/' }),
    );
  }
  if (facts.method !== 'POST') return methodNotAllowed('GET, HEAD, POST');
  if (!fromOurOwnPage(facts)) return crossSite(facts);

  const { session: name, secure } = context.cookies;
  const headers: [string, string][] = [
    ['set-cookie', setCookie(name, '', { secure, maxAge: 0 })],
    // So that the back button brings up nothing of an app.
    ['clear-site-data', '"cache"'],
  ];
  if (live === undefined) return redirect(303, SIGNED_OUT, headers);
  await context.sessions.end(live, 'sign-out');
  context.report({ kind: 'sign-out', requestId: facts.requestId, session: live.session });
  revokeTokens(context, facts.requestId, live.session);
  return redirect(303, (await endAtProvider(context, facts, live)) ?? SIGNED_OUT, headers);
}

/** `GET /.auth/signed-out` */
export function signedOut(facts: RequestFacts): Reply {
  if (facts.method !== 'GET' && facts.method !== 'HEAD') return methodNotAllowed('GET, HEAD');
  return page(200, signedOutPage({ loginHref: '/.auth/login' }));
}

/** A provider that cannot be reached keeps nobody signed in here. */
async function endAtProvider(
  context: LoginContext,
  facts: RequestFacts,
  live: LiveSession,
): Promise<string | undefined> {
  const { identity, tokens } = live.session;
  try {
    const provider = context.providers.get(identity.provider);
    if (provider?.kind !== 'redirect') return undefined;
    return (await provider.endSessionUrl(tokens, `${facts.origin}${SIGNED_OUT}`))?.href;
  } catch {
    return undefined;
  }
}

function crossSite(facts: RequestFacts): Reply {
  return page(
    403,
    errorPage({
      status: 403,
      title: 'Nobody was signed out',
      message: 'This request came from another site.',
      hint: 'To sign out, use the button on this site.',
      requestId: facts.requestId,
      action: { href: '/.auth/logout', label: 'Sign out' },
    }),
  );
}
