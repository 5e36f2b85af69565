import { expect } from 'vitest';
import type { Answer, Manner } from './ask.ts';

/** Headers of the gateway's own answers; an app's would be others (`server`, `set-cookie`, `etag`, …). */
const OURS = new Set([
  'cache-control',
  'connection',
  'content-length',
  'content-security-policy',
  'content-type',
  'date',
  'keep-alive',
  'location',
  'referrer-policy',
  'x-content-type-options',
]);

function foreignHeaders(answer: Answer): string[] {
  return Object.keys(answer.headers).filter((name) => !OURS.has(name));
}

/** Not one byte of the app: the answer is, byte for byte, what the gateway says to somebody whom it does not know. */
export function expectSignInFirst(answer: Answer, manner: Manner, method: string, what: string): void {
  const page = manner === 'page';
  expect([answer.status, foreignHeaders(answer)], what).toEqual([page ? 302 : 401, []]);
  if (page) expect(answer.headers['location'], what).toMatch(/^\/\.auth\/login\?return_to=%2F/);
  const body = page || method === 'HEAD' ? '' : '{"error":"login_required","login":"/.auth/login"}';
  expect(answer.body, what).toBe(body);
}

/**
 * The same for an app that takes bearer tokens.
 *
 * @param wrong - a token was brought, and this is the status of what is wrong with it; a cookie is then no way in
 */
export function expectTokenFirst(
  answer: Answer,
  manner: Manner,
  method: string,
  what: string,
  wrong: number | undefined,
): void {
  const toSignIn = manner === 'page' && wrong === undefined;
  const { 'www-authenticate': challenge = '', vary = '', ...headers } = answer.headers;
  expect([answer.status, foreignHeaders({ ...answer, headers }), vary], what).toEqual([
    toSignIn ? 302 : (wrong ?? 401),
    [],
    'Origin',
  ]);
  expect(challenge.startsWith('Bearer realm="portico"'), what).toBe(!toSignIn);
  if (toSignIn || method === 'HEAD') return expect(answer.body, what).toBe('');
  if (manner === 'page') return expect(answer.body, what).toContain('· Portico</title>');
  expect(Object.keys(JSON.parse(answer.body)), what).toEqual([
    'error',
    wrong === undefined ? 'login' : 'request_id',
  ]);
}

/** Signed in, and not let in: the gateway's own 403 with the reason. */
export function expectForbidden(
  answer: Answer,
  manner: Manner,
  method: string,
  title: string,
  what: string,
): void {
  expect([answer.status, foreignHeaders(answer)], what).toEqual([403, []]);
  if (method === 'HEAD') return expect(answer.body, what).toBe('');
  if (manner !== 'page') return expect(JSON.parse(answer.body), what).toMatchObject({ error: 'forbidden' });
  expect(answer.body, what).toContain(`You cannot open <bdi>${title}</bdi>`);
}
