import { Admitted, type GuardOptions, judge, standardHead } from './guard.ts';
import type { Principal, Verifier } from './verifier.ts';

interface HonoContext {
  readonly req: { readonly raw: Request };
}

/** Middleware for `app.use` or a route. */
export interface HonoGuard<P extends Principal> {
  (context: HonoContext, next: () => Promise<void>): Promise<Response | undefined>;
  /** Who was let in. @throws Error when this guard did not see the request */
  user(context: HonoContext): P;
}

/** Lets in only who has a token that the verifier accepts and meets the requirements; others get 401, 403, 400 or 503. */
export function protect<P extends Principal>(
  verifier: Verifier<P>,
  options: GuardOptions = {},
): HonoGuard<P> {
  const admitted = new Admitted<HonoContext, P>();
  const guard = async (context: HonoContext, next: () => Promise<void>): Promise<Response | undefined> => {
    const judgement = await judge(verifier, standardHead(context.req.raw), options);
    if ('refusal' in judgement) {
      const { body, status, headers } = judgement.refusal;
      return new Response(body, { status, headers });
    }
    admitted.set(context, judgement.user);
    await next();
    return undefined;
  };
  return Object.assign(guard, { user: (context: HonoContext) => admitted.get(context) });
}
