import { setCookie } from '../http/cookies.ts';
import type { RequestFacts } from '../http/facts.ts';
import { errorPage, signedOutPage, signOutPage } from '../http/pages/index.ts';
import { methodNotAllowed, page, type Reply, redirect } from '../http/reply.ts';
import { safeOwnPage, safeReturnTo } from '../http/return-to.ts';
import type { LiveSession } from '../session/live.ts';
import type { LoginContext } from './context.ts';
import { fromOurOwnPage } from './own-page.ts';
import { revokeTokens } from './revocation.ts';
import { singleCookie } from './single-cookie.ts';

const SIGNED_OUT = '/.auth/signed-out';

/** Parameter of App Service: the page of ours to show afterwards. */
const AFTER = 'post_logout_redirect_uri';
/** Seconds that a provider's sign-out may take. */
const AFTER_LIFE = 600;

/**
 * `/.auth/logout[?post_logout_redirect_uri=…]`: GET asks, POST ends the session here first and then at the provider, so
 * it works while the provider is down.
 *
 * @param atOnce - a click on a link of ours is enough, as in App Service: where an app written for that is on this host
 */
export async function logout(
  context: LoginContext,
  facts: RequestFacts,
  live: LiveSession | undefined,
  atOnce = false,
): Promise<Reply> {
  const after = safeOwnPage(new URLSearchParams(facts.query).get(AFTER), facts.origin, undefined);
  if (facts.method === 'GET' || facts.method === 'HEAD') {
    if (live === undefined) return redirect(303, after ?? SIGNED_OUT);
    if (!atOnce || !isClickOfOurs(facts)) {
      const action = `/.auth/logout${after === undefined ? '' : `?${AFTER}=${encodeURIComponent(after)}`}`;
      return page(200, signOutPage({ identity: live.session.identity, action, cancelHref: '/' }));
    }
  } else if (facts.method !== 'POST') return methodNotAllowed('GET, HEAD, POST');
  else if (!fromOurOwnPage(facts)) return crossSite(facts);

  const { session: name, secure, afterLogout } = context.cookies;
  const headers: [string, string][] = [
    ['set-cookie', setCookie(name, '', { secure, maxAge: 0 })],
    // So that the back button brings up nothing of an app.
    ['clear-site-data', '"cache"'],
  ];
  if (live === undefined) return redirect(303, after ?? SIGNED_OUT, headers);
  await context.sessions.end(live, 'sign-out');
  context.report({ kind: 'sign-out', requestId: facts.requestId, session: live.session });
  revokeTokens(context, facts.requestId, live.session);
  const elsewhere = await endAtProvider(context, facts, live);
  if (elsewhere === undefined) return redirect(303, after ?? SIGNED_OUT, headers);
  // The provider knows one page to come back to; this is where that one goes on to.
  if (after !== undefined)
    headers.push([
      'set-cookie',
      setCookie(afterLogout, encodeURIComponent(after), { secure, maxAge: AFTER_LIFE }),
    ]);
  return redirect(303, elsewhere, headers);
}

/** `GET /.auth/signed-out` */
export function signedOut({ cookies }: Pick<LoginContext, 'cookies'>, facts: RequestFacts): Reply {
  if (facts.method !== 'GET' && facts.method !== 'HEAD') return methodNotAllowed('GET, HEAD');
  const { afterLogout, secure } = cookies;
  const kept = singleCookie(facts.header('cookie'), afterLogout);
  if (kept === undefined) return page(200, signedOutPage({ loginHref: '/.auth/login' }));
  // A cookie can be tossed in, so it is judged as the parameter was.
  return redirect(303, safeReturnTo(decoded(kept), facts.origin), [
    ['set-cookie', setCookie(afterLogout, '', { secure, maxAge: 0 })],
  ]);
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/**
 * Whether a person followed a link on a page of this origin. Fetch Metadata says so and no script can: neither another
 * site nor an image, a frame or a prefetch on a page of ours signs anybody out (security fact 11).
 */
function isClickOfOurs(facts: RequestFacts): boolean {
  return (
    facts.method === 'GET' &&
    facts.header('sec-fetch-site') === 'same-origin' &&
    facts.header('sec-fetch-mode') === 'navigate' &&
    facts.header('sec-fetch-dest') === 'document' &&
    facts.header('sec-fetch-user') === '?1' &&
    facts.header('sec-purpose') === undefined
  );
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
