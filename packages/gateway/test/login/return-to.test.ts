import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Browser } from './browser.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';

let gateway: TestGateway;
let browser: Browser;
beforeEach(async () => {
  gateway = await startTestGateway();
  browser = new Browser();
});
afterEach(() => gateway.close());

describe('return_to', () => {
  test('never leads to another site', async () => {
    const nasty = fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc.constantFrom(
        '//evil.example',
        '/\\evil.example',
        '\\\\evil.example',
        '/%09/evil.example',
        '/\t/evil.example',
        'https:evil.example',
        '///evil.example',
        '/.auth/login',
        '/..//evil.example',
        'javascript:alert(1)',
        '/@evil.example',
        '/a/../..//evil.example',
      ),
      fc.webUrl().map((url) => url.replace(/^https?:/, '')),
      fc.webPath({ size: 'large' }),
    );
    await fc.assert(
      fc.asyncProperty(nasty, async (returnTo) => {
        const who = new Browser();
        const start = await who.fetch(
          `${gateway.origin}/.auth/login?return_to=${encodeURIComponent(returnTo)}`,
        );
        expect(start.status).toBe(302);
        const [cookie] = who.cookie('portico-login-');
        expect((cookie?.name.length ?? 0) + (cookie?.value.length ?? 0)).toBeLessThan(3500);
        const state = new URL(start.headers.get('location') ?? '').searchParams.get('state') ?? '';
        const sealed = gateway.context.seal.openText('login', cookie?.value ?? '', cookie?.name);
        const kept = JSON.parse(sealed ?? '{}') as { returnTo: string; state: string };
        expect(kept.state).toBe(state);
        expect(new URL(kept.returnTo, gateway.origin).origin).toBe(gateway.origin);
        expect(kept.returnTo).toMatch(/^\/(?!\/)/);
      }),
      { numRuns: 150 },
    );
  });

  test('that is too long for a cookie loses its query first', async () => {
    const end = await browser.signIn(gateway.origin, 'ada', `/sales?x=${'y'.repeat(3000)}`);
    expect(end.body).toBe('app /sales for ada');
  });
});

describe('cookies of sign-ins under way', () => {
  test('do not pile up: four, the newest', async () => {
    for (let index = 0; index < 12; index++) {
      gateway.ahead += 1000;
      await browser.fetch(`${gateway.origin}/.auth/login?return_to=/${index}`);
    }
    const names = browser.cookie('portico-login-');
    expect(names).toHaveLength(4);
    const kept = names.map(({ name, value }) => gateway.context.seal.openText('login', value, name) ?? '');
    expect(kept.map((text) => (JSON.parse(text) as { returnTo: string }).returnTo)).toEqual([
      '/8',
      '/9',
      '/10',
      '/11',
    ]);
  });

  test('that are not ours or too old are cleared', async () => {
    browser.cookies.push({ name: 'portico-login-junk', value: 'junk', path: '/' });
    await browser.fetch(`${gateway.origin}/.auth/login`);
    gateway.ahead = 11 * 60_000;
    await browser.fetch(`${gateway.origin}/.auth/login`);
    expect(browser.cookie('portico-login-')).toHaveLength(1);
  });
});
