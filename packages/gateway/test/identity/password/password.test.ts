import { randomBytes } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PasswordProviderSettings } from '../../../src/config/provider-settings.ts';
import type { GatewayError } from '../../../src/core/errors.ts';
import { samePassword } from '../../../src/identity/password/hash.ts';
import { Hasher } from '../../../src/identity/password/hasher.ts';
import { newHash } from '../../../src/identity/password/new-hash.ts';
import { PasswordProvider } from '../../../src/identity/password/password.ts';

/** Of the password `x`. */
const BCRYPT_X = '$2y$12$.OC/.OC/.OC/.OC/.OC/.Oq8vviC4wewhsT3jWIYrPOzIlHN90QtC';

function usersFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'portico-users-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'users');
  writeFileSync(path, text);
  return path;
}

async function open(settings: Partial<PasswordProviderSettings>) {
  const problems: GatewayError[] = [];
  const time = { now: 1_000_000 };
  const provider = await PasswordProvider.open(
    { name: 'team', title: 'Team', type: 'password', place: '', ...settings },
    { clock: () => time.now, random: randomBytes, onProblem: (error) => problems.push(error) },
  );
  let tries = 0;
  const signIn = (username: string, password: string, clientAddress = `203.0.113.${tries++ % 250}`) =>
    provider.authenticate({ username, password, clientAddress });
  const refused = async (username: string, password: string): Promise<string> => {
    time.now += 60_000;
    return signIn(username, password).then(
      () => 'let in',
      (error: GatewayError) => error.code,
    );
  };
  return { provider, problems, time, signIn, refused };
}

describe('one password for everybody', () => {
  it.each([
    ['in plain text', async () => 'pencil'],
    ['as a hash', () => newHash('pencil', randomBytes)],
  ])('%s goes with any name, as with panel serve --basic-auth', async (_, password) => {
    const { signIn, refused } = await open({ password: await password() });
    const { identity } = await signIn('  Grace Hopper ', 'pencil');
    expect(identity).toEqual({
      issuer: 'urn:portico:password:team',
      subject: 'Grace Hopper',
      provider: 'team',
      roles: [],
      groups: [],
    });
    expect(await refused('Grace Hopper', 'pencil ')).toBe('wrong_password');
    expect(await refused('Grace Hopper', '')).toBe('wrong_password');
  });

  it('wants a name that can be read', async () => {
    const { refused } = await open({ password: 'pencil' });
    for (const name of ['', '   ', 'a\u0000b', 'ada\u202e', 'a\nb', 'x'.repeat(129)])
      expect(await refused(name, 'pencil'), JSON.stringify(name)).toBe('wrong_password');
  });

  it('cannot be guessed faster under ever new names', async () => {
    const { signIn } = await open({ password: 'pencil' });
    const codes = new Set<string>();
    for (let i = 0; i < 10; i++)
      await signIn(`name-${i}`, 'wrong').catch((error: GatewayError) => codes.add(error.code));
    expect([...codes]).toEqual(['wrong_password', 'too_many_attempts']);
  });

  it('that is a damaged hash is refused at the start, without being shown', async () => {
    const opening = open({ password: '$argon2id$canary' });
    await expect(opening).rejects.toMatchObject({ code: 'password_unusable' });
    await expect(opening).rejects.not.toThrow(/canary/);
  });
});

