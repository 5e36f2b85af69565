import { describe, expect, it } from 'vitest';
import type { ApiSettings, ClientSettings } from '../../src/config/settings.ts';
import { folder, load, problemsOf, SECRET } from './loading.ts';

const PROVIDERS: Readonly<Record<string, string>> = {
  obo: '{ type: entra, tenant: 9f1c2b3a-0000-4000-8000-000000000000, client_id: c, refresh_tokens: true, scope: openid api://c/enter }',
  entra: '{ type: entra, tenant: 9f1c2b3a-0000-4000-8000-000000000000, client_id: c, refresh_tokens: true }',
  company: '{ issuer: "https://login.example.com", client_id: c }',
  auth0: '{ type: auth0, domain: acme, client_id: c, refresh_tokens: true }',
  okta: '{ type: okta, domain: acme, client_id: c, refresh_tokens: true }',
  keycloak: '{ type: keycloak, url: "https://sso.example.com", realm: r, client_id: c }',
  google: '{ type: google, client_id: c }',
  github: '{ type: github, client_id: c }',
  password: '{ type: password, password: correct-horse-battery }',
};

/** A file with one API named `a`, of these keys, and the providers of these names. */
const yaml = (keys: string, ...providers: string[]): string => `
secret: ${SECRET}
public_url: https://apps.example.com
providers:
${providers.map((name) => `  ${name}: ${PROVIDERS[name]}`).join('\n')}
apps:
  sales: { upstream: "http://127.0.0.1:8501", allow: [everyone] }
  hr: { upstream: "http://127.0.0.1:8502", allow: [everyone] }
apis:
  a: { apps: [sales], ${keys} }
`;
const URL_ = 'url: "https://api.example.com/v1/"';

async function apiOf(keys: string, ...providers: string[]): Promise<ApiSettings | undefined> {
  return (await load({ yaml: yaml(`${URL_}, ${keys}`, ...providers) })).settings.apis[0];
}
const problemOf = async (keys: string, ...providers: string[]) =>
  (await problemsOf({ yaml: yaml(keys, ...providers) })).map(
    ({ path, message, fix }) => `${path} ${message} | ${fix}`,
  );

