import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { GatewayError } from '../../core/errors.ts';
import { systemErrorCode } from '../../core/system-error.ts';
import { notesOn, readUsers, type Users } from './users.ts';

/** A file of users that is read again when it changes, so that nobody restarts a gateway to add a colleague. */
export class UsersFile {
  readonly #path: string;
  readonly #onProblem: (error: GatewayError) => void;
  #users: Users;
  #version: string;
  #reading: Promise<Users> | undefined;
  /** What was said of the file last: said once, not with every sign-in. */
  #reported: string | undefined;

  private constructor(
    path: string,
    onProblem: (error: GatewayError) => void,
    first: { readonly users: Users; readonly version: string },
  ) {
    this.#path = path;
    this.#onProblem = onProblem;
    this.#users = first.users;
    this.#version = first.version;
  }

  /**
   * @param path - absolute
   * @param onProblem - told when a later version of the file cannot be used; the last good one goes on
   * @throws GatewayError `users_file_invalid`
   */
  static async open(path: string, onProblem: (error: GatewayError) => void): Promise<UsersFile> {
    const version = await versionOf(path);
    return new UsersFile(path, onProblem, { users: await read(path), version });
  }

  get notes(): readonly string[] {
    return notesOn(this.#users, basename(this.#path));
  }

  /** The users as the file has them now. One reading at a time, whoever asks. */
  current(): Promise<Users> {
    this.#reading ??= this.#refresh().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #refresh(): Promise<Users> {
    try {
      const version = await versionOf(this.#path);
      if (version === this.#version) return this.#users;
      // Before reading: what is written meanwhile is another version, and is read next time.
      this.#version = version;
      this.#users = await read(this.#path);
      this.#reported = undefined;
    } catch (caught) {
      const error = caught instanceof GatewayError ? caught : unreadable(this.#path, caught);
      if (error.code === 'users_file_unreadable') this.#version = '';
      if (error.message !== this.#reported) this.#onProblem(error);
      this.#reported = error.message;
    }
    return this.#users;
  }
}

/** Changes with every way of replacing a file: written in place, or renamed over the old one. */
async function versionOf(path: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function read(path: string): Promise<Users> {
  return readUsers(
    await readFile(path, 'utf8').catch((cause: unknown) => {
      throw unreadable(path, cause);
    }),
    basename(path),
  );
}

function unreadable(path: string, cause: unknown): GatewayError {
  const code = systemErrorCode(cause);
  const why = code === undefined ? '' : ` (${code})`;
  return new GatewayError('users_file_unreadable', 500, `${path} cannot be read${why}`, { cause });
}
