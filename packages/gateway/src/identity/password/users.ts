import { GatewayError } from '../../core/errors.ts';
import { isObject } from '../../core/object.ts';
import { isWeak, readHash, type StoredPassword } from './hash.ts';

/** Somebody in a file of users. */
export interface User {
  readonly password: StoredPassword;
  /** The operator vouches for it by writing it down. */
  readonly email?: string;
  readonly name?: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
}

/** By name, in Unicode’s form C (NFC). */
export type Users = ReadonlyMap<string, User>;

const KEYS = new Set(['password', 'password_hash', 'email', 'name', 'roles', 'groups']);

/**
 * Reads a file of users: JSON when it begins with `{`, otherwise htpasswd.
 *
 * @param file - how the file is called in what people read
 * @throws GatewayError `users_file_invalid` with every line that is wrong, and never a password
 */
export function readUsers(text: string, file: string): Users {
  const plain = text.replace(/^\uFEFF/, '');
  const wrong: string[] = [];
  const users = plain.trimStart().startsWith('{') ? readJson(plain, wrong) : readHtpasswd(plain, wrong);
  if (wrong.length === 0 && users.size === 0) wrong.push('there is nobody in it');
  if (wrong.length === 0) return users;
  throw new GatewayError('users_file_invalid', 500, `${file}: ${wrong.join('; ')}`);
}

/** What deserves attention in a file that is sound, one sentence each. */
export function notesOn(users: Users, file: string): string[] {
  const all = [...users.values()].map((user) => user.password);
  const plain = all.filter((password) => password.kind === 'plain').length;
  const weak = all.filter(isWeak).length;
  const notes: string[] = [];
  if (plain > 0)
    notes.push(
      `${file} has ${count(plain, 'password')} in plain text. Put the line that portico hash-password prints in place of each.`,
    );
  if (weak > 0)
    notes.push(
      `${file} has ${count(weak, 'bcrypt hash', 'bcrypt hashes')} of a cost below 10. Make new ones with htpasswd -B -C 12.`,
    );
  return notes;
}

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** `name:hash` a line, `#` begins a comment (https://httpd.apache.org/docs/2.4/programs/htpasswd.html). */
function readHtpasswd(text: string, wrong: string[]): Users {
  const users = new Map<string, User>();
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const where = `line ${index + 1}`;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).normalize('NFC');
    // The line is not repeated here: what stands in it may be a password.
    if (colon < 1) wrong.push(`${where} is not NAME:HASH`);
    else if (users.has(name)) wrong.push(`${where} names ${JSON.stringify(name)} a second time`);
    else {
      const password = readHash(line.slice(colon + 1));
      if ('message' in password) wrong.push(`${where} ${password.message}. ${password.fix}`);
      else users.set(name, { password, roles: [], groups: [] });
    }
  }
  return users;
}

/** Panel's `{"name": "password"}`, and richer entries beside it. */
function readJson(text: string, wrong: string[]): Users {
  const users = new Map<string, User>();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own words quote what stands there, and that may be a password.
    wrong.push('it begins with { but is not JSON');
    return users;
  }
  for (const [written, entry] of Object.entries(parsed as Record<string, unknown>)) {
    const name = written.normalize('NFC');
    const where = JSON.stringify(written);
    const user = typeof entry === 'string' ? bare(entry) : isObject(entry) ? rich(entry) : 'is no entry';
    if (typeof user === 'string') wrong.push(`${where} ${user}`);
    else if (name === '' || name !== name.trim() || users.has(name))
      wrong.push(`${where} is empty, padded or there twice`);
    else users.set(name, user);
  }
  return users;
}

function bare(password: string): User | string {
  const stored = readPassword(password);
  return typeof stored === 'string' ? stored : { password: stored, roles: [], groups: [] };
}

function rich(entry: Record<string, unknown>): User | string {
  const { password, password_hash: hash, email, name, roles = [], groups = [] } = entry;
  const unknown = Object.keys(entry).find((key) => !KEYS.has(key));
  if (unknown !== undefined)
    return `has the unknown key ${JSON.stringify(unknown)}. The keys are ${[...KEYS].join(', ')}`;
  if ((hash === undefined) === (password === undefined)) return 'needs either password_hash or password';
  if (typeof (hash ?? password) !== 'string') return 'has a password that is no text';
  if (!isTextOrAbsent(email) || !isTextOrAbsent(name)) return 'has an email or name that is no text';
  if (!isTexts(roles) || !isTexts(groups)) return 'has roles or groups that are no list of texts';
  const stored = hash === undefined ? readPassword(String(password)) : readHash(String(hash));
  if (typeof stored === 'string') return stored;
  if ('message' in stored) return `${stored.message}. ${stored.fix}`;
  return {
    password: stored,
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
    roles,
    groups,
  };
}

/** A password, or a hash in its place: so that a file or a variable can be hashed without another key. */
export function readPassword(text: string): StoredPassword | string {
  if (text === '') return 'has an empty password';
  if (!/^\$(argon2|2[abxy]?\$|apr1\$)/.test(text)) return { kind: 'plain', password: text };
  const stored = readHash(text);
  return 'message' in stored ? `${stored.message}. ${stored.fix}` : stored;
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value !== '');
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
}
