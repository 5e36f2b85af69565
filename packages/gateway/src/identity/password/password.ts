import { createHmac } from 'node:crypto';
import type { PasswordProviderSettings } from '../../config/provider-settings.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Clock, RandomBytes, SignedIn } from '../../core/types.ts';
import type { FormProvider } from '../provider.ts';
import { Attempts } from './attempts.ts';
import { type StoredPassword, samePassword } from './hash.ts';
import { Hasher } from './hasher.ts';
import { readPassword, type User, type Users } from './users.ts';
import { UsersFile } from './users-file.ts';

interface PasswordTools {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Told when a changed users file cannot be used. */
  readonly onProblem?: (error: GatewayError) => void;
}

/** Longer names and passwords are wrong without being looked at. */
const LONGEST_NAME = 128;
const LONGEST_PASSWORD = 1024;
/** Control and formatting characters: two names must not look the same. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/** One password for everybody, who then say themselves how they are called: nothing may be made to depend on the name. */
interface Shared {
  readonly kind: 'shared';
  readonly password: StoredPassword;
}

interface Listed {
  readonly kind: 'listed';
  readonly file: UsersFile;
}

/**
 * Sign-in with a password on the gateway's own page. Means the same as Panel's `--basic-auth`: one password that goes
 * with any user name, or a JSON file of users; and htpasswd beside it.
 */
export class PasswordProvider implements FormProvider {
  readonly kind = 'form';
  readonly name: string;
  readonly title: string;
  readonly asksUsername = true;
  readonly #source: Shared | Listed;
  readonly #random: Uint8Array;
  readonly #attempts: Attempts;
  readonly #hasher = new Hasher();

  private constructor(settings: PasswordProviderSettings, source: Shared | Listed, tools: PasswordTools) {
    this.name = settings.name;
    this.title = settings.title;
    this.#source = source;
    this.#random = tools.random(32);
    this.#attempts = new Attempts(tools.clock);
  }

  /** @throws GatewayError `users_file_invalid`, `users_file_unreadable` or `password_unusable` (500) */
  static async open(settings: PasswordProviderSettings, tools: PasswordTools): Promise<PasswordProvider> {
    const { name, password, usersFile } = settings;
    if (usersFile !== undefined) {
      const file = await UsersFile.open(usersFile, (error) => tools.onProblem?.(error));
      return new PasswordProvider(settings, { kind: 'listed', file }, tools);
    }
    const stored = readPassword(password ?? '');
    if (typeof stored === 'string')
      throw new GatewayError('password_unusable', 500, `the password of provider ${name} ${stored}`);
    return new PasswordProvider(settings, { kind: 'shared', password: stored }, tools);
  }

  get notes(): readonly string[] {
    if (this.#source.kind === 'listed') return this.#source.file.notes;
    return [
      `${this.title}: one password lets everybody in, under any name they type. Give people passwords of their own with users_file.`,
    ];
  }

  async authenticate(given: {
    username: string;
    password: string;
    clientAddress: string;
  }): Promise<SignedIn> {
    const username = given.username.trim().normalize('NFC');
    const users = this.#source.kind === 'listed' ? await this.#source.file.current() : undefined;
    // With one password for all there is one thing to guess, whatever name the guesser types.
    const account = users === undefined ? '' : username.slice(0, LONGEST_NAME + 1);
    const attempt = this.#attempts.begin(account, given.clientAddress);
    const user = users?.get(username);
    const stored =
      this.#source.kind === 'shared'
        ? this.#source.password
        : (user?.password ?? this.#anyOf(users, username));
    let same: boolean;
    try {
      same = stored !== undefined && (await this.#compare(stored, given.password));
    } catch (error) {
      attempt.cancel();
      throw error;
    }
    // Decided only now: an unknown name has cost the same time as a wrong password.
    const exists = this.#source.kind === 'shared' ? isName(username) : user !== undefined;
    if (!same || !exists) throw wrong(user === undefined ? undefined : username);
    attempt.succeeded();
    return { identity: this.#identity(username, user), tokens: {} };
  }

  async #compare(stored: StoredPassword, password: string): Promise<boolean> {
    if (password === '' || password.length > LONGEST_PASSWORD) return false;
    if (stored.kind === 'plain') return samePassword(password, stored.password, this.#random);
    return this.#hasher.verify(stored, password);
  }

  /**
   * Somebody's password for a name that does not exist, to compare with and throw the result away. Always the same one
   * for the same name, so that an unknown name behaves in time like one of the known, also where a file mixes hashes.
   */
  #anyOf(users: Users | undefined, username: string): StoredPassword | undefined {
    const all = [...(users?.values() ?? [])];
    const digest = createHmac('sha256', this.#random).update(username).digest();
    return all[digest.readUInt32BE() % Math.max(1, all.length)]?.password;
  }

  #identity(username: string, user: User | undefined): SignedIn['identity'] {
    return {
      issuer: `urn:portico:password:${this.name}`,
      subject: username,
      provider: this.name,
      ...(user?.email === undefined ? {} : { email: user.email }),
      ...(user?.name === undefined ? {} : { name: user.name }),
      roles: user?.roles ?? [],
      groups: user?.groups ?? [],
    };
  }
}

function isName(username: string): boolean {
  return username !== '' && username.length <= LONGEST_NAME && !INVISIBLE.test(username);
}

/** Says nowhere in public which of the two was wrong. In the log an unknown name stays unnamed: people type passwords there. */
function wrong(username: string | undefined): GatewayError {
  const whose =
    username === undefined ? 'an unknown name, or not the password' : `wrong password for ${username}`;
  return new GatewayError('wrong_password', 401, whose, {
    publicMessage: 'This user name and password do not go together.',
    publicHint: 'Check both. Capital and small letters are different.',
  });
}
