import { GatewayError } from '../core/errors.ts';
import { isObject } from '../core/object.ts';
import type { ClaimValue, Identity } from '../core/types.ts';

/** Claims of an ID token or of UserInfo, already verified. */
export type Claims = Readonly<Record<string, unknown>>;

interface ClaimSettings {
  readonly name: string;
  /** A claim's whole name, or a dotted path into nested objects (`realm_access.roles`). */
  readonly rolesClaim: string;
  readonly groupsClaim: string;
  /** Claim that apps are told as the user; the subject when absent. */
  readonly userClaim?: string;
  /** Further claims to pass on. */
  readonly claims?: readonly string[];
}

const MAX_ENTRIES = 1000;
const MAX_ENTRY_LENGTH = 256;
const MAX_NAME_LENGTH = 200;
const MAX_EMAIL_LENGTH = 254;
const MAX_SUBJECT_LENGTH = 255;

/** Control characters split headers and log lines; direction marks make one name look like another. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** One `@` and no space: `a@evil@corp` must never count as somebody at corp (CVE-2026-40574). */
const EMAIL = /^[^\s@"(),:;<>[\\\]]+@[^\s@"(),:;<>[\\\]]+$/u;

function clean(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return text === '' || text.length > maxLength || UNPRINTABLE.test(text) ? undefined : text;
}

/** The value under a claim's whole name (names may contain dots, like `https://example.com/roles`), else under the dotted path. */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const key of path.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** A string or an array of strings, without what is malformed, repeated or beyond the cap. */
export function claimList(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const entries = new Set<string>();
  for (const candidate of values) {
    const entry = clean(candidate, MAX_ENTRY_LENGTH);
    if (entry !== undefined) entries.add(entry);
    if (entries.size === MAX_ENTRIES) break;
  }
  return [...entries];
}

/**
 * The claims that are passed on, under the names by which they were asked for. What is neither text, number, yes or no
 * nor a list of texts is left out, and so is what could break a line.
 */
export function claimsNamed(
  names: readonly string[],
  idToken: Claims,
  userInfo: Claims = {},
): Readonly<Record<string, ClaimValue>> | undefined {
  const found = names.flatMap((name): [string, ClaimValue][] => {
    const value = claimValue(claimAt(idToken, name) ?? claimAt(userInfo, name));
    return value === undefined ? [] : [[name, value]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function claimValue(value: unknown): ClaimValue | undefined {
  if (typeof value === 'boolean' || Number.isFinite(value)) return value as boolean | number;
  if (!Array.isArray(value)) return clean(value, MAX_ENTRY_LENGTH);
  const list = claimList(value);
  return list.length === 0 ? undefined : list;
}

/** Only an address that this same document calls verified (security fact 6). */
function verifiedEmail(claims: Claims): string | undefined {
  if (claims['email_verified'] !== true) return undefined;
  const email = clean(claims['email'], MAX_EMAIL_LENGTH);
  return email !== undefined && EMAIL.test(email) ? email : undefined;
}

/** True when UserInfo could still tell something that policy or apps use. */
export function wantsUserInfo(claims: Claims, settings: ClaimSettings): boolean {
  return (
    claims['email'] === undefined ||
    claims['name'] === undefined ||
    claimAt(claims, settings.rolesClaim) === undefined ||
    claimAt(claims, settings.groupsClaim) === undefined ||
    (settings.userClaim !== undefined && claimAt(claims, settings.userClaim) === undefined) ||
    (settings.claims ?? []).some((name) => claimAt(claims, name) === undefined)
  );
}

/**
 * The person that the claims describe. The ID token wins; UserInfo fills what it left out.
 *
 * @throws GatewayError `sign_in_refused` (403) when the subject cannot be used safely, `user_claim_missing` (403) when
 * the claim that names the user has nothing that can be used.
 */
export function identityFrom(
  issuer: string,
  settings: ClaimSettings,
  idToken: Claims,
  userInfo: Claims = {},
): Identity {
  const sub = idToken['sub'];
  // The subject is an identifier: it is taken exactly, or not at all.
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_LENGTH || UNPRINTABLE.test(sub)) {
    throw new GatewayError(
      'sign_in_refused',
      403,
      `the subject from ${settings.name} is empty, too long or has control characters`,
      {
        publicMessage: 'The sign-in service described your account in a way that cannot be used here.',
      },
    );
  }
  const email = idToken['email'] === undefined ? verifiedEmail(userInfo) : verifiedEmail(idToken);
  const name =
    clean(idToken['name'], MAX_NAME_LENGTH) ??
    clean(userInfo['name'], MAX_NAME_LENGTH) ??
    clean(idToken['preferred_username'], MAX_NAME_LENGTH) ??
    clean(userInfo['preferred_username'], MAX_NAME_LENGTH);
  const user = userOf(settings, idToken, userInfo, email);
  const list = (path: string): readonly string[] =>
    claimList(claimAt(idToken, path) ?? claimAt(userInfo, path));
  const claims = claimsNamed(settings.claims ?? [], idToken, userInfo);
  return {
    issuer,
    subject: sub,
    provider: settings.name,
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
    ...(user === undefined ? {} : { user }),
    roles: list(settings.rolesClaim),
    groups: list(settings.groupsClaim),
    ...(claims === undefined ? {} : { claims }),
  };
}

/** Never the next best thing: an app that keeps its data by this name would take one person for another. */
function userOf(
  { name, userClaim }: ClaimSettings,
  idToken: Claims,
  userInfo: Claims,
  verified: string | undefined,
): string | undefined {
  if (userClaim === undefined) return undefined;
  const given = claimAt(idToken, userClaim) ?? claimAt(userInfo, userClaim);
  // An address that nobody has verified may be anybody's (security fact 6).
  const user =
    userClaim === 'email'
      ? verified
      : clean(typeof given === 'number' ? String(given) : given, MAX_SUBJECT_LENGTH);
  if (user !== undefined) return user;
  const what = userClaim === 'email' ? 'no verified e-mail address' : `nothing usable under ${userClaim}`;
  throw new GatewayError('user_claim_missing', 403, `${name} says ${what}, which user_claim asks for`, {
    publicMessage: `The sign-in service says ${what} for your account, and this site needs it.`,
    publicHint: 'Ask whoever runs your accounts to fill it in, then sign in again.',
  });
}