describe('a declared API', () => {
  it('is read with its defaults: the only provider, the token of the sign-in', async () => {
    expect(await apiOf('', 'company')).toEqual({
      name: 'a',
      url: 'https://api.example.com/v1',
      provider: 'company',
      scopes: [],
      grant: 'session',
      apps: ['sales'],
    });
  });

  it.each([
    ['entra', 'scopes: [User.Read]', 'refresh'],
    ['company', 'scopes: [read]', 'refresh'],
    ['company', 'resource: "https://api.example.com"', 'refresh'],
    ['auth0', 'resource: "https://api.example.com"', 'refresh'],
    ['okta', 'scopes: [read]', 'refresh'],
    ['okta', 'resource: "api://default"', 'exchange'],
    ['keycloak', 'scopes: [read]', 'refresh'],
    ['keycloak', 'resource: orders-api, scopes: [read]', 'exchange'],
    ['google', 'scopes: ["https://www.googleapis.com/auth/drive.readonly"]', 'session'],
    ['github', 'scopes: [repo]', 'session'],
    ['obo', 'scopes: [User.Read], grant: on-behalf-of', 'on-behalf-of'],
    ['company', 'resource: orders, grant: exchange', 'exchange'],
  ])('of %s with %s is had by what the provider can: %#', async (provider, keys, grant) => {
    expect((await apiOf(keys, provider))?.grant).toBe(grant);
  });

  it('may be one for people of the development provider', async () => {
    const { settings } = await load({
      yaml: `
secret: ${SECRET}
dev: true
apps: { sales: { upstream: "http://127.0.0.1:8501", allow: [everyone] } }
apis: { orders: { url: "http://127.0.0.1:9000", scopes: [orders], apps: [sales] } }
`,
    });
    expect(settings.apis.find(({ name }) => name === 'orders')).toMatchObject({
      provider: 'dev',
      grant: 'refresh',
    });
  });

  it.each([
    ['url: "http://api.example.com"', ['company'], /^apis\.a\.url is plain http.* \| Write https:\/\/api/],
    ['url: "https://api.example.com/a?b=c"', ['company'], /^apis\.a\.url has a query/],
    ['url: "https://me:pw@api.example.com"', ['company'], /^apis\.a\.url has a query, fragment or user name/],
    ['url: "https://api.example.com/a%2fb"', ['company'], /^apis\.a\.url has a path with/],
    ['url: "https://api.example.com/a//b"', ['company'], /^apis\.a\.url has a path with/],
    [`${URL_}, scopes: ["a b"]`, ['company'], /^apis\.a\.scopes\[0\] has characters/],
    [`${URL_}, grant: refersh`, ['company'], /^apis\.a\.grant should be one of.* \| Did you mean refresh/],
    [URL_, ['company', 'google'], /^apis\.a\.provider is missing.* \| Write one of company, google/],
    [`${URL_}, provider: compny`, ['company'], /^apis\.a\.provider compny is not.* \| Did you mean company/],
    [URL_, ['password'], /^apis\.a\.provider is of type password, which has no access tokens/],
    [
      `${URL_}, grant: exchange`,
      ['entra'],
      /^apis\.a\.grant exchange is not.*entra can do \| Use refresh or on-behalf-of/,
    ],
    [`${URL_}, grant: on-behalf-of`, ['okta'], /^apis\.a\.grant on-behalf-of is not/],
    [`${URL_}, grant: refresh`, ['github'], /^apis\.a\.grant refresh is not.*github/],
    [`${URL_}, grant: on-behalf-of`, ['obo'], /^apis\.a\.scopes is missing/],
    [
      `${URL_}, grant: on-behalf-of, scopes: [User.Read]`,
      ['entra'],
      /^apis\.a needs a token for an API of the gateway.*api:/,
    ],
    [
      `${URL_}, grant: session, resource: x`,
      ['company'],
      /^apis\.a\.resource means nothing.* \| Use grant: refresh/,
    ],
    [`${URL_}, resource: x`, ['google'], /^apis\.a\.resource means nothing.* \| Leave it out/],
    [`${URL_}, grant: refresh, resource: x`, ['keycloak'], /^apis\.a\.resource is not what keycloak takes/],
  ])('is refused with its fix: %s at %s', async (keys, providers, words) => {
    const problems = await problemOf(keys, ...providers);
    expect(problems).toEqual([expect.stringMatching(words)]);
  });

  it('names the apps that may use it; others, and none, are problems', async () => {
    const with_ = (apps: string) => yaml(URL_, 'company').replace('apps: [sales], ', apps);
    const found = async (apps: string) => (await problemsOf({ yaml: with_(apps) })).map(({ path }) => path);
    expect(await found('')).toEqual(['apis.a.apps']);
    expect(await found('apps: [], ')).toEqual(['apis.a.apps']);
    expect(await problemsOf({ yaml: with_('apps: [sales, sale], ') })).toEqual([
      { path: 'apis.a.apps[1]', message: 'sale is not an app here', fix: 'Did you mean sales?' },
    ]);
  });

  it('needs a refresh token where the vendor gives one only on demand', async () => {
    const file = yaml(`${URL_}, scopes: [User.Read]`, 'entra').replace(', refresh_tokens: true', '');
    expect(await problemsOf({ yaml: file })).toEqual([
      {
        path: 'apis.a',
        message: 'needs a refresh token, and entra asks for none',
        fix: 'Set refresh_tokens: true at providers.entra.',
      },
    ]);
  });

  it.each(['company', 'google'])('tells when no fresh token may follow: %s', async (provider) => {
    const { notes } = await load({ yaml: yaml(URL_, provider) });
    expect(notes).toContain(
      `a: if ${provider} gives no refresh token, no fresh token follows when the one of the sign-in ends; refresh_tokens: true asks for one.`,
    );
  });
});

