import { describe, expect, it } from 'vitest';
import { folder, load, problemsOf, SOUND } from './loading.ts';

const TENANT = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
const provider = async (keys: string, cwd = folder()) => {
  const { settings } = await load({ cwd, yaml: `${SOUND}providers: { idp: { ${keys} } }\n` });
  return settings.providers[0];
};
const wrong = async (keys: string) => {
  const problems = await problemsOf({ yaml: `${SOUND}providers: { idp: { ${keys} } }\n` });
  return problems.map(({ path, message, fix }) => `${path} ${message} ${fix}`);
};

describe('a provider in the configuration', () => {
  it.each([
    [
      'type: azure, tenant: Contoso.com, client_id: x',
      { type: 'entra', tenant: 'contoso.com', groupsFromGraph: true },
    ],
    [
      `type: azurev2, tenants: [${TENANT.toUpperCase()}], client_id: x`,
      { tenant: 'organizations', tenants: [TENANT] },
    ],
    [
      'type: generic, issuer: "https://a.example.com/", client_id: x',
      { type: 'oidc', issuer: 'https://a.example.com/' },
    ],
    ['type: auth0, domain: acme, client_id: x', { domain: 'https://acme.auth0.com' }],
    ['type: auth0, domain: login.acme.example, client_id: x', { domain: 'https://login.acme.example' }],
    ['type: okta, domain: "https://acme.okta.com/", client_id: x', { domain: 'https://acme.okta.com' }],
    [
      'type: keycloak, url: "https://a.example.com/auth/", realm: r, client_id: x',
      { url: 'https://a.example.com/auth' },
    ],
    ['type: gitlab, client_id: x', { url: 'https://gitlab.com' }],
    ['type: google, hosted_domain: Example.COM, client_id: x', { hostedDomain: 'example.com' }],
    ['type: github, client_id: x', { url: 'https://github.com' }],
    ['type: bitbucket, client_id: x', { type: 'bitbucket' }],
    [
      'type: auth_code, client_id: x, authorize_url: "https://a.example.com/a", token_url: "https://a.example.com/t", user_url: "https://a.example.com/u"',
      { type: 'oauth2', userUrl: 'https://a.example.com/u' },
    ],
    ['type: password, password: correct-horse', { type: 'password', password: 'correct-horse' }],
    [
      'type: "@acme/portico-provider", options: { a: 1 }',
      { type: 'plugin', module: '@acme/portico-provider', options: { a: 1 } },
    ],
  ])('is understood: %s', async (keys, settings) => {
    expect(await provider(keys)).toMatchObject({ name: 'idp', ...settings });
  });

  it('may be a file beside the configuration', async () => {
    const cwd = folder();
    expect(await provider('type: ./mine.ts', cwd)).toMatchObject({
      type: 'plugin',
      module: `${cwd}/mine.ts`,
    });
  });

  it('asks for a refresh token only when that is wished, with the vendor’s scope', async () => {
    const keys = 'type: okta, domain: acme, server: default, client_id: x';
    expect(await provider(keys)).toMatchObject({ scope: 'openid profile email' });
    expect(await provider(`${keys}, refresh_tokens: true`)).toMatchObject({
      scope: 'openid profile email offline_access',
    });
  });

  it('takes its secret from a file', async () => {
    const cwd = folder({ secret: 'canary-from-a-file\n' });
    const keys = 'type: google, client_id: x, client_secret_file: secret';
    expect(await provider(keys, cwd)).toMatchObject({ clientSecret: 'canary-from-a-file' });
  });

  it.each([
    ['type: okat, domain: x, client_id: x', /type .*Did you mean okta/],
    ['type: saml, client_id: x', /type saml is not a type/],
    ['type: entra, client_id: x', /idp\.tenant is missing/],
    ['type: entra, tenant: organizations, client_id: x', /idp\.tenants is missing/],
    ['type: entra, tenant: common, client_id: x', /idp\.tenants is missing/],
    [`type: entra, tenant: ${TENANT}, tenants: [${TENANT}], client_id: x`, /idp\.tenant names one/],
    ['type: entra, tenants: [contoso.com], client_id: x', /idp\.tenants\[0\]/],
    [
      `type: entra, url: "https://login.microsoftonline.us", tenants: [${TENANT}], client_id: x`,
      /cannot be several/,
    ],
    ['type: okta, domain: acme-admin.okta.com, client_id: x', /administrators/],
    ['type: okta, domain: "https://acme.okta.com/app", client_id: x', /more than the domain/],
    ['type: keycloak, url: "http://sso.example.com", realm: r, client_id: x', /plain http/],
    ['type: google, scope: email, client_id: x', /does not contain openid/],
    ['type: google, client_id: x, client_key: nonsense', /no private key/],
    ['type: google, client_id: x, extra_params: { state: y }', /extra_params\.state/],
    [
      'type: google, client_id: x, redirect_uri: "https://elsewhere.example.com/cb"',
      /not on an address of this gateway/,
    ],
    ['type: google, client_id: x, redirect_uri: "http://localhost:8000"', /Write http:\/\/localhost:8000\//],
    ['type: google, client_id: x, redirect_uri: "http://localhost:8000/.auth/logout"', /own pages/],
    ['type: google, client_id: x, tenant: y', /tenant is not a known key/],
    ['type: password', /has no password/],
    ['type: password, password: x, users_file: y', /more than one/],
  ])('is explained when it is wrong: %s', async (keys, words) => {
    expect(await wrong(keys)).toContainEqual(expect.stringMatching(words));
  });

  it('may keep the redirect URI that App Service had, but not that of a provider beside it', async () => {
    const uri = 'redirect_uri: "http://localhost:8000/.auth/login/aad/callback"';
    const entra = 'type: entra, tenant: 9f1c2b3a-0000-4000-8000-000000000000, client_id: x';
    const { settings } = await load({ yaml: `${SOUND}providers: { company: { ${entra}, ${uri} } }\n` });
    expect(settings.providers[0]).toHaveProperty(
      'redirectUri',
      'http://localhost:8000/.auth/login/aad/callback',
    );
    const problems = await problemsOf({
      yaml: `${SOUND}providers: { company: { ${entra}, ${uri} }, aad: { ${entra} } }\n`,
    });
    expect(problems.map(({ path }) => path)).toEqual(['providers.company.redirect_uri']);
  });

  it('shares its redirect URI with no other', async () => {
    const each = 'type: gitlab, client_id: x, redirect_uri: "http://localhost:8000/cb"';
    const problems = await problemsOf({ yaml: `${SOUND}providers: { a: { ${each} }, b: { ${each} } }\n` });
    expect(problems.map(({ path }) => path)).toEqual(['providers.b.redirect_uri']);
  });
});
