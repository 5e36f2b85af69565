import type { AssertionKeys } from '../assertion/keys.ts';
import type { SigningRings } from '../assertion/rings.ts';
import { ASSET_PREFIX } from '../http/asset.ts';
import { assetReply } from '../http/assets.ts';
import { type Brand, launcherPage } from '../http/pages/index.ts';
import { page, type Reply, redirect, text } from '../http/reply.ts';
import { backChannelLogout } from '../login/back-channel.ts';
import { finishLogin } from '../login/callback.ts';
import { isAnswer, type LoginContext } from '../login/context.ts';
import { logout, signedOut } from '../login/logout.ts';
import { passwordLogin } from '../login/password.ts';
import { sessionReply } from '../login/session-endpoint.ts';
import { startLogin } from '../login/start.ts';
import { decide } from '../policy/decide.ts';
import type { LiveSession } from '../session/live.ts';
import { METRICS_CONTENT_TYPE, type Metrics } from '../telemetry/metrics.ts';
import { AddressList, plainAddress } from './addresses.ts';
import { type EasyAuthParts, me, refresh } from './easyauth.ts';
import type { EmbedDoor } from './embed-door.ts';
import { ticketReply } from './embed-ticket.ts';
import { readForm } from './form.ts';
import type { Health } from './health.ts';
import { jwksReply } from './jwks.ts';
import { profileKeys } from './profile-keys.ts';
import { loginRequired, notFound } from './refusals.ts';
import type { GateRequest } from './request.ts';
import type { Sites } from './sites.ts';

interface OwnPagesParts {
  readonly sites: Sites;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly keys: Pick<AssertionKeys, 'jwks'>;
  readonly version: string;
  readonly brand: Brand;
  /** Sign-in as one request sees it: what happens is reported with who asked. */
  readonly loginFor: (request: GateRequest) => Promise<LoginContext>;
  /** Redirect URIs from the configuration, each with its provider's name. */
  readonly callbacks: ReadonlyMap<string, string>;
  readonly easyAuth: EasyAuthParts;
  /** Keys for the verifiers of other gateways' tokens. */
  readonly rings: Pick<SigningRings, 'jwks'>;
  /** Sessions inside pages of other sites. */
  readonly embed: Pick<EmbedDoor, 'answer'>;
  /** The embedded development provider, when there is one; answers the exchange itself. */
  readonly dev: ((request: GateRequest) => void) | undefined;
}

/** Answers everything under the reserved prefix; answers the exchange itself for the development provider. */
export interface OwnPages {
  /** Answers that need no host: liveness and readiness probes ask by address. */
  hostless(path: string): Reply | Promise<Reply> | undefined;
  /** Whether a path outside `/.auth` is the redirect URI of a provider, and this an answer to it. */
  isCallback(request: GateRequest): boolean;
  /** @param session - looks the session up only for pages that want it */
  answer(request: GateRequest, session: Session): Promise<Reply> | 'answered';
}

type Session = () => Promise<LiveSession | undefined>;

/** Bytes of a provider's logout token; the usual one has some 700. */
const LARGEST_LOGOUT = 16 * 1024;

const LOGIN = /^\/\.auth\/login(?:\/([A-Za-z0-9_-]{1,64}))?$/;
const CALLBACK = /^\/\.auth\/login\/([A-Za-z0-9_-]{1,64})\/callback$/;
const BACK_CHANNEL = /^\/\.auth\/logout\/([A-Za-z0-9_-]{1,64})\/backchannel$/;

/** Bytes of a sign-in form; names and passwords need far less. */
const LARGEST_FORM = 8 * 1024;

/** The pages and endpoints under `/.auth`, one line each. */
export function ownPages(parts: OwnPagesParts): OwnPages {
  return {
    hostless(path) {
      if (path === '/.auth/healthz') return text(200, 'ok\n');
      if (path === '/.auth/readyz') return parts.health.ready();
      return undefined;
    },
    isCallback: (request) => callbackOf(parts, request) !== undefined,
    answer(request, session) {
      if (parts.dev !== undefined && request.path.startsWith('/.auth/dev/')) {
        parts.dev(request);
        return 'answered';
      }
      return answer(parts, request, session);
    },
  };
}

