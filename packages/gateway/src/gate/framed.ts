import { GatewayError } from '../core/errors.ts';
import { isFrame } from '../embed/frame.ts';
import { framedPage } from '../http/pages/index.ts';
import { page, type Reply } from '../http/reply.ts';
import { loginHref } from '../login/context.ts';
import type { Redirection, Refusal } from '../policy/permit.ts';
import { denied, failure, loginRequired } from './refusals.ts';
import type { GateRequest } from './request.ts';
import type { GatedApp } from './sites.ts';

/** What stands in a frame of another site's page in place of an app; outside of frames, what stands there in any case. */

/** Never sign-in inside a frame, where nobody can tell whose form they see (security fact 19). */
export function loginOf(request: GateRequest, app: GatedApp): Reply {
  if (!isFramed(request, app)) return loginRequired(request);
  const error = new GatewayError('login_required', 401, 'nobody is signed in', {
    publicMessage: 'Nobody is signed in to this app here, or no longer.',
    publicHint: 'The page around it can sign you in: use what it offers, or reload it.',
  });
  // Where no token could bring anybody in, a tab of its own can.
  const signIn = app.settings.bearer === undefined ? loginHref(request.head.target) : undefined;
  return framedReply(request, error, [...(app.settings.embed?.origins ?? [])], signIn);
}

export function denialOf(
  request: GateRequest,
  app: GatedApp,
  refusal: Refusal | Redirection,
  identity: Parameters<typeof denied>[3],
): Reply {
  if (!isFramed(request, app)) return denied(request, app, refusal, identity);
  const code = refusal.kind === 'redirect' ? 'forbidden' : refusal.code;
  const error = new GatewayError(code, 403, refusal.reason, {
    publicMessage: `This account may not open ${app.settings.title}.`,
    publicHint: `Reason: ${refusal.reason}.`,
  });
  return framedReply(request, error, told(request, app));
}

export function failureOf(request: GateRequest, app: GatedApp | undefined, error: GatewayError): Reply {
  if (app === undefined || !isFramed(request, app)) return failure(request, error);
  return framedReply(request, error, told(request, app));
}

/**
 * A page for a frame that says why there is no app in it, also to the page around.
 *
 * @param origins - that are told; nobody else is
 * @param signIn - where somebody can sign in, in a tab of its own
 */
export function framedReply(
  request: GateRequest,
  error: GatewayError,
  origins: readonly string[],
  signIn?: string,
): Reply {
  // What another token, or another code, would help against.
  const again = error.status === 401 || error.code === 'embed_code_invalid';
  return page(
    error.status,
    framedPage({
      title: again ? 'Please sign in' : 'The app cannot be shown here',
      message: error.publicMessage ?? 'Something went wrong, and it is not your fault.',
      hint: error.publicHint,
      state: again ? 'login_required' : 'error',
      reason: error.code,
      origins,
      signIn,
      requestId: request.requestId,
    }),
  );
}

function isFramed(request: GateRequest, app: GatedApp): boolean {
  return request.kind === 'page' && app.settings.embed !== undefined && isFrame(request);
}

/** The page around an embedded session alone, where there is one. */
function told(request: GateRequest, app: GatedApp): readonly string[] {
  return request.embedder === undefined ? (app.settings.embed?.origins ?? []) : [request.embedder];
}
