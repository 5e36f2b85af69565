import { afterEach, describe, expect, test } from 'vitest';
import { httpApp, stopApps, type TestApp } from './apps.ts';
import { productWith, SHOP_PAGE } from './bearer.ts';
import { type Answer, ask, NAVIGATION } from './client.ts';
import { stopAll } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

const EMBED = { embed: { origins: [SHOP_PAGE, 'https://other.example.com'], inline: false, script: false } };
const LISTED = `frame-ancestors 'self' ${SHOP_PAGE} https://other.example.com`;

/** Says of itself who may show it. */
const opinionated = (csp: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<TestApp> =>
  httpApp((_request, response) => {
    response.setHeader('x-frame-options', 'DENY');
    if (csp.length > 0) response.setHeader('content-security-policy', [...csp]);
    for (const [name, value] of Object.entries(more)) response.setHeader(name, value);
    response.end('inside');
  });

function policiesOf({ rawHeaders }: Answer): string[] {
  return rawHeaders.filter(
    (_, i) => rawHeaders[i - 1]?.toLowerCase() === 'content-security-policy' && i % 2 === 1,
  );
}

describe('security fact 19: who may show an app in a frame', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['nothing', [], []],
    ['only that', ["frame-ancestors 'none'"], []],
    [
      'that among others',
      ["default-src 'self'; Frame-Ancestors 'none'; img-src *"],
      ["default-src 'self'; img-src *"],
    ],
    [
      'that twice in one',
      ["frame-ancestors *; script-src 'self';frame-ancestors https://evil.example"],
      ["script-src 'self'"],
    ],
    [
      'two policies in one header',
      ["frame-ancestors *, default-src 'self'; frame-ancestors *"],
      ["default-src 'self'"],
    ],
    ['two headers', ['frame-ancestors *', "script-src 'self'"], ["script-src 'self'"]],
    ['a directive that only begins so', ['frame-ancestors-too x'], ['frame-ancestors-too x']],
  ])('says the configuration, where the app says %s', async (_name, csp, rest) => {
    const { gateway } = await productWith(await opinionated(csp), EMBED);
    const answer = await ask(gateway, '/sales/', { cookie: await gateway.signIn() });
    expect(answer.headers['x-frame-options']).toBeUndefined();
    expect(policiesOf(answer)).toEqual([...rest, LISTED]);
  });

  test('says the app itself, where nothing is listed', async () => {
    const { gateway } = await productWith(await opinionated(["frame-ancestors 'none'"]));
    const answer = await ask(gateway, '/sales/', { cookie: await gateway.signIn() });
    expect([answer.headers['x-frame-options'], policiesOf(answer)]).toEqual([
      'DENY',
      ["frame-ancestors 'none'"],
    ]);
  });

  test('holds for what the gateway answers in its place, but never for sign-in', async () => {
    const app = await opinionated([]);
    const { gateway } = await productWith(app, EMBED);
    await app.stop();
    const cookie = await gateway.signIn();
    const away = await ask(gateway, '/sales/', { cookie, headers: NAVIGATION });
    expect([away.status, policiesOf(away)[0]]).toEqual([502, expect.stringContaining(LISTED)]);
    const wrong = { authorization: 'Bearer nonsense', ...NAVIGATION };
    const refused = await ask(gateway, '/sales/', { headers: wrong });
    expect([refused.status, policiesOf(refused)[0]]).toEqual([401, expect.stringContaining(LISTED)]);
    for (const path of ['/.auth/login', '/.auth/logout', '/.auth/', '/.auth/signed-out']) {
      const own = await ask(gateway, path, { cookie, headers: NAVIGATION });
      expect([path, own.text === '' || policiesOf(own)[0]?.includes("frame-ancestors 'none'")]).toEqual([
        path,
        true,
      ]);
    }
  });
});
