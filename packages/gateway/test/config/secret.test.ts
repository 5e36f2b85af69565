import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatProblems } from '../../src/config/problems.ts';
import { generateSecret, newSecret, weaknessOf } from '../../src/config/secret.ts';
import { folder, load, problemsOf, SECRET, SOUND } from './loading.ts';

const ONE_APP = ['--dev', '--upstream', 'http://127.0.0.1:1'];

describe('the generated secret', () => {
  it('is kept for its owner only, stays out of version control, and is used again', async () => {
    const cwd = folder();
    const first = await load({ cwd, argv: ONE_APP });
    const state = join(cwd, '.portico');
    expect(statSync(join(state, 'secret')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(state, '.gitignore'), 'utf8')).toBe('*\n');
    expect(readdirSync(state).sort()).toEqual(['.gitignore', 'secret']);
    expect(first.notes.join()).toContain('Generated a secret');
    const second = await load({ cwd, argv: ONE_APP, request: { randomBytes } });
    expect(second.settings.secrets).toEqual(first.settings.secrets);
    expect(second.notes.join()).not.toContain('Generated');
  });

  it('is the first one that was made, when two starts make one at the same moment', () => {
    const state = join(folder(), '.portico');
    const first = generateSecret(state, randomBytes);
    expect(generateSecret(state, randomBytes)).toBe(first);
    expect(readdirSync(state).sort()).toEqual(['.gitignore', 'secret']);
  });

  it('that others can read, or that is damaged, is a problem and is not replaced', async () => {
    const cwd = folder();
    const path = join(cwd, '.portico', 'secret');
    mkdirSync(join(cwd, '.portico'));
    writeFileSync(path, SECRET, { mode: 0o600 });
    chmodSync(path, 0o644);
    expect(await problemsOf({ cwd, argv: ONE_APP })).toMatchObject([{ path, fix: `Run: chmod 600 ${path}` }]);
    writeFileSync(path, '');
    expect(await problemsOf({ cwd, argv: ONE_APP })).toMatchObject([
      { path, message: 'holds no sound secret' },
    ]);
    expect(readFileSync(path, 'utf8')).toBe('');
  });
});

describe('a given secret', () => {
  it.each([
    'aB3-xY9',
    'change-me-change-me-change-me-change-me',
    'CHANGEME0123456789abcdefghijklmnopqrstuv',
    'secret-secret-secret-secret-secret-secret',
    'your-secret-goes-here-0123456789-abcdef',
    'a'.repeat(64),
    'abcabcabcabcabcabcabcabcabcabcabcabcabc',
  ])('%s is too weak', async (secret) => {
    const problems = await problemsOf({ yaml: SOUND.replace(SECRET, secret) });
    expect(problems).toMatchObject([{ path: 'secret', fix: expect.stringContaining('portico secret') }]);
    expect(formatProblems(problems)).not.toContain(secret);
  });

  it('fresh from the command is strong', () => {
    for (let i = 0; i < 100; i++) expect(weaknessOf(newSecret(randomBytes))).toBeUndefined();
  });

  it('beside a secret file is a problem', async () => {
    const cwd = folder({ one: SECRET });
    expect(await problemsOf({ cwd, yaml: `${SOUND}secret_file: one\n` })).toMatchObject([{ path: 'secret' }]);
    expect(await problemsOf({ cwd, yaml: SOUND.replace(/^secret:.*$/m, 'secret_file: two') })).toMatchObject([
      { path: 'secret_file' },
    ]);
  });
});

describe('no problem’s text', () => {
  it('holds a value of a secret, a secret file or the environment, wherever it was put by mistake', async () => {
    const canary = 'canary-3vJq8sWm';
    const cwd = folder({ weak: canary });
    const places: { yaml?: string; env?: Record<string, string>; argv?: string[] }[] = [
      { yaml: SOUND.replace(SECRET, canary) },
      { yaml: SOUND.replace(SECRET, `[${canary}]`) },
      { yaml: SOUND.replace(/^secret:.*$/m, 'secret_file: weak') },
      { yaml: `${SOUND}public_url: \${C}\n`, env: { C: canary } },
      { yaml: SOUND.replace('everyone', `"\${C}"`), env: { C: canary } },
      { yaml: SOUND.replace('sales:', `sales: { run: "\${C} |" }\n  b:`), env: { C: canary } },
      { yaml: `secret: "${canary}\napps: {` },
      { yaml: `secret: *${canary}\n` },
      { yaml: `secret: !${canary} x\n` },
      {
        yaml: `${SOUND}providers: { c: { issuer: "${canary}", client_id: x, client_secret: ${canary}, scope: ${canary} } }\n`,
      },
      { argv: [...ONE_APP, '--cookie-secret', canary] },
      { argv: [...ONE_APP, '--allow', canary, '--oauth-secret', canary, '--cookie-secret', SECRET] },
      { argv: ONE_APP, env: { PORTICO_COOKIE_SECRET: canary } },
    ];
    for (const place of places)
      expect(JSON.stringify(await problemsOf({ cwd, ...place }))).not.toContain(canary);
  });
});

describe('TLS', () => {
  function certificate(cwd: string, name: string, days = '36500'): void {
    const subject = [
      '-subj',
      '/CN=localhost',
      '-days',
      days,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    ];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    execFileSync('openssl', ['req', '-x509', ...curve, ...subject], { cwd, stdio: 'ignore' });
  }
  const tls = (cert: string, key: string): string => `${SOUND}tls: { cert: ${cert}, key: ${key} }\n`;

  it('is read as PEM and makes the public address https', async () => {
    const cwd = folder();
    certificate(cwd, 'a');
    const { settings } = await load({ cwd, yaml: tls('a.pem', 'a.key') });
    expect(settings.publicUrl).toBe('https://localhost:8000');
    expect(settings.tls?.cert).toContain('BEGIN CERTIFICATE');
  });

  it('is refused when the key is another’s, a file is no PEM, the address is http, or its time is over', async () => {
    const cwd = folder({ 'no.pem': 'x' });
    certificate(cwd, 'a');
    certificate(cwd, 'b');
    const paths = async (yaml: string, request = {}) =>
      (await problemsOf({ cwd, yaml, request })).map((each) => each.path);
    expect(await paths(tls('a.pem', 'b.key'))).toEqual(['tls.key']);
    expect(await paths(tls('no.pem', 'no.pem'))).toEqual(['tls.cert', 'tls.key']);
    expect(await paths(`${tls('a.pem', 'a.key')}public_url: http://localhost:8000\n`)).toEqual([
      'public_url',
    ]);
    expect(await paths(tls('a.pem', 'a.key'), { clock: () => Date.UTC(2300, 0, 1) })).toEqual(['tls.cert']);
  });
});
