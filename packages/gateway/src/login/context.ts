import type { GatewayError } from '../core/errors.ts';
import type { Clock, ProviderLogout, RandomBytes, Session } from '../core/types.ts';
import type { CookieNames } from '../http/cookies.ts';
import type { IdentityProvider, RedirectProvider } from '../identity/provider.ts';
import type { Sealer } from '../session/seal.ts';
import type { Sessions } from '../session/sessions.ts';
import type { SessionStore } from '../session/store.ts';

/** What audit and metrics are told. The error is for the log and holds no secret. */
export type LoginEvent =
  | { readonly kind: 'sign-in'; readonly requestId: string; readonly session: Session }
  | {
      readonly kind: 'sign-in-failed';
      readonly requestId: string;
      readonly provider?: string;
      readonly error: GatewayError;
    }
  | { readonly kind: 'sign-out'; readonly requestId: string; readonly session: Session }
  | ProviderEvent;

/** What passed between the gateway and a provider behind a sign-out. */
export type ProviderEvent =
  | {
      readonly kind: 'revocation-failed' | 'back-channel-refused';
      readonly requestId: string;
      readonly provider: string;
      readonly error: GatewayError;
    }
  | {
      readonly kind: 'back-channel-logout';
      readonly requestId: string;
      readonly provider: string;
      /** Sessions that it ended. */
      readonly count: number;
    };

/** Everything that sign-in and sign-out need, given once by the composition root. */
export interface LoginContext {
  /** By name, in the order of the configuration. */
  readonly providers: ReadonlyMap<string, IdentityProvider>;
  readonly cookies: CookieNames;
  readonly seal: Pick<Sealer, 'sealText' | 'openText'>;
  readonly store: SessionStore;
  readonly sessions: Pick<Sessions, 'create' | 'end' | 'endLoggedOut'>;
  /** Bearer tokens that a provider's logout ends, too; says how many were in use. Absent when none are taken. */
  readonly endTokens?: ((meant: ProviderLogout) => Promise<number>) | undefined;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly report: (event: LoginEvent) => void;
}

/** The redirect URI of a provider on one host: from the configured origin, never from Host (security fact 4). */
export function redirectUriFor(origin: string, provider: string): string {
  return `${origin}/.auth/login/${encodeURIComponent(provider)}/callback`;
}

/** The same, unless the configuration has another one on this very origin. */
export function redirectUriOf(
  origin: string,
  provider: Pick<RedirectProvider, 'name' | 'redirectUri'>,
): string {
  const { name, redirectUri } = provider;
  return redirectUri !== undefined && new URL(redirectUri).origin === origin
    ? redirectUri
    : redirectUriFor(origin, name);
}

/**
 * Whether a request outside `/.auth` is an answer to a redirect URI from the configuration, which may be a page of an app
 * otherwise.
 */
export function isAnswer(query: string): boolean {
  const params = new URLSearchParams(query);
  return params.has('state') && (params.has('code') || params.has('error'));
}

/** Where sign-in starts, on the way to `returnTo`. */
export function loginHref(returnTo: string, provider?: string, otherAccount = false): string {
  const path = provider === undefined ? '/.auth/login' : `/.auth/login/${encodeURIComponent(provider)}`;
  return `${path}?return_to=${encodeURIComponent(returnTo)}${otherAccount ? '&account=other' : ''}`;
}
