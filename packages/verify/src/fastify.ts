import { Admitted, type GuardOptions, judge, nodeHead } from './guard.ts';
import type { Principal, Verifier } from './verifier.ts';

interface FastifyRequest {
  readonly raw: { readonly rawHeaders: readonly string[]; readonly url?: string | undefined };
}

interface FastifyReply {
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: string): unknown;
}

/** A hook for `onRequest`, of a route or of the whole server. */
export interface FastifyGuard<P extends Principal> {
  (request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
  /** Who was let in. @throws Error when this guard did not see the request */
  user(request: FastifyRequest): P;
}

/** Lets in only who has a token that the verifier accepts and meets the requirements; others get 401, 403, 400 or 503. */
export function protect<P extends Principal>(
  verifier: Verifier<P>,
  options: GuardOptions = {},
): FastifyGuard<P> {
  const admitted = new Admitted<FastifyRequest, P>();
  const guard = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const judgement = await judge(verifier, nodeHead(request.raw), options);
    if ('user' in judgement) {
      admitted.set(request, judgement.user);
      return undefined;
    }
    const { status, headers, body } = judgement.refusal;
    reply.code(status);
    reply.headers({ ...headers });
    // Fastify goes on to the route unless the hook waits for what was sent.
    reply.send(body);
    return reply;
  };
  return Object.assign(guard, { user: (request: FastifyRequest) => admitted.get(request) });
}