describe('a file of users', () => {
  it('lets in who is in it, with bcrypt, argon2id and plain text beside one another', async () => {
    const argon2 = await newHash('pencil', randomBytes);
    const file = usersFile(
      JSON.stringify({
        ada: {
          password_hash: argon2,
          email: 'ada@example.com',
          name: 'Ada',
          roles: ['admin'],
          groups: ['it'],
        },
        ben: BCRYPT_X,
        eve: 'plain',
      }),
    );
    const { signIn, refused } = await open({ usersFile: file });
    expect((await signIn('ada', 'pencil')).identity).toMatchObject({
      subject: 'ada',
      email: 'ada@example.com',
      name: 'Ada',
      roles: ['admin'],
      groups: ['it'],
    });
    expect((await signIn('ben', 'x')).identity.subject).toBe('ben');
    expect((await signIn('eve', 'plain')).identity.subject).toBe('eve');
    expect(await refused('ada', 'x')).toBe('wrong_password');
    expect(await refused('Ada', 'pencil')).toBe('wrong_password');
    expect(await refused('ben', 'plain')).toBe('wrong_password');
    expect(await refused('nobody', 'plain')).toBe('wrong_password');
    expect(await refused('ben', BCRYPT_X)).toBe('wrong_password');
    expect(await refused('__proto__', 'x')).toBe('wrong_password');
  });

  it('says the same of a wrong name and of a wrong password, and names only known people in the log', async () => {
    const { signIn } = await open({ usersFile: usersFile('{"ada": "pencil"}') });
    const error = (name: string) => signIn(name, 'wrong').catch((caught: GatewayError) => caught);
    const [known, unknown] = [
      (await error('ada')) as GatewayError,
      (await error('hunter22')) as GatewayError,
    ];
    expect([unknown.code, unknown.status, unknown.publicMessage, unknown.publicHint]).toEqual([
      known.code,
      known.status,
      known.publicMessage,
      known.publicHint,
    ]);
    expect(known.message).toContain('ada');
    expect(unknown.message).not.toContain('hunter22');
  });

  it('costs a hash for an unknown name, too: nobody learns by the time who has an account', async () => {
    const { provider } = await open({ usersFile: usersFile(`ada:${BCRYPT_X}`) });
    // The comparison runs on a thread, so a reply that waited for one cannot come before the next turn of the loop.
    const compared: string[] = [];
    const verify = Hasher.prototype.verify;
    Hasher.prototype.verify = function (stored, password) {
      compared.push(stored.encoded);
      return verify.call(this, stored, password);
    };
    onTestFinished(() => {
      Hasher.prototype.verify = verify;
    });
    for (const username of ['ada', 'nobody'])
      await expect(
        provider.authenticate({ username, password: 'wrong', clientAddress: '203.0.113.1' }),
      ).rejects.toMatchObject({ code: 'wrong_password' });
    expect(compared).toEqual([BCRYPT_X, BCRYPT_X]);
    // Even the right password of somebody else does not open an unknown name.
    await expect(
      provider.authenticate({ username: 'nobody', password: 'x', clientAddress: '203.0.113.2' }),
    ).rejects.toMatchObject({ code: 'wrong_password' });
  });

  it('is read again when it changes, written in place or renamed over', async () => {
    const file = usersFile('{"ada": "pencil"}');
    const { signIn, refused, problems } = await open({ usersFile: file });
    expect(await refused('ben', 'eraser')).toBe('wrong_password');
    writeFileSync(file, '{"ada": "pencil", "ben": "eraser"}');
    expect((await signIn('ben', 'eraser')).identity.subject).toBe('ben');
    writeFileSync(`${file}.new`, '{"ben": "eraser"}');
    renameSync(`${file}.new`, file);
    expect(await refused('ada', 'pencil')).toBe('wrong_password');
    expect(problems).toEqual([]);
  });

  it('that gets broken or lost keeps working as it was, is reported once, and recovers', async () => {
    const file = usersFile('{"ada": "pencil"}');
    const { signIn, problems } = await open({ usersFile: file });
    writeFileSync(file, '{"ada": "pen');
    await signIn('ada', 'pencil');
    await signIn('ada', 'pencil');
    expect(problems.map((error) => error.code)).toEqual(['users_file_invalid']);
    rmSync(file);
    await signIn('ada', 'pencil');
    await signIn('ada', 'pencil');
    expect(problems.map((error) => error.code)).toEqual(['users_file_invalid', 'users_file_unreadable']);
    writeFileSync(file, '{"ada": "crayon"}');
    await signIn('ada', 'crayon');
    expect(problems).toHaveLength(2);
  });

  it('that is broken at the start stops the start', async () => {
    await expect(open({ usersFile: usersFile('ada:pencil') })).rejects.toMatchObject({
      code: 'users_file_invalid',
    });
    await expect(open({ usersFile: '/nonexistent/users' })).rejects.toMatchObject({
      code: 'users_file_unreadable',
    });
  });
});

describe('the comparison', () => {
  it('of plain passwords is right for every pair of texts', () => {
    const key = randomBytes(32);
    const texts = ['', 'a', 'b', 'aa', 'pencil', 'pencil\u0000', 'Pencil', 'x'.repeat(5000)];
    for (const one of texts)
      for (const other of texts) expect(samePassword(one, other, key)).toBe(one === other);
  });

  it('of hashes turns away what is too much at once, and works again afterwards', async () => {
    const hasher = new Hasher();
    const stored = { kind: 'bcrypt', encoded: BCRYPT_X.replace('$12$', '$04$') } as const;
    const all = await Promise.allSettled(Array.from({ length: 60 }, () => hasher.verify(stored, 'x')));
    const rejected = all.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    expect(rejected).toHaveLength(20);
    expect(new Set(rejected)).toEqual(new Set(['sign_in_busy']));
    expect(await hasher.verify({ kind: 'bcrypt', encoded: BCRYPT_X }, 'x')).toBe(true);
  });
});
