import { afterEach, beforeEach, expect, test } from 'vitest';
import { Browser, callbackFor, changed } from './browser.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';

let gateway: TestGateway;
let browser: Browser;
beforeEach(async () => {
  gateway = await startTestGateway();
  browser = new Browser();
});
afterEach(() => gateway.close());

const refusedWith = async (description: string): Promise<string> => {
  const callback = changed(await callbackFor(browser, gateway.origin), (params) => {
    params.delete('code');
    params.set('error', 'access_denied');
    params.set('error_description', description);
  });
  return (await browser.fetch(callback)).body;
};

const promptOf = async (path: string): Promise<string | null> => {
  const response = await new Browser().fetch(`${gateway.origin}${path}`);
  return new URL(response.headers.get('location') ?? '').searchParams.get('prompt');
};

test('an account that may not enter leads on to another one, and says nothing of the provider’s words', async () => {
  const page = await refusedWith('User is not assigned to the client application.');
  expect(page).toContain('Use another account');
  expect(page).toContain('/.auth/login/dev?return_to=%2F&amp;account=other');
  expect(page).toContain('account_not_allowed');
  expect(page).not.toContain('assigned');
  expect(gateway.errors()[0]?.message).toContain('Assignments');
});

test('who cancelled starts again', async () => {
  const page = await refusedWith('cancelled');
  expect(page).toContain('Start again</a>');
  expect(page).not.toContain('account=other');
});

test('another account is asked for at the provider, in a word that it knows', async () => {
  expect(await promptOf('/.auth/login/dev?return_to=/&account=other')).toBe('login');
  expect(await promptOf('/.auth/login/dev?return_to=/&account=boss')).toBeNull();
});
