import { Admitted, type GuardOptions, judge, nodeHead } from './guard.ts';
import type { Principal, Verifier } from './verifier.ts';

interface ExpressRequest {
  readonly rawHeaders: readonly string[];
  readonly originalUrl: string;
}

/** Only what Node.js itself gives: from Express's own `send`, TypeScript would conclude what the route's handlers may send. */
interface ExpressResponse {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

/** Middleware for `app.use` or a route. */
export interface ExpressGuard<P extends Principal> {
  (request: ExpressRequest, response: ExpressResponse, next: (error?: unknown) => void): void;
  /** Who was let in. @throws Error when this guard did not see the request */
  user(request: ExpressRequest): P;
}

/** Lets in only who has a token that the verifier accepts and meets the requirements; others get 401, 403, 400 or 503. */
export function protect<P extends Principal>(
  verifier: Verifier<P>,
  options: GuardOptions = {},
): ExpressGuard<P> {
  const admitted = new Admitted<ExpressRequest, P>();
  const guard: ExpressGuard<P> = (request, response, next) => {
    const head = nodeHead({ rawHeaders: request.rawHeaders, url: request.originalUrl });
    judge(verifier, head, options).then((judgement) => {
      if ('user' in judgement) {
        admitted.set(request, judgement.user);
        return next();
      }
      const { status, headers, body } = judgement.refusal;
      response.writeHead(status, { ...headers });
      response.end(body);
    }, next);
  };
  guard.user = (request) => admitted.get(request);
  return guard;
}
