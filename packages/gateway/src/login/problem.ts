import { GatewayError } from '../core/errors.ts';
import type { RequestFacts } from '../http/facts.ts';
import { errorPage } from '../http/pages/index.ts';
import { page, type Reply, text } from '../http/reply.ts';

/** The page for a sign-in that failed: what a person may know, the stable code for support, and a way to start again. */
export function problemPage(
  facts: RequestFacts,
  error: GatewayError,
  startHref: string,
  headers: Reply['headers'] = [],
): Reply {
  return page(
    error.status,
    errorPage({
      status: error.status,
      title: 'Sign-in did not work',
      message: error.publicMessage ?? 'Something went wrong while signing you in.',
      hint: `${error.publicHint ?? 'Please start again.'} (${error.code})`,
      requestId: facts.requestId,
      action: { href: startHref, label: 'Start again' },
    }),
    headers,
  );
}

/** A failure that is not one of ours becomes one, so that nothing of it can reach a page. */
export function asGatewayError(error: unknown): GatewayError {
  return error instanceof GatewayError
    ? error
    : new GatewayError('internal_error', 500, 'unexpected failure during sign-in', { cause: error });
}

export function methodNotAllowed(allow: string): Reply {
  return text(405, 'Method not allowed\n', [['allow', allow]]);
}
