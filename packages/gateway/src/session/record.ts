import { createHash } from 'node:crypto';
import { isObject } from '../core/object.ts';
import type { ApiToken, Embedded, Identity, Session, TokenSet } from '../core/types.ts';
import type { Sealer } from './seal.ts';

/** Prefixes of the keys in the store. */
export const SESSION_PREFIX = 'session:';
const SEEN_PREFIX = 'seen:';

/** `;` cannot be in a cookie's value, so no cookie has the id of an embedded session as it is. */
const COOKIE_ID = /^[A-Za-z0-9_-]{43}(?:;[a-z0-9._-]{1,64})?$/;

/** Whether this can be a session id at all: 256 bits in base64url, and maybe an app. Guards the store from made-up values. */
export function isCookieId(value: string): boolean {
  return COOKIE_ID.test(value);
}

/**
 * The id behind the cookie of an embedded session. The app is part of it: the same value opens nothing under the name of
 * another app's cookie, and nothing under that of the ordinary one.
 */
export function embeddedId(cookieValue: string, app: string): string {
  return `${cookieValue};${app}`;
}

/** The store knows only the hash, so a stolen database holds no cookie. */
export function sessionKey(cookieId: string): string {
  return SESSION_PREFIX + createHash('sha256').update(cookieId).digest('base64url');
}

/** Row beside the session's that says when it was last seen. */
export function seenKey(key: string): string {
  return SEEN_PREFIX + key.slice(SESSION_PREFIX.length);
}

/** Sealed to its key: a row copied under another key opens as nothing. */
export function sealSession(sealer: Sealer, key: string, session: Session): Uint8Array {
  return sealer.seal('session', Buffer.from(JSON.stringify(session)), key);
}

/** `undefined` for anything that is not a whole session of this key: whoever holds it signs in afresh. */
export function openSession(sealer: Sealer, key: string, sealed: Uint8Array): Session | undefined {
  const bytes = sealer.open('session', sealed, key);
  return bytes === undefined ? undefined : parseSession(Buffer.from(bytes).toString());
}

/** @param lastSeenAt - milliseconds since the epoch */
export function sealSeen(sealer: Sealer, key: string, lastSeenAt: number): Uint8Array {
  return sealer.seal('seen', Buffer.from(String(lastSeenAt)), key);
}

/** Milliseconds since the epoch; `undefined` for what is no such row of this key. */
export function openSeen(sealer: Sealer, key: string, sealed: Uint8Array | undefined): number | undefined {
  const bytes = sealed && sealer.open('seen', sealed, key);
  const at = bytes && Number(Buffer.from(bytes).toString());
  return isTime(at) ? at : undefined;
}

function parseSession(text: string): Session | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isSession(value) ? value : undefined;
}

function isSession(value: unknown): value is Session {
  if (!isObject(value)) return false;
  const { sid, identity, tokens, apiTokens, renewedAt, providerSid, embed } = value as {
    [K in keyof Session]?: unknown;
  };
  const { createdAt, expiresAt, lastSeenAt } = value as { [K in keyof Session]?: unknown };
  return (
    isName(sid) &&
    isIdentity(identity) &&
    isTokenSet(tokens) &&
    (apiTokens === undefined || (isObject(apiTokens) && Object.values(apiTokens).every(isApiToken))) &&
    (renewedAt === undefined || isTime(renewedAt)) &&
    isOptionalString(providerSid) &&
    (embed === undefined || isEmbedded(embed)) &&
    isTime(createdAt) &&
    isTime(expiresAt) &&
    isTime(lastSeenAt)
  );
}

function isEmbedded(value: unknown): value is Embedded {
  if (!isObject(value)) return false;
  const { app, origin, bearer } = value as { [K in keyof Embedded]?: unknown };
  return isName(app) && isName(origin) && isName(bearer);
}

function isIdentity(value: unknown): value is Identity {
  if (!isObject(value)) return false;
  const { issuer, subject, provider, email, name, user, roles, addedRoles, groups, claims } = value as {
    [K in keyof Identity]?: unknown;
  };
  return (
    isName(issuer) &&
    isName(subject) &&
    isName(provider) &&
    isOptionalString(email) &&
    isOptionalString(name) &&
    isOptionalString(user) &&
    isStrings(roles) &&
    (addedRoles === undefined || isStrings(addedRoles)) &&
    isStrings(groups) &&
    (claims === undefined || isClaims(claims))
  );
}

function isClaims(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.values(value).every(
      (held) => ['string', 'number', 'boolean'].includes(typeof held) || isStrings(held),
    )
  );
}

function isTokenSet(value: unknown): value is TokenSet {
  if (!isObject(value)) return false;
  const { accessToken, refreshToken, idToken, accessTokenExpiresAt, scope } = value as {
    [K in keyof TokenSet]?: unknown;
  };
  return (
    [accessToken, refreshToken, idToken, scope].every(isOptionalString) &&
    (accessTokenExpiresAt === undefined || isTime(accessTokenExpiresAt))
  );
}

function isApiToken(value: unknown): value is ApiToken {
  if (!isObject(value)) return false;
  const { accessToken, expiresAt, obtainedAt, scope } = value as { [K in keyof ApiToken]?: unknown };
  return (
    isName(accessToken) &&
    (expiresAt === undefined || isTime(expiresAt)) &&
    (obtainedAt === undefined || isTime(obtainedAt)) &&
    isOptionalString(scope)
  );
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isOptionalString(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
