import type { JWTPayload } from 'jose';
import type { BearerSettings } from '../config/settings.ts';
import { GatewayError } from '../core/errors.ts';
import type { Identity } from '../core/types.ts';
import { claimAt, identityFrom } from '../identity/claims.ts';
import { refused } from './refusal.ts';

/** What a good token comes to. */
export interface Accepted {
  readonly identity: Identity;
  /** Milliseconds since the epoch; a token without it counts as old. */
  readonly issuedAt: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** See `Session.providerSid`. */
  readonly providerSid?: string;
}

/** Milliseconds since the epoch of the last day that a `Date` can be. */
const LAST_DAY = 8.64e15;

/**
 * Whom the claims of a good token describe, when the token allows what is asked.
 * @throws GatewayError `invalid_token` (401), `insufficient_scope` (403)
 */
export function acceptedFrom(settings: BearerSettings, claims: JWTPayload, now: number): Accepted {
  // Of a token that is bound to a key the sender must prove that key, and nothing here can check it (RFC 9449, RFC 8705).
  if (claims['cnf'] !== undefined) throw refused('The token is bound to a key of its sender');
  const { exp, iat, sid } = claims;
  const expiresAt = typeof exp === 'number' ? exp * 1000 : Number.NaN;
  if (!(expiresAt > now && expiresAt <= LAST_DAY)) throw refused('The token has ended');
  for (const path of [settings.rolesClaim, settings.groupsClaim])
    if (!isList(claimAt(claims, path))) throw refused(`The claim ${path} is no list`);
  const identity = identityOf(settings, claims);
  const missing = missingScope(settings.scopes, claims);
  if (missing !== undefined)
    throw new GatewayError('insufficient_scope', 403, `The token lacks the scope ${missing}`, {
      publicMessage: 'The token does not allow this.',
    });
  return {
    identity,
    issuedAt: typeof iat === 'number' ? iat * 1000 : 0,
    expiresAt,
    ...(typeof sid === 'string' && sid !== '' ? { providerSid: sid } : {}),
  };
}

function identityOf(settings: BearerSettings, claims: JWTPayload): Identity {
  try {
    return identityFrom(settings.issuer, settings, claims);
  } catch (error) {
    throw refused(error instanceof GatewayError ? error.message : 'The token names nobody', error);
  }
}

/** `scope` is a text with spaces (RFC 9068); Okta and others send a list, called `scp`. */
function missingScope(wanted: readonly string[], claims: JWTPayload): string | undefined {
  const given = claims['scope'] ?? claims['scp'];
  if (!isList(given)) throw refused('The scope is none');
  const held = typeof given === 'string' ? given.split(' ') : ((given ?? []) as readonly string[]);
  return wanted.find((scope) => !held.includes(scope));
}

const isList = (value: unknown): boolean =>
  value === undefined ||
  typeof value === 'string' ||
  (Array.isArray(value) && value.every((one) => typeof one === 'string'));
