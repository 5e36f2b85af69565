import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  SECRET as CLIENT_SECRET,
  type StrictProvider,
  startStrictProvider,
} from '../identity/strict-provider.ts';
import { cleanUp, folder, portico } from './portico.ts';

const SECRET = 'canary-q8Jw2nR5tYc7Vb1Zx3Lk9Mp4Ds6Fg0Ha';

let strict: StrictProvider;
beforeEach(async () => {
  strict = await startStrictProvider();
});
afterEach(async () => {
  await cleanUp();
  await strict.close();
});

async function checked(changes: { clientId?: string; json?: true } = {}) {
  const app = createServer().listen(0, '127.0.0.1');
  await once(app, 'listening');
  const cwd = folder({
    'portico.yaml': `
public_url: https://apps.example.com
secret: ${SECRET}
trusted_proxies: [10.0.0.0/8]
providers:
  strict: { type: oidc, issuer: "${strict.issuer}", client_id: ${changes.clientId ?? 'portico'}, client_secret: ${CLIENT_SECRET} }
apps:
  sales: { at: /, upstream: "http://127.0.0.1:${(app.address() as AddressInfo).port}", allow: [everyone] }
`,
  });
  const ended = await portico(['check', ...(changes.json ? ['--json'] : [])], cwd);
  app.close();
  expect(ended.out + ended.err).not.toContain(SECRET);
  expect(ended.out + ended.err).not.toContain(CLIENT_SECRET);
  return { ...ended, left: readdirSync(cwd) };
}

test('portico check of what is in order is exit code 0, and leaves nothing behind', async () => {
  const { code, out, err, left } = await checked();
  expect([code, err, left]).toEqual([0, '', ['portico.yaml']]);
  expect(out).toContain(
    '✓ The redirect URI https://apps.example.com/.auth/login/strict/callback is registered.',
  );
  expect(out).toContain('All is well.');
  expect(out).not.toContain('✗');
});

test('portico check of what is wrong is exit code 1, with the fix below it', async () => {
  const { code, out } = await checked({ clientId: 'nobody' });
  expect(code).toBe(1);
  expect(out).toMatch(/✗ .*\n {4}Fix: .*\n/);
});

test('portico check --json says the same to a program', async () => {
  const { code, out } = await checked({ clientId: 'nobody', json: true });
  expect(code).toBe(1);
  const { problems, sections } = JSON.parse(out) as {
    problems: number;
    sections: { findings: { code: string }[] }[];
  };
  expect(problems).toBeGreaterThan(0);
  expect(sections.flatMap(({ findings }) => findings).map((one) => one.code)).toContain('invalid_client');
});
