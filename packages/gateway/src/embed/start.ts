import { GatewayError } from '../core/errors.ts';
import { isSamePerson } from '../core/same-person.ts';
import { setCookie } from '../http/cookies.ts';
import type { RequestFacts } from '../http/facts.ts';
import { type Reply, redirect } from '../http/reply.ts';
import { safeReturnTo } from '../http/return-to.ts';
import type { LiveSession } from '../session/live.ts';
import { codeInvalid, embeddable, type Grant, takeGrant } from './code.ts';
import type { EmbedContext, EmbeddableApp } from './context.ts';
import { required } from './fields.ts';
import { isFrame } from './frame.ts';
import { pointHandle } from './handle.ts';
import { checkOrigin } from './origins.ts';
import { allOf, isOver } from './over.ts';
import { prolong } from './prolong.ts';

/**
 * `GET /.auth/embed/start?code=…&return_to=…`, in the frame: the code becomes a session of this app and this page, whose
 * cookie only frames inside that page's site have. From here on the address holds no secret.
 *
 * @param present - the embedded session of the app that this browser has, by the app's name
 */
export async function startEmbedded(
  context: EmbedContext,
  facts: RequestFacts,
  present: (app: string) => Promise<LiveSession | undefined>,
): Promise<Reply> {
  const params = new URLSearchParams(facts.query);
  // At the top of a tab the address bar names us: nobody is signed in there by a link that somebody else made (login CSRF).
  if (!isFrame(facts)) throw frameRequired();
  const grant = await takeGrant(context, required(params, 'code'));
  const app = embeddable(context, grant.app);
  if (app.origin !== facts.origin) throw codeInvalid('it is for another host');
  const from = refererOf(facts);
  checkOrigin(app, grant.origin, from);
  const host = (await context.tokens.verify(grant.app, grant.token)).session;
  const embed = { app: grant.app, origin: grant.origin, bearer: host.identity.provider };
  const old = await present(grant.app);
  const headers: [string, string][] = [
    // Neither the app nor anybody else learns the address with the code.
    ['referrer-policy', 'no-referrer'],
  ];
  if (old !== undefined && isSame(old, embed.origin, host)) {
    // A second tab, or the page loaded anew: with one cookie there can be one session, which goes on with the newer token.
    await prolong(context, old, host);
    await pointHandle(context, grant.sid, old);
    await checkNotOver(context, grant, old);
    context.report({ kind: 'start', embed, session: old.session });
  } else {
    // Another person, or another page of the same site: two must never be one. Some other frame on that page could have put
    // its own code here, so it is replaced only by who can be told from that.
    if (old !== undefined && from === undefined) throw originUnknown();
    if (old !== undefined) await context.sessions.end(old, 'replaced');
    const { identity, providerSid } = host;
    const { cookieId, live } = await context.sessions.create(
      { identity, tokens: {}, ...(providerSid === undefined ? {} : { providerSid }) },
      { sid: grant.sid, embed, expiresAt: Math.min(host.expiresAt, context.clock() + context.longest) },
    );
    await checkNotOver(context, grant, live);
    context.report({ kind: 'start', embed, session: live.session });
    const { secure, embedPrefix } = context.cookies;
    // As long as the session may be renewed at most: renewing it brings no new cookie.
    const options = { secure, maxAge: context.longest / 1000, inFrames: true };
    headers.push(['set-cookie', setCookie(embedPrefix + grant.app, cookieId, options)]);
  }
  return redirect(303, landing(app, params.get('return_to')), headers);
}

function isSame(old: LiveSession, origin: string, host: LiveSession['session']): boolean {
  const { embed, identity } = old.session;
  return (
    embed?.origin === origin &&
    embed.bearer === host.identity.provider &&
    isSamePerson(identity, host.identity)
  );
}

/** Looked at when the session is there: an end that came earlier did not find it. */
async function checkNotOver(context: EmbedContext, grant: Grant, live: LiveSession): Promise<void> {
  try {
    await context.tokens.verify(grant.app, grant.token);
  } catch (error) {
    await context.sessions.end(live, 'revoked');
    throw error;
  }
  const names = [grant.sid, allOf(grant.app, live.session.identity)];
  const ends = await Promise.all(names.map((name) => isOver(context, name, grant.createdAt)));
  if (!ends.includes(true)) return;
  await context.sessions.end(live, 'sign-out');
  throw codeInvalid('its session was ended already');
}

/** A page of the app and nothing else. Its home has a slash, so that the way there is not one redirect longer. */
function landing({ settings: { at, type }, origin }: EmbeddableApp, wanted: string | null): string {
  const home = at === '/' ? '/' : `${at}/`;
  const safe = safeReturnTo(wanted, origin, home);
  const { pathname } = new URL(safe, origin);
  if (at === '/') return safe;
  if (pathname === at) return type === 'command' ? safe : home + safe.slice(at.length);
  return pathname.startsWith(home) ? safe : home;
}

/** The page that holds the frame, where its browser and its policy say; `frame-ancestors` does not depend on it. */
function refererOf(facts: RequestFacts): string | undefined {
  const url = URL.parse(facts.header('referer') ?? '');
  // The starting page of ours, tried again, is no other page.
  return url === null || url.origin === facts.origin ? undefined : url.origin;
}

function originUnknown(): GatewayError {
  return new GatewayError(
    'origin_not_allowed',
    403,
    'there is a session already, and the frame does not say in which page it is',
    {
      publicMessage: 'This page may not show the app for somebody else than before.',
      publicHint: 'The frame of the page needs referrerpolicy="origin".',
    },
  );
}

function frameRequired(): GatewayError {
  return new GatewayError('frame_required', 400, 'a code was to be redeemed outside of a frame', {
    publicMessage: 'This link only works inside the page that made it.',
    publicHint: 'Open the app from that page.',
  });
}
