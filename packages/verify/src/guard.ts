import { VerifyError } from './errors.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { demand, type Requirements } from './requirements.ts';
import type { Principal, RequestHead, Verifier } from './verifier.ts';

/** What a guarded route needs, and who hears of refusals. */
export interface GuardOptions extends Requirements {
  /** Told of every refusal, for the log: the answer itself says little. */
  readonly onRefused?: (error: VerifyError) => void;
}

/** Who it is, or the answer that keeps them out. */
export type Judgement<P extends Principal> = { readonly user: P } | { readonly refusal: Refusal };

/** The one decision behind every adapter. Errors that are none of ours go on, so that the framework's own handling sees them. */
export async function judge<P extends Principal>(
  verifier: Verifier<P>,
  request: RequestHead,
  options: GuardOptions,
): Promise<Judgement<P>> {
  try {
    const user = await verifier.authenticate(request);
    demand(user, options);
    return { user };
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    options.onRefused?.(error);
    return { refusal: refusalOf(error, verifier.scheme) };
  }
}

/** Remembers who was let in with which request; nothing is written on the request itself, so nothing can be taken for it. */
export class Admitted<Key extends object, P extends Principal> {
  readonly #users = new WeakMap<Key, P>();

  set(request: Key, user: P): void {
    this.#users.set(request, user);
  }

  /** @throws Error when the guard did not run for this request: a mistake in the routes, not of the visitor. */
  get(request: Key): P {
    const user = this.#users.get(request);
    if (user === undefined) throw new Error('This route is not guarded: the guard did not see the request');
    return user;
  }
}

/**
 * The head of a Node.js request. It reads the raw list, because Node.js keeps only the first of several `Authorization` headers
 * and another server on the way may have judged the last.
 */
export function nodeHead(request: {
  readonly rawHeaders: readonly string[];
  readonly url?: string | undefined;
}): RequestHead {
  const { rawHeaders, url = '/' } = request;
  const headers = (name: string) =>
    rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
  return { url, headers };
}

/** The head of a standard `Request`, which joins several values of a header; the tokens themselves have no comma. */
export function standardHead(request: Request): RequestHead {
  const headers = (name: string) => request.headers.get(name)?.split(/, */) ?? [];
  return { url: request.url, headers };
}