async function answer(parts: OwnPagesParts, request: GateRequest, session: Session): Promise<Reply> {
  const { path } = request;
  if (request.kind === 'upgrade') return notFound(request);
  if (path.startsWith(ASSET_PREFIX)) return assetReply(request, parts.brand);
  const embedding = await parts.embed.answer(request);
  if (embedding !== undefined) return embedding;
  const answering = callbackOf(parts, request) ?? CALLBACK.exec(path)?.[1];
  if (answering !== undefined)
    return finishLogin(await parts.loginFor(request), request, answering, await session());
  const keys = await profileKeys(path, parts.rings, parts.sites.profiles);
  if (keys !== undefined) return keys;
  const login = LOGIN.exec(path);
  if (login !== null) return signIn(parts, request, login[1], session);
  const loggingOut = BACK_CHANNEL.exec(path)?.[1];
  if (loggingOut !== undefined) {
    const form = (): Promise<URLSearchParams> => readForm(request.exchange, LARGEST_LOGOUT);
    return backChannelLogout(await parts.loginFor(request), request, loggingOut, form);
  }
  switch (path) {
    case '/.auth':
      return redirect(302, '/.auth/');
    case '/.auth/':
      return launcher(parts, request, await session());
    case '/.auth/logout':
      return logout(
        await parts.loginFor(request),
        request,
        await session(),
        request.site.profiles.has('easyauth'),
      );
    case '/.auth/signed-out':
      return signedOut(await parts.loginFor(request), request);
    case '/.auth/session':
      return sessionReply(request, await session());
    case '/.auth/me':
      return me(parts.easyAuth, request, await session());
    case '/.auth/refresh':
      return refresh(parts.easyAuth, request, await session());
    case '/.auth/embed/ticket':
      return ticketReply(request);
    case '/.auth/jwks.json':
      return jwksReply(parts.keys);
    case '/.auth/metrics':
      return isLocalScrape(request)
        ? {
            status: 200,
            headers: [['content-type', METRICS_CONTENT_TYPE]],
            body: await parts.metrics.render(),
          }
        : notFound(request);
    default:
      return notFound(request);
  }
}

async function signIn(
  parts: OwnPagesParts,
  request: GateRequest,
  named: string | undefined,
  session: Session,
): Promise<Reply> {
  const context = await parts.loginFor(request);
  const provider = named === undefined ? undefined : (parts.easyAuth.aliases.get(named) ?? named);
  if (provider !== undefined && request.method === 'POST') {
    const form = (): Promise<URLSearchParams> => readForm(request.exchange, LARGEST_FORM);
    return passwordLogin(context, request, provider, form, await session());
  }
  // Where sign-in begins its cookies are set, and where it ends they are read: on the canonical host.
  if (request.head.host !== request.site.hostname)
    return redirect(302, request.site.origin + request.head.target);
  return startLogin(context, request, provider, await session());
}

/** The provider whose redirect URI, not one of ours, this request answers. */
function callbackOf({ callbacks }: OwnPagesParts, { origin, path, query }: GateRequest): string | undefined {
  if (callbacks.size === 0) return undefined;
  const name = callbacks.get(origin + path);
  return name !== undefined && isAnswer(query) ? name : undefined;
}

function launcher(parts: OwnPagesParts, request: GateRequest, live: LiveSession | undefined): Reply {
  if (live === undefined) return loginRequired(request);
  const { identity } = live.session;
  const apps = parts.sites.all.flatMap((site) =>
    site.apps.map(({ settings, policy, backend }) => ({
      title: settings.title,
      ...(settings.description === undefined ? {} : { description: settings.description }),
      href: (site === request.site ? '' : site.origin) + (settings.at === '/' ? '/' : `${settings.at}/`),
      state: backend.state,
      allowed: decide(identity, policy, settings.at === '/' ? '/' : `${settings.at}/`).kind === 'allow',
      order: parts.sites.order.indexOf(settings.name),
    })),
  );
  apps.sort((a, b) => a.order - b.order);
  return page(200, launcherPage({ identity, apps, signOutHref: '/.auth/logout', version: parts.version }));
}

/** Addresses of this machine and of private networks (RFC 1918, RFC 4193). */
const LOCAL = new AddressList([
  ...['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  ...['::1', 'fc00::/7'],
]);

/**
 * Metrics are for a scraper in the same network that asks directly: what came through a proxy came from outside, and
 * the numbers of use are not for everybody.
 */
function isLocalScrape(request: GateRequest): boolean {
  const proxied = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'].some(
    (name) => request.header(name) !== undefined,
  );
  return !proxied && LOCAL.has(plainAddress(request.exchange.remoteAddress));
}
