import { bearerToken } from '../bearer/credentials.ts';
import { refused } from '../bearer/refusal.ts';
import type { AppSettings } from '../config/settings.ts';
import { GatewayError } from '../core/errors.ts';
import type { Reply } from '../http/reply.ts';
import type { AnswerRules } from '../proxy/answer-rules.ts';
import { outsideHead } from '../proxy/outside-head.ts';
import type { LiveSession } from '../session/live.ts';
import type { RequestHead } from '../wire/request-head.ts';
import { corsHeaders, listedOrigin, preflightReply } from './cors.ts';
import type { GateRequest } from './request.ts';
import { takeTicket, targetWithoutTicket } from './ticket-parameter.ts';
import type { Tickets } from './tickets.ts';

/** What tokens stand for. */
export interface Bearer {
  /** See `BearerVerifier.verify`. */
  verify(app: string, token: string): LiveSession | Promise<LiveSession>;
  readonly tickets: Tickets;
}

/** What RFC 6750 section 3.1 knows; a client is told which it is. */
export const TOKEN_ERRORS: ReadonlySet<string> = new Set([
  'invalid_request',
  'invalid_token',
  'insufficient_scope',
]);
const NO_ORIGINS: ReadonlySet<string> = new Set();
/** A classic script, so that it has run before the app's own. */
const SCRIPT = Buffer.from('<script src="/.auth/embed/app.js"></script>');

/**
 * What is different for an app to which people come from other sites: with tokens of those, or inside their pages. Who may
 * enter is the gate's business all the same.
 */
export class Outside {
  readonly #app: string;
  readonly #bearer: Bearer | undefined;
  readonly #frameAncestors: string | undefined;
  readonly #script: boolean;
  /** Of pages that may read its answers. */
  readonly #inline: ReadonlySet<string>;
  /** `undefined` without inline mode: then caches need not tell pages apart. */
  readonly #reads: boolean;

  /** @param bearer - absent when the app takes no tokens */
  constructor({ name, embed }: Pick<AppSettings, 'name' | 'embed'>, bearer: Bearer | undefined) {
    this.#app = name;
    this.#bearer = bearer;
    this.#frameAncestors = embed && ["'self'", ...embed.origins].join(' ');
    this.#script = embed?.script ?? false;
    this.#reads = embed?.inline ?? false;
    this.#inline = this.#reads ? new Set(embed?.origins) : NO_ORIGINS;
  }

  /** Whose page may read this app's answers. */
  isReader(origin: string): boolean {
    return this.#inline.has(origin);
  }