describe('what a sign-in asks for because of the APIs', () => {
  const clientOf = async (keys: string, provider: string) => {
    const { settings, notes } = await load({ yaml: yaml(`${URL_}, ${keys}`, provider) });
    const { scope, resources } = settings.providers[0] as ClientSettings;
    return { scope: scope.split(' '), resources, notes };
  };

  it.each([
    ['company', 'scopes: [read], resource: "https://api.example.com"', ['read'], ['https://api.example.com']],
    ['keycloak', 'scopes: [read]', ['read'], undefined],
    ['github', 'scopes: [repo]', ['repo'], undefined],
    ['entra', 'scopes: [Mail.Read]', ['Mail.Read'], undefined],
    ['auth0', 'scopes: [read]', ['read'], undefined],
  ])('is what no refresh could bring later: %s, %s', async (provider, keys, scopes, resources) => {
    const client = await clientOf(keys, provider);
    expect(client.scope).toEqual(expect.arrayContaining(scopes));
    expect(client.resources).toEqual(resources);
    expect(client.notes).toContain(`${provider}: sign-in also asks for ${scopes}, which apis need.`);
  });

  it.each([
    ['entra', 'scopes: ["api://1f0c/read"]'],
    ['entra', 'scopes: [read], resource: "api://1f0c"'],
    ['obo', 'scopes: [Mail.Read], grant: on-behalf-of'],
    ['obo', 'scopes: [Mail.Read]'],
    ['auth0', 'scopes: [read], resource: "https://api.example.com"'],
    ['keycloak', 'scopes: [read], resource: orders-api'],
    ['company', 'resource: orders, grant: exchange'],
    ['company', 'scopes: [email]'],
  ])('is nothing more where it needs not: %s, %s', async (provider, keys) => {
    const bare = await load({ yaml: yaml(URL_, provider) });
    const client = await clientOf(keys, provider);
    expect(client.scope.join(' ')).toBe((bare.settings.providers[0] as ClientSettings).scope);
    expect(client.resources).toBeUndefined();
    expect(client.notes.filter((note) => note.includes('also asks'))).toEqual([]);
  });
});

describe('the credential of an app that runs elsewhere', () => {
  const CREDENTIAL = 'Kq7vTz2mWx9pLd4sRb8nYc1fHg6jQa3e';
  const app = (keys: string): string => `
secret: ${SECRET}
dev: true
apps: { sales: { ${keys}, allow: [everyone] } }
`;
  const at = 'upstream: "http://127.0.0.1:8501"';

  it('is read from its key, from a variable or from a file', async () => {
    const { settings } = await load({ yaml: app(`${at}, credential: "\${C}"`), env: { C: CREDENTIAL } });
    expect(settings.apps[0]?.credential).toBe(CREDENTIAL);
    const cwd = folder({ c: `${CREDENTIAL}\n` });
    const other = await load({ cwd, yaml: app(`${at}, credential_file: c`) });
    expect(other.settings.apps[0]?.credential).toBe(CREDENTIAL);
  });

  it.each([
    ['credential: short-canary', 'apps.sales.credential', 'is shorter than 32 characters'],
    [`credential: ${SECRET}`, 'apps.sales', 'has the credential of the gateway'],
    [`credential: ${CREDENTIAL}, credential_file: c`, 'apps.sales', 'has both'],
    ['credential_file: nowhere', 'apps.sales.credential_file', 'does not exist'],
  ])('is refused where it is weak, shared or unclear, and never repeated: %s', async (keys, path, words) => {
    const problems = await problemsOf({ yaml: app(`${at}, ${keys}`) });
    expect(problems).toContainEqual(
      expect.objectContaining({ path, message: expect.stringContaining(words) }),
    );
    expect(JSON.stringify(problems)).not.toMatch(new RegExp(`${CREDENTIAL}|${SECRET}|short-canary`));
  });

  it('is nothing for an app that is started here, and nothing for two', async () => {
    expect(await problemsOf({ yaml: app(`run: python app.py, credential: ${CREDENTIAL}`) })).toEqual([
      {
        path: 'apps.sales.credential',
        message: 'is for an app that runs elsewhere; one that is started here gets its own',
        fix: 'Remove credential.',
      },
    ]);
    const two = `
secret: ${SECRET}
dev: true
apps:
  sales: { ${at}, credential: ${CREDENTIAL} }
  hr: { ${at}, credential: ${CREDENTIAL} }
`;
    expect((await problemsOf({ yaml: two })).map(({ path, message }) => `${path} ${message}`)).toEqual([
      'apps.hr has the credential of sales',
    ]);
  });
});
