import { argon2id } from 'hash-wasm';
import type { RandomBytes } from '../../core/types.ts';

/** 19 MiB and two passes: what OWASP's Password Storage Cheat Sheet asks for at least, and 60 ms a sign-in. */
const COST = { memorySize: 19_456, iterations: 2, parallelism: 1 } as const;

/** The line that goes into a file of users in place of a password. */
export function newHash(password: string, random: RandomBytes): Promise<string> {
  return argon2id({ ...COST, password, salt: random(16), hashLength: 32, outputType: 'encoded' });
}
