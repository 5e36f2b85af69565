import type { IncomingMessage } from 'node:http';
import type { ApiSettings } from '../config/settings.ts';
import { asGatewayError } from '../core/errors.ts';
import type { ApiToken, Identity } from '../core/types.ts';
import { mayEnter } from '../policy/decide.ts';
import type { LiveSession } from '../session/live.ts';
import { headerValue } from '../wire/request-head.ts';
import { sendReply } from '../wire/send.ts';
import { headersForApi, headForApp } from './call-headers.ts';
import { calledApi, locationForApp, pathAtApi } from './call-target.ts';
import { type ApiConnections, pipeAnswer } from './call-upstream.ts';
import type { ApiCaller, AppRequest, DelegatedApp, Delegation } from './delegation.ts';
import { refusalReply, refused } from './refusal.ts';
import { sessionOver } from './subject.ts';

/** An answer that may go on for ever, and must not outlive its session. */
interface OpenAnswer {
  close(): void;
  /** Whether its person may still enter the app. */
  allowed(): boolean;
}

interface ApiCallerParts {
  readonly delegation: Delegation;
  readonly connections: ApiConnections;
  /** Where an API is reached, when that is not its URL: the development provider's is in this process. */
  readonly reach: (url: URL) => URL;
  /** Who has which answer open; closes what a session leaves behind. */
  readonly open: {
    add(live: LiveSession, answer: OpenAnswer): void;
    remove(live: LiveSession, answer: OpenAnswer): void;
  };
  /** Told of each call that reached an API. */
  readonly report: (call: ApiCall) => void;
  /** Told of what went wrong beside a call that went on. */
  readonly onProblem: (error: unknown) => void;
}

/** One call that an API has answered, for audit and metrics. */
export interface ApiCall {
  readonly requestId: string;
  readonly clientAddress: string;
  readonly app: string;
  readonly api: string;
  readonly method: string;
  /** Without the query, which may hold anything. */
  readonly path: string;
  readonly status: number;
  readonly sid: string;
  readonly identity: Identity;
}

/** A call whose app, person and API are known. */
interface Call {
  readonly request: AppRequest;
  readonly app: DelegatedApp;
  readonly live: LiveSession;
  readonly api: ApiSettings;
  /** Path and query at the API. */
  readonly path: string;
  readonly cut: AbortController;
}

/**
 * `ANY /.auth/api/<name>/…`: an app calls a declared API as the person whose assertion it shows. The token is attached
 * here, so the app never has it; what is called is the declared host, below the declared path, and nothing else.
 */
export function apiCaller(parts: ApiCallerParts): ApiCaller {
  return (request, done) => {
    const { exchange } = request;
    const cut = new AbortController();
    const about: { app?: string; sid?: string } = {};
    let status = 0;
    exchange.onClose = () => cut.abort();

    const run = async (): Promise<void> => {
      const call = await admit(parts.delegation, request, cut, about);
      const response = await ask(parts, call);
      const head = headForApp(response, exchange.head.method, (value) => locationForApp(call.api, value));
      if (call.live.ended !== undefined) {
        response.destroy();
        throw sessionOver('the session ended while the API answered');
      }
      status = head.status;
      report(parts, call, head.status);
      const answer: OpenAnswer = {
        close() {
          cut.abort();
          exchange.abort();
        },
        allowed: () => mayEnter(call.live.session.identity, call.app.policy),
      };
      exchange.respond(head);
      exchange.flush();
      if (head.body === 'chunked') parts.open.add(call.live, answer);
      await pipeAnswer(response, exchange);
      parts.open.remove(call.live, answer);
    };

    run().then(
      () => done({ status, ...about }),
      (error: unknown) => {
        if (cut.signal.aborted) return done({ status: 0, ...about });
        const reply = refusalReply(asGatewayError(error, 'of a call to an API'));
        sendReply(exchange, { ...reply, body: String(reply.body) }, Date.now());
        done({ status: reply.status, ...about, error });
      },
    );
  };
}

/** Who asks, for whom, and for which API; each answer is noted as it comes, for the log of a refusal. */
async function admit(
  delegation: Delegation,
  request: AppRequest,
  cut: AbortController,
  about: { app?: string; sid?: string },
): Promise<Call> {
  const { head } = request.exchange;
  const app = delegation.authenticateApp(headerValue(head, 'authorization'));
  about.app = app.name;
  const assertion = headerValue(head, 'portico-assertion');
  if (assertion === undefined)
    throw refused('invalid_request', 400, 'a call without an assertion', {
      say: 'The header Portico-Assertion is missing: it says for whom the API is called.',
    });
  const live = await delegation.subjectOf(assertion, app);
  about.sid = live.session.sid;
  const called = calledApi(head.path);
  const api = delegation.apiOf(called?.name ?? '', app, live);
  return { request, app, live, api, path: pathAtApi(api, called ?? { name: '', rest: '' }, head.query), cut };
}

/** Asks the API, and once more with another token when it does not take this one and nothing is lost by it. */
async function ask(parts: ApiCallerParts, call: Call): Promise<IncomingMessage> {
  const { tokens } = parts.delegation;
  const token = await tokens.get(call.live, call.api);
  const response = await send(parts, call, token);
  if (response.statusCode !== 401) return response;
  const other = await tokenAfter(parts, call, token);
  if (other === undefined) return response;
  response.destroy();
  return send(parts, call, other);
}

/** The API has refused a token: it is used no more. @returns another one, where the request can be made again */
async function tokenAfter(
  { delegation: { tokens }, onProblem }: ApiCallerParts,
  { live, api, request }: Call,
  refusedToken: ApiToken,
): Promise<ApiToken | undefined> {
  try {
    await tokens.drop(live, api, refusedToken);
    // A body has gone by and cannot be sent again.
    if (request.exchange.head.framing.kind !== 'none') return undefined;
    const token = await tokens.get(live, api);
    return token.accessToken === refusedToken.accessToken ? undefined : token;
  } catch (error) {
    // The API's own answer is the better one.
    onProblem(error);
    return undefined;
  }
}

function send(parts: ApiCallerParts, call: Call, token: ApiToken): Promise<IncomingMessage> {
  const { api, path, cut, request } = call;
  const url = new URL(api.url);
  const { exchange } = request;
  cut.signal.throwIfAborted();
  return parts.connections.send(
    {
      origin: parts.reach(url),
      method: exchange.head.method,
      path,
      headers: headersForApi(exchange.head, url.host, token.accessToken),
      signal: cut.signal,
    },
    exchange,
  );
}

function report(parts: ApiCallerParts, { request, app, live, api, path }: Call, status: number): void {
  const { requestId, clientAddress, exchange } = request;
  parts.report({
    requestId,
    clientAddress,
    app: app.name,
    api: api.name,
    method: exchange.head.method,
    path: path.split('?', 1)[0] as string,
    status,
    sid: live.session.sid,
    identity: live.session.identity,
  });
}