  preflight(request: GateRequest): Reply | undefined {
    return preflightReply(request, this.#inline);
  }

  /**
   * The session that a request's token stands for; `undefined` when it brings none, and then its cookie counts. A wrong token
   * is never made good by a cookie.
   *
   * @throws GatewayError `invalid_request` (400), `invalid_token` (401), `insufficient_scope`, `cross_origin` (403),
   * `temporarily_unavailable`, `store_unavailable` (503); the promise rejects with the same
   */
  session(request: GateRequest): LiveSession | Promise<LiveSession> | undefined {
    if (this.#bearer === undefined) return undefined;
    const token = bearerToken(request.head);
    const ticket = request.kind === 'upgrade' ? takeTicket(request.query) : undefined;
    if (ticket !== undefined && token !== undefined)
      throw new GatewayError('invalid_request', 400, 'A handshake brings a token and a ticket');
    request.byToken = token !== undefined || ticket !== undefined;
    if (ticket !== undefined) return this.#redeem(request, this.#bearer, ticket);
    return token === undefined ? undefined : this.#bearer.verify(this.#app, token);
  }

  /**
   * A ticket for one WebSocket, for whoever has a good token.
   *
   * @param origin - of the page that asks; absent when a server does
   * @throws GatewayError as `session`
   */
  async ticket(token: string, origin: string | undefined): Promise<string> {
    if (this.#bearer === undefined) throw refused('The app takes no bearer tokens');
    await this.#bearer.verify(this.#app, token);
    return this.#bearer.tickets.issue({ token, app: this.#app, ...(origin === undefined ? {} : { origin }) });
  }

  async #redeem(request: GateRequest, { tickets, verify }: Bearer, ticket: string): Promise<LiveSession> {
    const found = await tickets.redeem(ticket);
    if (found === undefined || found.app !== this.#app)
      throw refused('The ticket is used, too old, or for another app');
    // Only the page that asked for it may use it; one that a server asked for is for pages that may read the app.
    const origin = request.header('origin');
    const fits =
      found.origin === undefined
        ? origin === undefined || origin === request.origin || this.#inline.has(origin)
        : origin === found.origin;
    if (!fits) throw new GatewayError('cross_origin', 403, 'The ticket was given to another page');
    return verify(this.#app, found.token);
  }

  /** What the app sees of a request. */
  head(request: GateRequest): RequestHead {
    const head = outsideHead(request.head, {
      withoutAuthorization: this.#bearer !== undefined,
      origin: request.byToken ? request.origin : undefined,
      plainAnswer: this.#inserts(request),
    });
    return this.#bearer === undefined ? head : { ...head, target: targetWithoutTicket(request.head) };
  }

  /** What becomes of the app's answer to a request. */
  answer(request: GateRequest): AnswerRules {
    return {
      ...(this.#frameAncestors === undefined ? {} : { frameAncestors: this.#ancestors(request) }),
      added: this.#cors(request).flat(),
      ...(this.#inserts(request) ? { insertion: SCRIPT } : {}),
    };
  }

  /** An answer of the gateway's own in this app's place: shown in the same frames, read by the same pages. */
  reply(request: GateRequest, reply: Reply): Reply {
    const challenge = this.#challenge(request, reply);
    const headers = reply.headers.map(([name, value]): readonly [string, string] => {
      const framed = name === 'content-security-policy' && this.#frameAncestors !== undefined;
      return [
        name,
        framed
          ? value.replace("frame-ancestors 'none'", `frame-ancestors ${this.#ancestors(request)}`)
          : value,
      ];
    });
    return { ...reply, headers: [...headers, ...this.#cors(request), ...challenge] };
  }

  /** What an embedded session shows is for the page alone that began it. */
  #ancestors({ embedder }: GateRequest): string {
    return embedder === undefined ? (this.#frameAncestors ?? "'self'") : `'self' ${embedder}`;
  }

  #inserts(request: GateRequest): boolean {
    return this.#script && request.kind === 'page';
  }

  #cors(request: GateRequest): Reply['headers'] {
    return this.#reads ? corsHeaders(listedOrigin(request, this.#inline)) : [];
  }

  #challenge(request: GateRequest, { status }: Reply): Reply['headers'] {
    const { tokenError } = request;
    if (this.#bearer === undefined || (tokenError === undefined && status !== 401)) return [];
    return [challenge(tokenError)];
  }
}

/** Whether this asks for a ticket, which pages of other sites do. */
export function asksTicket({ path }: Pick<GateRequest, 'path'>): boolean {
  return path === '/.auth/embed/ticket';
}

/** An answer of the gateway's own, as pages of other sites may show or read it. */
export function outsideReply(request: GateRequest, outside: Outside | undefined, reply: Reply): Reply {
  if (outside !== undefined) return outside.reply(request, reply);
  if (!asksTicket(request)) return reply;
  const { tokenError, site } = request;
  const headers = [...reply.headers, ...corsHeaders(listedOrigin(request, site.embedders))];
  return { ...reply, headers: tokenError === undefined ? headers : [...headers, challenge(tokenError)] };
}

/** RFC 6750 section 3. Without an error for who brought no token: that is no mistake. */
export function challenge(error?: GatewayError): readonly [name: string, value: string] {
  const why = error === undefined ? '' : `, error="${error.code}"`;
  const words = error?.publicMessage === undefined ? '' : `, error_description="${error.publicMessage}"`;
  return ['www-authenticate', `Bearer realm="portico"${why}${words}`];
}
