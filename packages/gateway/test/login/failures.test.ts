import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Browser, callbackFor, changed, expectRefused } from './browser.ts';
import { CLIENT_SECRET, startTestGateway, type TestGateway, viaInternal } from './gateway.ts';

let gateway: TestGateway;
let browser: Browser;
beforeEach(async () => {
  gateway = await startTestGateway();
  browser = new Browser();
});
afterEach(() => gateway.close());

const codes = (): string[] => gateway.errors().map(({ code }) => code);
describe('when the provider is down', () => {
  test('sign-in says so with 502, and works again later', async () => {
    let target = viaInternal({ hostname: '127.0.0.1', port: 1 });
    gateway.provider({ name: 'dev' }, (url) => target(url));
    const page = await browser.fetch(`${gateway.origin}/.auth/login`);
    await expectRefused(browser, page, 502);
    expect(page.body).toContain('provider_unreachable');
    expect(codes()).toEqual(['provider_unreachable']);
    target = viaInternal(gateway.dev);
    expect((await browser.signIn(gateway.origin, 'ada')).body).toBe('app / for ada');
  });

  test('at the callback, it is 502 too', async () => {
    let target = viaInternal(gateway.dev);
    gateway.provider({ name: 'dev' }, (url) => target(url));
    const callback = await callbackFor(browser, gateway.origin);
    target = viaInternal({ hostname: '127.0.0.1', port: 1 });
    await expectRefused(browser, await browser.fetch(callback), 502);
  });
});

test('a wrong client secret is named for the operator, not for the person', async () => {
  gateway.provider(
    { name: 'dev', clientSecret: 'wrong-canary-wrong-canary-wrong' },
    viaInternal(gateway.dev),
  );
  const page = await browser.signIn(gateway.origin, 'ada');
  expect(page.status).toBe(502);
  expect(codes()).toEqual(['invalid_client']);
});

test('an error holds no code, state, verifier, token or client secret', async () => {
  const secrets: string[] = [CLIENT_SECRET];
  const changes: ((params: URLSearchParams) => void)[] = [
    (p) => p.set('iss', 'https://evil.example'),
    (p) => p.set('code', 'canary-code-canary-code-canary-code'),
    (p) => p.set('error', 'canary-code-canary-code-canary-code'),
    (p) => {
      p.set('error', 'server_error');
      p.set('error_description', `your code was ${p.get('code')}`);
    },
  ];
  for (const change of changes) {
    const who = new Browser();
    const callback = changed(await callbackFor(who, gateway.origin), change);
    const params = new URL(callback).searchParams;
    secrets.push(params.get('code') ?? '', params.get('state') ?? '');
    const [cookie] = who.cookie('portico-login-');
    const sealed = gateway.context.seal.openText('login', cookie?.value ?? '', cookie?.name) ?? '{}';
    const { nonce, codeVerifier } = JSON.parse(sealed) as { nonce: string; codeVerifier: string };
    secrets.push(nonce, codeVerifier);
    const page = await who.fetch(callback);
    const told = JSON.stringify([
      page.body,
      [...page.headers],
      gateway.errors().map((e) => [e.message, e.stack, String(e.cause)]),
    ]);
    for (const secret of secrets) expect(told).not.toContain(secret);
  }
  expect(gateway.errors()).toHaveLength(changes.length);
});
