import { asGatewayError } from '../core/errors.ts';
import type { Brand } from '../http/pages/index.ts';
import { drawn, type Reply, redirect } from '../http/reply.ts';
import type { TokenRefresher } from '../login/refresh.ts';
import { decide } from '../policy/decide.ts';
import { authorize, type Permit, type Redirection, type Refusal } from '../policy/permit.ts';
import { type Forwarding, forward } from '../proxy/forward.ts';
import type { IdentityHeaders } from '../proxy/identity-headers.ts';
import type { Pool } from '../proxy/pool.ts';
import { requestText } from '../proxy/request-text.ts';
import { upstreamOrigin } from '../proxy/response-headers.ts';
import type { Sockets } from '../proxy/sockets.ts';
import type { HeaderBlock, LiveSession } from '../session/live.ts';
import type { Access } from '../telemetry/access.ts';
import type { Audit } from '../telemetry/audit.ts';
import type { Log } from '../telemetry/log.ts';
import type { AppMetrics } from '../telemetry/metrics.ts';
import type { Exchange } from '../wire/exchange.ts';
import { sendReply } from '../wire/send.ts';
import type { AddressList } from './addresses.ts';
import type { AppDoor } from './app-door.ts';
import type { Asker } from './asker.ts';
import { preflightReply } from './cors.ts';
import { denialOf, failureOf, loginOf } from './framed.ts';
import { openSocket, sessionEnded } from './open-socket.ts';
import { asksTicket, outsideReply, TOKEN_ERRORS } from './outside.ts';
import type { OwnPages } from './own-pages.ts';
import { notReady, nowhere, toHome, UNKNOWN_HOST } from './refusals.ts';
import { clientAddress, GateRequest } from './request.ts';
import type { GatedApp, Sites } from './sites.ts';

/** Everything that stands behind the gate. */
interface GateParts {
  readonly sites: Sites;
  readonly asker: Asker;
  readonly identityHeaders: IdentityHeaders;
  readonly pool: Pool;
  readonly sockets: Sockets;
  /** Absent when tokens are not renewed. */
  readonly refresher: TokenRefresher | undefined;
  readonly trustedProxies: AddressList;
  readonly audit: Audit;
  /** For what the gateway answers itself. */
  readonly ownMetrics: AppMetrics;
  readonly log: Log;
  readonly access: ((access: Access) => void) | undefined;
  /** The last lines of a starting app's log are for a developer only. */
  readonly showAppLog: boolean;
  /** The look of every page of ours. */
  readonly brand: Brand;
  /** Own pages under `/.auth`. */
  readonly own: OwnPages;
  /** What apps ask for under `/.auth`. */
  readonly appDoor: AppDoor;
  /** Counter behind the request ids of this process. */
  readonly nextRequestId: () => string;
}

const PREFIX = '/.auth';
/** What nginx logs when nobody waits for the answer any more; never sent. */
const CLIENT_GONE = 499;

/**
 * The whole order of a request: host, own pages, app, session, policy, identity, then the app. HTTP and WebSocket take
 * the same way up to the last step.
 */
