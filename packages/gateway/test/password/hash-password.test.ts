import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { argon2Verify } from 'hash-wasm';
import { describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const run = (input: string) =>
  spawnSync(process.execPath, [MAIN, 'hash-password'], { input, encoding: 'utf8' });

describe('portico hash-password', () => {
  it('prints one argon2id line that fits the password it read, without the line end', async () => {
    const { stdout, status } = run('correct horse\n');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^\s]+\n$/);
    expect(await argon2Verify({ password: 'correct horse', hash: stdout.trim() })).toBe(true);
  });

  it('salts: the same password never gives the same line', () => {
    expect(run('same').stdout).not.toBe(run('same').stdout);
  });

  it('refuses to hash nothing', () => {
    const { stdout, stderr, status } = run('\n');
    expect([stdout, status]).toEqual(['', 1]);
    expect(stderr).toContain('no password was given');
  });
});
