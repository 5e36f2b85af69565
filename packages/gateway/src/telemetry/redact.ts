import { GatewayError } from '../core/errors.ts';

const REDACTED = '[redacted]';

/** Names whose values are secret wherever they stand, after folding case, `-` and `_`. */
const SECRET_NAME =
  /token|secret|password|passwd|passphrase|cookie|authorization|assertion|privatekey|apikey|credential|verifier|nonce|clientprincipal|sessionid$/;
const MAX_DEPTH = 6;
const MAX_STRING = 4000;

/**
 * Secrets that are known by their shape, in any text: messages of libraries, addresses, output of apps. Repetitions
 * before a fixed word are bounded, or a long path could make the search slow (ReDoS).
 */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  // JWS and JWE in compact form (RFC 7515 section 7.1, RFC 7516 section 7.1): the header of either begins `{"`.
  [/\beyJ[\w-]+(?:\.[\w-]*){1,4}/g, REDACTED],
  // Authorization credentials (RFC 9110 section 11.6.2).
  [/\b(Bearer|Basic|DPoP|Negotiate)\s+[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`],
  // What travels in addresses and forms of OAuth (RFC 6749, 7636, 8693) and OpenID Connect, also encoded once more.
  [
    /(?:(?<=%[0-9a-f]{2})|\b)(code|state|nonce|code_verifier|[\w-]{0,40}(?:assertion|token|secret|password|hint))(=|%3D)[^&\s"'\\;,]+/gi,
    `$1$2${REDACTED}`,
  ],
  // The same as JSON inside of a message.
  [
    /(\\?"(?:code|state|nonce|[\w-]{0,40}(?:token|secret|password|assertion|verifier))\\?"\s*:\s*\\?")[^"\\]*/gi,
    `$1${REDACTED}`,
  ],
  // Cookies of the gateway, in a header or alone.
  [/\b((?:__(?:Host|Secure)-)?portico[\w.-]{0,80})=[^;\s"'\\]+/gi, `$1=${REDACTED}`],
  [/\b((?:set-)?cookie|(?:proxy-)?authorization):[^\r\n]*/gi, `$1: ${REDACTED}`],
  // User and password in an address.
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^/\s"'\\@]+@/gi, `$1${REDACTED}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gs, REDACTED],
];

/** Text without anything that has the shape of a secret. */
function scrub(text: string): string {
  let clean = text;
  for (const [shape, instead] of SHAPES) clean = clean.replace(shape, instead);
  return clean;
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name.toLowerCase().replace(/[-_]/g, ''));
}

/**
 * A plain copy for the log: values under secret names are gone, text is scrubbed, errors are reduced to what is said
 * on purpose, bytes and deep structures are left out. Doing it twice changes nothing more.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string')
    return scrub(value.length > MAX_STRING ? `${value.slice(0, MAX_STRING)}…` : value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return describeError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (value instanceof URL) return scrub(value.href);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value))
    return isPair(value) ? field(value, depth) : value.map((item) => redact(item, depth + 1));
  const entries = isIterable(value) ? [...value] : Object.entries(value);
  if (!entries.every(isPair)) return redact(entries, depth + 1);
  return Object.fromEntries(entries.map((entry) => field(entry, depth)));
}

type Pair = [name: string, value: unknown];

/** A header as frameworks keep it: `['cookie', '…']`. */
function isPair(value: unknown): value is Pair {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string';
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

function field([name, value]: Pair, depth: number): Pair {
  const harmless =
    value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean';
  if (!harmless && isSecretName(name)) return [name, REDACTED];
  // `code` and `state` are our words for errors and processes, and OAuth's for secrets: only plain words pass.
  if (!harmless && name === 'code' && !isErrorCode(value)) return [name, REDACTED];
  if (!harmless && name === 'state' && !/^[a-z-]{1,20}$/.test(String(value))) return [name, REDACTED];
  return [name, redact(value, depth + 1)];
}

function isErrorCode(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^(?:[a-z]+(?:_[a-z0-9]+)*|E[A-Z0-9_]+|[A-Z]+(?:_[A-Z0-9]+)+)$/.test(value) &&
    value.length <= 64
  );
}

/** What the log says of an error and of what caused it. Other properties may hold requests or answers: left out. */
function describeError(error: Error, depth: number): Record<string, unknown> {
  const {
    code,
    error: oauth,
    errors,
  } = error as Error & { code?: unknown; error?: unknown; errors?: unknown };
  return {
    type: error.name,
    ...(isErrorCode(code) && { code }),
    ...(error instanceof GatewayError && { status: error.status }),
    message: redact(error.message),
    // The provider's own word, e.g. `access_denied` (RFC 6749 section 4.1.2.1).
    ...(isErrorCode(oauth) && { error: oauth }),
    ...(!(error instanceof GatewayError) && { stack: stackOf(error) }),
    ...(Array.isArray(errors) && { errors: redact(errors, depth + 1) }),
    ...(error.cause !== undefined && { cause: redact(error.cause, depth + 1) }),
  };
}

function stackOf(error: Error): string[] {
  const lines = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return lines.slice(0, 8).map((line) => line.trim());
}

/** An app's command for people to read, without the secrets that some pass as flags. */
export function redactCommand(argv: readonly string[]): string {
  let hideNext = false;
  const words = argv.map((word) => {
    if (hideNext && !word.startsWith('-')) {
      hideNext = false;
      return REDACTED;
    }
    const [name = '', ...value] = word.split('=');
    const secret = isSecretName(name);
    hideNext = secret && name.startsWith('-') && value.length === 0;
    if (secret && value.length > 0) return `${name}=${REDACTED}`;
    return /^[\w@%+=:,./~\\-]+$/.test(word) ? word : JSON.stringify(word);
  });
  return scrub(words.join(' '));
}
