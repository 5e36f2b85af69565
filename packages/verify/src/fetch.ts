import { type GuardOptions, judge, standardHead } from './guard.ts';
import type { Principal, Verifier } from './verifier.ts';

/** A handler of standard requests that is told who asks. */
export type SignedInHandler<P extends Principal, More extends readonly unknown[]> = (
  request: Request,
  user: P,
  ...more: More
) => Response | Promise<Response>;

/**
 * Wraps a handler of standard requests (Deno, Bun, Workers, Next.js): it is called only for who has a token that the verifier accepts
 * and meets the requirements; others get 401, 403, 400 or 503.
 */
export function protect<P extends Principal, More extends readonly unknown[]>(
  verifier: Verifier<P>,
  handler: SignedInHandler<P, More>,
  options: GuardOptions = {},
): (request: Request, ...more: More) => Promise<Response> {
  return async (request, ...more) => {
    const judgement = await judge(verifier, standardHead(request), options);
    if ('user' in judgement) return handler(request, judgement.user, ...more);
    const { body, status, headers } = judgement.refusal;
    return new Response(body, { status, headers });
  };
}
