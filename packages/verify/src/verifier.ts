import type { JSONWebKeySet } from 'jose';
import type { Fetch } from './fetch-json.ts';
import type { Clock } from './keys.ts';

/** Whom a token speaks of, as far as every kind of token can say. */
export interface Principal {
  /** The issuer's name for them. Only together with `issuer`, and for assertions `provider`, is it somebody. */
  readonly id: string;
  readonly issuer: string;
  readonly email?: string;
  readonly name?: string;
  /** undefined when unknown: an assertion leaves out a list that is too long. */
  readonly roles: readonly string[] | undefined;
  /** undefined when unknown. */
  readonly groups: readonly string[] | undefined;
  /** What an access token allows; nothing for an assertion. */
  readonly scopes: readonly string[];
}

/** Looks at the head of a request: the values of one header, by its name in lower case, and the target. */
export interface RequestHead {
  headers(name: string): readonly string[];
  /** Path and query, or a whole URL. */
  readonly url: string;
}

/** Checks tokens of one issuer for one audience. */
export interface Verifier<P extends Principal> {
  /** Checks a token that you took from somewhere yourself. @throws VerifyError */
  verify(token: string): Promise<P>;
  /** Takes the token out of a request and checks it. @throws VerifyError */
  authenticate(request: RequestHead): Promise<P>;
  /** Scheme of `WWW-Authenticate`. */
  readonly scheme: 'Bearer' | 'Portico';
}

/** What every verifier can be given. */
export interface CommonOptions {
  /** Keys that you have already; then nothing is fetched. */
  readonly jwks?: JSONWebKeySet;
  readonly fetch?: Fetch;
  readonly clock?: Clock;
}