export class Gate {
  readonly #parts: GateParts;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  readonly handle = (exchange: Exchange): void => {
    try {
      this.#take(exchange);
    } catch (error) {
      // A defect costs one request, not everybody's connection.
      this.#parts.log.error({ err: error }, 'a request failed');
      exchange.abort();
    }
  };

  #take(exchange: Exchange): void {
    const { head } = exchange;
    const { sites } = this.#parts;
    const site = sites.byHost(head.host);
    const own =
      head.path.startsWith(PREFIX) &&
      (head.path.length === PREFIX.length || head.path[PREFIX.length] === '/');
    if (own) {
      if (this.#parts.appDoor.takes(head.path)) return this.#parts.appDoor.handle(exchange);
      const probe = this.#parts.own.hostless(head.path);
      if (probe !== undefined) return this.#sendPlain(exchange, probe);
    }
    if (site === undefined) return this.#sendPlain(exchange, UNKNOWN_HOST);
    const address = clientAddress(exchange.remoteAddress, head, this.#parts.trustedProxies);
    const request = new GateRequest(exchange, site, this.#parts.nextRequestId(), address);
    if (own || this.#parts.own.isCallback(request)) return this.#ownPage(request);
    if (request.kind === 'page' && head.host !== site.hostname) {
      return this.#send(request, undefined, redirect(302, site.origin + head.target));
    }
    const app = site.appFor(head.path);
    if (app === undefined) return this.#send(request, undefined, nowhere(request));
    const preflight = app.outside?.preflight(request);
    if (preflight !== undefined) return this.#send(request, app, preflight);
    this.#ask(request, app);
  }

  #ask(request: GateRequest, app: GatedApp): void {
    let found: LiveSession | undefined | Promise<LiveSession | undefined>;
    try {
      found = this.#parts.asker.of(request, app);
    } catch (error) {
      return this.#refuse(request, app, error);
    }
    if (!(found instanceof Promise)) return this.#judge(request, app, found);
    found
      .then(
        (live) => this.#found(request, app, live),
        (error: unknown) => this.#refuse(request, app, error),
      )
      .catch((error: unknown) => this.#fail(request, app, error));
  }

  #found(request: GateRequest, app: GatedApp, live: LiveSession | undefined): void {
    if (request.byToken && live !== undefined) {
      const { sid, identity } = live.session;
      const { requestId, clientAddress } = request;
      const { provider, subject, email } = identity;
      const who = { sid, provider, subject, email };
      this.#parts.audit.tokenAccepted({ requestId, clientAddress, app: app.settings.name, ...who });
    }
    this.#judge(request, app, live);
  }

  /** What was brought is nobody's. */
  #refuse(request: GateRequest, app: GatedApp, caught: unknown): void {
    const error = asGatewayError(caught, 'of a request');
    if (error.status < 500 && (request.byToken || TOKEN_ERRORS.has(error.code))) {
      app.metrics.denials++;
      this.#parts.audit.denied({ ...aboutDenied(request, app), reason: error.message });
    }
    this.#fail(request, app, error);
  }

  /** The one gate. Only what comes out of it as a permit goes on. */
  #judge(request: GateRequest, app: GatedApp, live: LiveSession | undefined): void {
    const verdict = authorize(app.policy, live, request);
    if (verdict.kind !== 'question') return this.#enforce(request, app, live, verdict);
    verdict
      .ask()
      .then((answer) => this.#enforce(request, app, live, answer))
      .catch((error: unknown) => this.#fail(request, app, error));
  }

  #enforce(
    request: GateRequest,
    app: GatedApp,
    live: LiveSession | undefined,
    verdict: Permit | Refusal | Redirection,
  ): void {
    if (verdict.kind === 'redirect' && request.kind === 'page')
      return this.#send(request, app, redirect(302, verdict.to));
    if (verdict.kind === 'login') return this.#send(request, app, loginOf(request, app));
    if (verdict.kind !== 'permit') return this.#deny(request, app, live, verdict);
    const foreign = app.binding?.refusal(
      request.head,
      request.kind === 'upgrade',
      verdict.live?.session.identity,
    );
    if (foreign !== undefined)
      return this.#deny(request, app, live, { kind: 'deny', code: 'foreign_token', reason: foreign });
    if (app.backend.upstream === undefined)
      return this.#send(request, app, notReady(request, app, this.#parts.showAppLog));
    const home = toHome(request, app);
    if (home !== undefined) return this.#send(request, app, home);
    if (verdict.live === undefined) return this.#pass(request, app, verdict, undefined);
    const now = Date.now();
    if (this.#parts.refresher?.due(verdict.live, now)) this.#parts.refresher.start(verdict.live);
    const block = this.#parts.identityHeaders.ready(verdict.live, app.settings.name, now);
    if (block !== undefined) return this.#pass(request, app, verdict, block);
    this.#parts.identityHeaders
      .make(verdict.live, app.settings.name, now, app)
      .then((made) =>
        // The session may have ended meanwhile: judged again, so that there is one gate.
        live?.ended === undefined ? this.#pass(request, app, verdict, made) : this.#judge(request, app, live),
      )
      .catch((error: unknown) => this.#fail(request, app, error));
  }

  #deny(
    request: GateRequest,
    app: GatedApp,
    live: LiveSession | undefined,
    refusal: Refusal | Redirection,
  ): void {
    app.metrics.denials++;
    const identity = live?.session.identity;
    // Whoever was given a role since needs a refresh to be let in, and is asking for it here.
    if (live !== undefined && this.#parts.refresher?.due(live, Date.now())) this.#parts.refresher.start(live);
    this.#parts.audit.denied({
      ...aboutDenied(request, app),
      reason: refusal.reason,
      sid: live?.session.sid,
      provider: identity?.provider,
      subject: identity?.subject,
      email: identity?.email,
    });
    this.#send(request, app, denialOf(request, app, refusal, identity));
  }

  #pass(request: GateRequest, app: GatedApp, permit: Permit, block: HeaderBlock | undefined): void {
    const { upstream } = app.backend;
    if (upstream === undefined)
      return this.#send(request, app, notReady(request, app, this.#parts.showAppLog));
    const { exchange, site, requestId } = request;
    const head = app.outside === undefined ? request.head : app.outside.head(request);
    const text = requestText(head, {
      hostHeader: site.hostHeader,
      siteLines: site.forwardedLines,
      clientAddress: request.clientAddress,
      requestId,
      identityLines: block?.text ?? app.binding?.nobody ?? '',
      ...(app.cookies === undefined
        ? {}
        : { appCookies: { names: app.cookies.names, pairs: block?.cookies ?? app.cookies.nobody } }),
    });
    const rules = app.outside?.answer(request);
    const place = { origin: site.origin, upstreamOrigin: upstreamOrigin(upstream), rules };
    const { pool, sockets } = this.#parts;
    const { live } = permit;
    if (request.kind === 'upgrade') {
      return openSocket(permit, exchange, {
        sockets,
        refresher: this.#parts.refresher,
        policy: app.policy,
        path: request.path,
        metrics: app.metrics,
        handshake: { upstream, place, text, timeout: pool.timeouts.handshake },
        onDone: ({ status, error }) => {
          if (error !== undefined) this.#fail(request, app, error);
          else this.#done(request, app, status, live);
        },
      });
    }
    const stream = {
      close: () => forwarding.abort(),
      allowed: () => decide(live?.session.identity, app.policy, request.path).kind === 'allow',
    };
    const forwarding: Forwarding = forward(permit, exchange, {
      pool,
      upstream,
      place,
      text,
      counters: app.metrics,
      onHead: (head) => {
        // An answer without an end of its own may stay open as long as a WebSocket, and ends with the session like one.
        if (head.framing.kind === 'none' || head.framing.kind === 'length') return undefined;
        if (live?.ended !== undefined) return sessionEnded();
        sockets.add(live, stream);
        return undefined;
      },
      onDone: ({ status, error }) => {
        sockets.remove(live, stream);
        if (error !== undefined) this.#fail(request, app, error);
        else this.#done(request, app, status, live);
      },
    });
  }

  #ownPage(request: GateRequest): void {
    const preflight = asksTicket(request) ? preflightReply(request, request.site.embedders) : undefined;
    if (preflight !== undefined) return this.#send(request, undefined, preflight);
    const session = async (): Promise<LiveSession | undefined> => this.#parts.asker.byCookie(request);
    const reply = this.#parts.own.answer(request, session);
    if (reply === 'answered') return;
    reply
      .then((value) => this.#send(request, undefined, value))
      .catch((error: unknown) => this.#fail(request, undefined, error));
  }

  #fail(request: GateRequest, app: GatedApp | undefined, caught: unknown): void {
    const error = asGatewayError(caught, 'of a request');
    if (TOKEN_ERRORS.has(error.code)) request.tokenError = error;
    const level = error.status >= 500 ? 'error' : 'warn';
    this.#parts.log[level](
      { err: error, request_id: request.requestId, app: app?.settings.name },
      error.message,
    );
    this.#send(request, app, failureOf(request, app, error));
  }

  #send(request: GateRequest, app: GatedApp | undefined, reply: Reply): void {
    const answer = outsideReply(request, app?.outside, reply);
    sendReply(request.exchange, drawn(answer, this.#parts.brand), Date.now());
    this.#done(request, app, reply.status, undefined);
  }

  #sendPlain(exchange: Exchange, reply: Reply | Promise<Reply>): void {
    const send = (value: Reply): void => sendReply(exchange, drawn(value, this.#parts.brand), Date.now());
    if (!(reply instanceof Promise)) return send(reply);
    reply.then(send).catch((error: unknown) => {
      this.#parts.log.error({ err: error }, 'probe failed');
      exchange.abort();
    });
  }

  #done(request: GateRequest, app: GatedApp | undefined, sent: number, live: LiveSession | undefined): void {
    const milliseconds = performance.now() - request.startedAt;
    const status = sent === 0 ? CLIENT_GONE : sent;
    (app?.metrics ?? this.#parts.ownMetrics).request(status, milliseconds / 1000);
    this.#parts.access?.({
      requestId: request.requestId,
      method: request.method,
      path: request.path,
      status,
      milliseconds,
      app: app?.settings.name,
      sid: live?.session.sid,
    });
  }
}

function aboutDenied({ requestId, clientAddress, path }: GateRequest, app: GatedApp) {
  return { requestId, clientAddress, app: app.settings.name, path };
}
