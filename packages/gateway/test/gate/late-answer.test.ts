import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { httpApp, stopApps } from './apps.ts';
import { ask } from './client.ts';
import { gatewayWith, ORIGIN, stopAll } from './gateway.ts';

const folder = mkdtempSync(join(tmpdir(), 'portico-hook-'));

afterEach(async () => {
  await stopAll();
  await stopApps();
  rmSync(folder, { recursive: true, force: true });
});

/** Where the hook below, a module of its own, meets this test. */
const meeting = globalThis as { asked?: () => void; answer?: Promise<void> };

test('a session that ends while the operator’s own function thinks gets nothing of the app', async () => {
  const authorize = join(folder, 'slow.mjs');
  writeFileSync(
    authorize,
    'export default async () => { globalThis.asked(); await globalThis.answer; return true; };',
  );
  const app = await httpApp((_request, response) => void response.end('inside'));
  const gateway = await gatewayWith({ apps: [{ name: 'sales', upstream: app.upstream, authorize }] });
  const cookie = await gateway.signIn();
  // So that nothing but the question is left to wait for.
  meeting.asked = () => undefined;
  expect((await ask(gateway, '/', { cookie })).text).toBe('inside');
  const before = app.bytes;
  let answer = (): void => undefined;
  meeting.answer = new Promise((resolve) => {
    answer = resolve;
  });
  const asked = new Promise<void>((resolve) => {
    meeting.asked = resolve;
  });
  const outcome = ask(gateway, '/', { cookie });
  await asked;
  await ask(gateway, '/.auth/logout', { method: 'POST', cookie, headers: { origin: ORIGIN } });
  answer();
  expect([(await outcome).status, app.bytes]).toEqual([401, before]);
});
