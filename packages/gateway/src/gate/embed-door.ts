import { bearerToken } from '../bearer/credentials.ts';
import { asGatewayError, type GatewayError } from '../core/errors.ts';
import { contextReply } from '../embed/around.ts';
import { issueCode } from '../embed/code.ts';
import type { EmbedContext, EmbedEvent, EmbedParts, EmbedStep, Fields } from '../embed/context.ts';
import { endEmbedded } from '../embed/end.ts';
import { countsInFrame } from '../embed/frame.ts';
import { preflight, shared } from '../embed/origins.ts';
import { renewEmbedded } from '../embed/renew.ts';
import { scriptReply } from '../embed/scripts.ts';
import { validFor } from '../embed/session.ts';
import { startEmbedded } from '../embed/start.ts';
import { json, methodNotAllowed, type Reply } from '../http/reply.ts';
import type { LiveSession } from '../session/live.ts';
import { readFields } from './form.ts';
import { framedReply } from './framed.ts';
import { challenge } from './outside.ts';
import type { GateRequest } from './request.ts';
import { DUPLICATE, sessionCookie } from './session-cookie.ts';

const PREFIX = '/.auth/embed/';
/** Bytes of a request's body; the longest part is a token. */
const LARGEST_BODY = 32 * 1024;
const ALLOWED_IN_FRAMES = "frame-ancestors 'none'";

/** What each step that is asked for with a body does. */
const STEPS = { code: issueCode, renew: renewEmbedded, end: endEmbedded } as const;

/** Answers what is under `/.auth/embed/`: for pages of other sites, for their servers, and for frames in them. */
export class EmbedDoor {
  readonly #parts: EmbedParts;
  readonly #report: (event: EmbedEvent, request: GateRequest) => void;
  constructor(parts: EmbedParts, report: (event: EmbedEvent, request: GateRequest) => void) {
    this.#parts = parts;
    this.#report = report;
  }

  /** `undefined` for what is not its own. */
  async answer(request: GateRequest): Promise<Reply | undefined> {
    if (!request.path.startsWith(PREFIX)) return undefined;
    const name = request.path.slice(PREFIX.length);
    if (name === 'start') return this.#start(request);
    if (name === 'context') return contextReply(request, await this.#around(request));
    const listed = request.site.embedders;
    if (name !== 'code' && name !== 'renew' && name !== 'end') {
      const script = scriptReply(request, name);
      return script && shared(script, request, listed);
    }
    const asked = preflight(request, listed);
    if (asked !== undefined) return shared(asked, request, listed);
    if (request.method !== 'POST') return methodNotAllowed('OPTIONS, POST');
    return shared(await this.#step(request, name), request, listed);
  }

  async #step(request: GateRequest, step: keyof typeof STEPS): Promise<Reply> {
    const context = this.#contextOf(request);
    let fields: Fields | undefined;
    try {
      fields = await readFields(request.exchange, LARGEST_BODY);
      return await STEPS[step](context, request, { fields, token: bearerToken(request.head) });
    } catch (caught) {
      const error = asGatewayError(caught, `of an embedded session (${step})`);
      this.#refused(request, step, fields?.getAll('app')[0], error);
      const { code, status, publicMessage } = error;
      const body = { error: code, error_description: publicMessage ?? null, request_id: request.requestId };
      return json(status, body, status === 401 ? [challenge(error)] : []);
    }
  }

  /** What goes wrong here is told to the page around the frame, which alone can do something about it. */
  async #start(request: GateRequest): Promise<Reply> {
    if (request.method !== 'GET') return methodNotAllowed('GET');
    try {
      const present = (app: string) => this.#present(request, app);
      return await startEmbedded(this.#contextOf(request), request, present);
    } catch (caught) {
      const error = asGatewayError(caught, 'of an embedded session (start)');
      this.#refused(request, 'start', undefined, error);
      const { embedders } = request.site;
      return framable(framedReply(request, error, [...embedders]), embedders);
    }
  }

  #contextOf(request: GateRequest): EmbedContext {
    return { ...this.#parts, report: (event) => this.#report(event, request) };
  }

  #refused(request: GateRequest, step: EmbedStep, app: string | undefined, error: GatewayError): void {
    const origin = request.header('origin') ?? URL.parse(request.header('referer') ?? '')?.origin;
    this.#report({ kind: 'refused', step, origin, app, error }, request);
  }

  /** The embedded session of an app that this browser has. */
  async #present(request: GateRequest, app: string): Promise<LiveSession | undefined> {
    const { cookies, sessions } = this.#parts;
    const value = sessionCookie(request.head.cookie, cookies.embedPrefix + app);
    // Of two, neither is believed; the one that comes now takes their place.
    if (value === undefined || value === DUPLICATE) return undefined;
    return validFor(this.#parts, app, await sessions.loadEmbedded(value, app));
  }

  /** The embedded session of the page of ours that asks: its path says which app it is. */
  async #around(request: GateRequest): Promise<LiveSession | undefined> {
    if (!countsInFrame(request)) return undefined;
    const from = URL.parse(request.header('referer') ?? '');
    const app = from?.origin === request.origin ? request.site.appFor(from.pathname) : undefined;
    if (app !== undefined) return this.#present(request, app.settings.name);
    // The app's pages do not say; with sessions of two apps nobody can tell which one is asked for.
    const all = await Promise.all([...this.#parts.apps.keys()].map((name) => this.#present(request, name)));
    const found = all.filter((live) => live !== undefined);
    return found.length === 1 ? found[0] : undefined;
  }
}

function framable(reply: Reply, listed: ReadonlySet<string>): Reply {
  const allowed = ["frame-ancestors 'self'", ...listed].join(' ');
  const headers = reply.headers.map(([name, value]): readonly [string, string] => [
    name,
    name === 'content-security-policy' ? value.replace(ALLOWED_IN_FRAMES, allowed) : value,
  ]);
  return { ...reply, headers };
}
