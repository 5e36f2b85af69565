import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { GatewayError } from '../core/errors.ts';
import { newHash } from '../identity/password/new-hash.ts';

/** `portico hash-password`: asks without showing what is typed, or takes one line from a pipe. Never an argument: those are seen by everybody on the machine. */
export async function hashPassword(): Promise<number> {
  const password = process.stdin.isTTY ? await askTwice() : await oneLine();
  if (password === '') {
    throw new GatewayError('no_password', 500, 'no password was given', {
      publicHint: 'Type one, or pass it in: printf %s "$PASSWORD" | portico hash-password',
    });
  }
  process.stdout.write(`${await newHash(password, randomBytes)}\n`);
  return 0;
}

async function askTwice(): Promise<string> {
  const first = await ask('Password: ');
  if ((await ask('Again: ')) === first) return first;
  throw new GatewayError('passwords_differ', 500, 'the two passwords are not the same');
}

/** The prompt goes to stderr, so that stdout holds the hash alone; what is typed goes nowhere. */
function ask(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve) => {
    lines.once('line', (line) => resolve(line));
    lines.once('close', () => resolve(''));
    lines.once('SIGINT', () => process.exit(130));
  }).then((line) => {
    lines.close();
    process.stderr.write('\n');
    return String(line);
  });
}

async function oneLine(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
