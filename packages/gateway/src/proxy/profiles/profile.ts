import type { Identity, TokenSet } from '../../core/types.ts';

/** Who is there, as a header profile is to tell it. */
export interface Told {
  readonly identity: Identity;
  /** EasyAuth's name of the identity provider. */
  readonly idp: string;
  /** Name of the app: the audience of what is signed for it. */
  readonly app: string;
  /** The provider's tokens; absent unless the operator asks for them in headers. */
  readonly tokens: TokenSet | undefined;
}

/** How some other gateway tells an app who is there. */
export interface Profile {
  /** Every name that it sets; what comes in under them is removed first. */
  readonly headers: readonly string[];
  /** `Name: value\r\n` lines. Token headers of EasyAuth carry the provider's name, so they are not in `headers`. */
  lines(told: Told): string | Promise<string>;
}

/** One header line, or nothing for nothing. */
export function line(name: string, value: string | undefined): string {
  return value === undefined || value === '' ? '' : `${name}: ${headerText(value)}\r\n`;
}

/** UTF-8 bytes, written out as latin1; whatever could end a header line is gone (header injection). */
function headerText(value: string): string {
  return Buffer.from(value.replace(/[\u0000-\u001f\u007f]/g, ' ').trim(), 'utf8').toString('latin1');
}

/** JSON of printable ASCII alone: servers disagree about the encoding of a header's other bytes. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * What apps that know people by one name shall call this one. Never the display name: people choose that themselves at
 * many providers, and could choose a colleague's address.
 */
export function nameOf({ user, email, subject }: Identity): string {
  return user ?? email ?? subject;
}

/** Bytes of the lists of one header. Servers of apps take some 8 KiB a line, base64 included. */
const LISTS = 4096;

/** Roles and groups for one header. */
interface Lists {
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** Which list is unknown rather than empty. */
  readonly overflow: readonly ('groups_overflow' | 'roles_overflow')[];
}

/**
 * Roles and groups as far as they fit: a list goes whole or not at all, groups first, as in the assertion.
 *
 * @param around - bytes that the encoding puts around one entry
 */
export function fittingLists({ roles, groups }: Identity, around = 3): Lists {
  const size = (list: readonly string[]) =>
    list.reduce((sum, entry) => sum + Buffer.byteLength(entry) + around, 0);
  const room = LISTS - size(roles);
  if (room < 0) return { roles: [], groups: [], overflow: ['groups_overflow', 'roles_overflow'] };
  if (room < size(groups)) return { roles, groups: [], overflow: ['groups_overflow'] };
  return { roles, groups, overflow: [] };
}
