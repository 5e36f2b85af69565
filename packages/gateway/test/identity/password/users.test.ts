import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { notesOn, readUsers } from '../../../src/identity/password/users.ts';

const ARGON2 =
  '$argon2id$v=19$m=19456,t=2,p=1$AQEBAQEBAQEBAQEBAQEBAQ$+m21d7tbteefuH7Lm+E+MLLzRJL8zllqwBoWL8clQi0';
const BCRYPT = '$2y$12$.OC/.OC/.OC/.OC/.OC/.Oq8vviC4wewhsT3jWIYrPOzIlHN90QtC';

/** What a refused file says. */
function refusal(text: string): string {
  try {
    readUsers(text, 'users');
  } catch (error) {
    expect(error).toMatchObject({ code: 'users_file_invalid' });
    return (error as Error).message;
  }
  throw new Error('was not refused');
}

describe('a file of users', () => {
  it('is htpasswd with bcrypt or argon2id, comments and empty lines', () => {
    const users = readUsers(`# team\r\nada:${ARGON2}\r\n\r\nben:${BCRYPT}\n`, 'users');
    expect([...users].map(([name, user]) => [name, user.password.kind])).toEqual([
      ['ada', 'argon2id'],
      ['ben', 'bcrypt'],
    ]);
  });

  it('is Panel’s JSON, with passwords in plain text or hashed', () => {
    const users = readUsers(JSON.stringify({ ada: 'pencil', ben: BCRYPT }), 'users');
    expect(users.get('ada')?.password).toEqual({ kind: 'plain', password: 'pencil' });
    expect(users.get('ben')?.password.kind).toBe('bcrypt');
  });

  it('says more of people in JSON', () => {
    const ada = {
      password_hash: ARGON2,
      email: 'ada@example.com',
      name: 'Ada',
      roles: ['admin'],
      groups: ['it'],
    };
    expect(readUsers(JSON.stringify({ ada }), 'users').get('ada')).toEqual({
      password: { kind: 'argon2id', encoded: ARGON2 },
      email: 'ada@example.com',
      name: 'Ada',
      roles: ['admin'],
      groups: ['it'],
    });
  });

  it.each([
    ['an MD5 hash of htpasswd', 'ada:$apr1$x8Yz$abcdefghijklmnopqrstuv', 'line 1 is an MD5 hash'],
    ['a SHA-1 hash of htpasswd', 'ada:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'line 1 is a SHA-1 hash'],
    ['a plain password in htpasswd', 'ada:canary-pencil', 'line 1 is not a hash'],
    ['a damaged hash', `ada:${BCRYPT.slice(0, -1)}`, 'line 1 is a damaged hash'],
    ['a bcrypt cost that takes hours', `ada:${BCRYPT.replace('$12$', '$31$')}`, 'cost'],
    [
      'an argon2id hash that takes all memory',
      `ada:${ARGON2.replace('19456', '9999999')}`,
      'more memory or time',
    ],
    ['a line without a name', `:${BCRYPT}`, 'line 1 is not NAME:HASH'],
    ['a line without a colon', 'canary-pencil', 'line 1 is not NAME:HASH'],
    ['the same name twice', `ada:${BCRYPT}\nada:${ARGON2}`, 'line 2 names "ada" a second time'],
    ['nobody', '# empty\n', 'nobody'],
    ['broken JSON', '{ "ada": "canary-pencil", }', 'not JSON'],
    ['an empty password', '{ "ada": "" }', '"ada" has an empty password'],
    ['an unknown key', '{ "ada": { "passwort": "canary-pencil" } }', 'unknown key "passwort"'],
    ['two passwords', `{ "ada": { "password": "canary-pencil", "password_hash": "${BCRYPT}" } }`, 'either'],
    ['roles that are no list', '{ "ada": { "password": "canary-pencil", "roles": "admin" } }', 'no list'],
    ['a hash that is none', '{ "ada": { "password_hash": "canary-pencil" } }', 'portico hash-password'],
    ['a name with blanks around it', '{ " ada": "canary-pencil" }', 'padded'],
  ])('with %s is refused, and the message holds no password', (_, text, message) => {
    expect(refusal(text)).toContain(message);
    expect(refusal(text)).not.toContain('canary');
  });

  it('tells everything that is wrong at once', () => {
    expect(refusal('ada:x\nben:y')).toMatch(/line 1 .*line 2 /);
  });

  it('that holds passwords anybody could read or guess brings a note', () => {
    const weak = BCRYPT.replace('$12$', '$05$');
    const users = readUsers(JSON.stringify({ ada: 'pencil', ben: weak, eve: ARGON2 }), 'users.json');
    const [plain = '', cost = ''] = notesOn(users, 'users.json');
    expect(plain).toContain('1 password in plain text');
    expect(plain).toContain('portico hash-password');
    expect(cost).toContain('1 bcrypt hash of a cost below 10');
    expect(notesOn(readUsers(`ada:${BCRYPT}`, 'users'), 'users')).toEqual([]);
  });

  // Apache's own tool is on few machines; what it makes is what the file is for.
  it.skipIf(!hasHtpasswd())('is what htpasswd itself makes', () => {
    const line = execFileSync('htpasswd', ['-nbB', '-C', '10', 'ada', 'pencil'], { encoding: 'utf8' });
    expect(readUsers(line, 'users').get('ada')?.password.kind).toBe('bcrypt');
    const old = execFileSync('htpasswd', ['-nbm', 'ada', 'pencil'], { encoding: 'utf8' });
    expect(refusal(old)).toContain('MD5');
  });
});

function hasHtpasswd(): boolean {
  try {
    execFileSync('htpasswd', ['-nbB', 'a', 'b'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
