import type { AllowEntry, Identity } from '../core/types.ts';

/** What is wrong with a piece of configuration text, and what to write instead. */
export interface Malformed {
  readonly message: string;
  readonly fix: string;
}

export function isMalformed(value: object): value is Malformed {
  return 'message' in value && 'fix' in value;
}

const FORMS =
  'everyone, role:NAME, group:NAME, email:ADDRESS, email:*@DOMAIN, domain:DOMAIN or claim:NAME=VALUE';
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
/**
 * Exactly one `@`, ASCII letters, digits and the unquoted punctuation of RFC 5322 section 3.2.3 before it, a host name
 * after it. `a@evil@corp` (CVE-2026-40574), look-alike letters, quotes and control characters are no address at all.
 */
const ADDRESS = /^([a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64})@([a-z0-9.-]{1,253})$/i;

/** The only reading of an e-mail address in the policy: lower case, or `undefined` when it is not a plain one. */
export function readAddress(text: string): { readonly address: string; readonly domain: string } | undefined {
  const match = ADDRESS.exec(text);
  if (match === null) return undefined;
  // The text is ASCII by now: lower-casing cannot fold another letter (such as the Kelvin sign) onto one of these.
  const domain = match[2]?.toLowerCase() ?? '';
  return DOMAIN.test(domain) ? { address: text.toLowerCase(), domain } : undefined;
}

/** Reads one entry of an `allow` list. */
export function parseAllowEntry(text: string): AllowEntry | Malformed {
  if (text === 'everyone') return { kind: 'everyone' };
  const colon = text.indexOf(':');
  const kind = colon < 0 ? '' : text.slice(0, colon);
  const value = text.slice(colon + 1).trim();
  if (kind !== '' && value === '')
    return malformed(`${kind}: has nothing after the colon`, `Write ${kind}:NAME.`);
  if (/[\u0000-\u001f\u007f]/.test(value)) return malformed('holds a control character', 'Remove it.');
  switch (kind) {
    case 'role':
    case 'group':
      return { kind, value };
    case 'email':
      return value.startsWith('*@') ? parseDomain(value.slice(2)) : parseEmail(value);
    case 'domain':
      return parseDomain(value.startsWith('@') ? value.slice(1) : value);
    case 'claim':
      return parseClaim(value);
    default:
      return unknownKind(text, kind, value);
  }
}

function parseEmail(value: string): AllowEntry | Malformed {
  const read = readAddress(value);
  if (read !== undefined && !value.includes('*')) return { kind: 'email', value: read.address };
  return malformed(
    `"${value}" is not one plain e-mail address`,
    'Write email:ada@example.com for one person or email:*@example.com for everybody at a domain.',
  );
}

function parseDomain(value: string): AllowEntry | Malformed {
  const domain = /^[\u0021-\u007e]*$/.test(value) ? value.toLowerCase() : value;
  if (DOMAIN.test(domain)) return { kind: 'domain', value: domain };
  return malformed(
    `"${value}" is not a domain name`,
    value.includes('*')
      ? 'A domain is matched whole: list each subdomain, for example domain:example.com and domain:eu.example.com.'
      : 'Write the domain in plain letters, for example domain:example.com; international names in their xn-- form.',
  );
}

function parseClaim(text: string): AllowEntry | Malformed {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(equals, 0)).trim();
  const value = text.slice(equals + 1).trim();
  if (name !== '' && value !== '') return { kind: 'claim', name, value };
  return malformed(
    `"claim:${text}" does not say which claim has which value`,
    'Write claim:NAME=VALUE, for example claim:department=Finance.',
  );
}

function unknownKind(text: string, kind: string, value: string): Malformed {
  if (text === '*' || text === 'all' || text === 'any')
    return malformed(
      `"${text}" is not an entry of an allow list`,
      'Write everyone to admit all who sign in.',
    );
  if (kind === '' && readAddress(text) !== undefined)
    return malformed(`"${text}" does not say what it is`, `Write email:${text}.`);
  if (kind === 'roles' || kind === 'groups' || kind === 'emails' || kind === 'domains')
    return malformed(`"${kind}:" is not known`, `Write ${kind.slice(0, -1)}:${value}.`);
  return malformed(`"${text}" is not an entry of an allow list`, `Write one of: ${FORMS}.`);
}

function malformed(message: string, fix: string): Malformed {
  return { message, fix };
}

/** Whether one entry admits one signed-in person. */
export function admits(entry: AllowEntry, identity: Identity): boolean {
  switch (entry.kind) {
    case 'everyone':
      return true;
    case 'role':
      return identity.roles.includes(entry.value);
    case 'group':
      return identity.groups.includes(entry.value);
    case 'email':
      return identity.email !== undefined && readAddress(identity.email)?.address === entry.value;
    case 'domain':
      return identity.email !== undefined && readAddress(identity.email)?.domain === entry.value;
    case 'claim':
      return claimHolds(identity.claims, entry.name, entry.value);
  }
}

/** Compared as text, whole and with its case; of a list one entry is enough. */
function claimHolds(claims: Identity['claims'], name: string, value: string): boolean {
  if (claims === undefined || !Object.hasOwn(claims, name)) return false;
  const held = claims[name];
  return typeof held === 'object' ? held.includes(value) : String(held) === value;
}
