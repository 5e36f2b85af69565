import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { folder, load, problemsOf, SECRET } from './loading.ts';

const TENANT = '9f1c2b3a-0000-4000-8000-000000000000';
const APP = ['--', 'panel', 'serve', 'app.py'];
const CLIENT = ['--oauth-key', 'the-client', '--oauth-secret', 'canary-client-secret'];

/** The settings of a command line before `-- panel serve app.py`. */
async function serve(
  argv: readonly string[],
  env: Record<string, string> = {},
  files: Record<string, string> = {},
) {
  const loaded = await load({
    argv: [...argv, ...APP],
    env,
    cwd: folder(files),
    request: { recognise: () => 'panel' },
  });
  return { ...loaded, provider: loaded.settings.providers[0], app: loaded.settings.apps[0] };
}

describe('a provider in the words of Panel', () => {
  it.each<[string[], Record<string, unknown>]>([
    [
      ['--oauth-provider=azure', `--oauth-extra-params={'tenant': '${TENANT}'}`],
      { name: 'entra', type: 'entra', tenant: TENANT, extraParams: {} },
    ],
    [
      [
        '--oauth-provider=azurev2',
        '--oauth-tenant',
        TENANT,
        '--oauth-extra-params',
        '{"domain_hint": "x.org"}',
      ],
      { name: 'entra', tenant: TENANT, extraParams: { domain_hint: 'x.org' } },
    ],
    [
      ['--oauth-provider=auth0', `--oauth-extra-params={'subdomain': 'acme.eu', 'audience': 'api'}`],
      { type: 'auth0', domain: 'https://acme.eu', extraParams: { audience: 'api' } },
    ],
    [
      ['--oauth-provider=auth0', `--oauth-extra-params={'subdomain': 'acme'}`],
      { domain: 'https://acme.auth0.com' },
    ],
    [
      ['--oauth-provider=okta', `--oauth-extra-params={'url': 'acme.okta.com'}`],
      { type: 'okta', domain: 'https://acme.okta.com', server: 'default' },
    ],
    [
      ['--oauth-provider=okta', `--oauth-extra-params={'url': 'acme.okta.com', 'server': 'aus1'}`],
      { server: 'aus1' },
    ],
    [
      [
        '--oauth-provider=gitlab',
        `--oauth-extra-params={'url': 'git.acme.com'}`,
        '--oauth-jwt-user=username',
      ],
      { type: 'gitlab', url: 'https://git.acme.com', userClaim: 'preferred_username' },
    ],
    [
      ['--oauth-provider=github', '--oauth-jwt-user=login'],
      { type: 'github', userClaim: 'preferred_username' },
    ],
    [['--oauth-provider=google'], { type: 'google', name: 'google' }],
    [['--oauth-provider=bitbucket'], { type: 'bitbucket' }],
    [
      [
        '--oauth-provider=generic',
        `--oauth-extra-params={'TOKEN_URL': 'https://a.org/t', 'AUTHORIZE_URL': 'https://a.org/a', 'USER_URL': 'https://a.org/u', 'USER_KEY': 'login', 'prompt': 'login',}`,
      ],
      {
        type: 'oauth2',
        tokenUrl: 'https://a.org/t',
        authorizeUrl: 'https://a.org/a',
        userUrl: 'https://a.org/u',
        userClaim: 'login',
        scope: 'openid email profile',
        extraParams: { prompt: 'login' },
      },
    ],
    [
      [
        ...['--oauth-provider=auth_code', '--oauth-authorize-url', 'https://a.org/a'],
        ...['--oauth-token-url', 'https://a.org/t', '--oauth-user-url', 'https://a.org/u'],
        ...['--oauth-logout-url', 'https://a.org/l'],
      ],
      { type: 'oauth2', logoutUrl: 'https://a.org/l' },
    ],
    [
      ['--oauth-provider=generic', '--oauth-issuer=https://id.org'],
      { name: 'oidc', type: 'oidc', issuer: 'https://id.org' },
    ],
    [
      ['--oauth-issuer=https://id.org', `--oauth-extra-params={'scope': ['openid', 'x']}`],
      { scope: 'openid x' },
    ],
    [['--oauth-issuer=https://id.org', '--oauth-scope', 'openid,email'], { scope: 'openid email' }],
    [
      ['--oauth-issuer=https://id.org', '--oauth-refresh-tokens', '--oauth-jwt-user=email'],
      { refreshTokens: true, userClaim: 'email' },
    ],
    [
      ['--oauth-issuer=https://id.org', '--oauth-redirect-uri=http://localhost:8000/app'],
      { redirectUri: 'http://localhost:8000/app' },
    ],
  ])('%j', async (argv, expected) => {
    const { provider } = await serve([...argv, ...CLIENT]);
    expect(provider).toMatchObject({
      clientId: 'the-client',
      clientSecret: 'canary-client-secret',
      ...expected,
    });
    expect(provider).not.toHaveProperty(['extraParams', 'tenant']);
  });

  it('explains what there is not', async () => {
    const told = async (argv: string[]) => JSON.stringify(await problemsOf({ argv: [...argv, ...APP] }));
    expect(await told(['--oauth-provider=pam'])).toContain('rights of root');
    expect(await told(['--oauth-provider=password', ...CLIENT])).toMatch(/RFC 9700.*auth_code.*--basic-auth/);
    expect(await told(['--oauth-provider=azure', '--oauth-extra-params=[1]', ...CLIENT])).toContain(
      'dictionary',
    );
    expect(await told(['--basic-auth', './users.jsn'])).toContain('looks like a file');
  });
});

describe('passwords, guests and sessions in the words of Panel', () => {
  it('--basic-auth is a password, or a file of users', async () => {
    expect((await serve(['--basic-auth', 'canary of everybody'])).provider).toMatchObject({
      name: 'password',
      type: 'password',
      password: 'canary of everybody',
    });
    const { provider } = await serve(['--basic-auth', 'users.json'], {}, { 'users.json': '{"ann": "x"}' });
    expect(provider).toMatchObject({ type: 'password', usersFile: expect.stringMatching(/users\.json$/) });
  });

  it('--oauth-optional and --oauth-guest-endpoints open the app, or some of it with what it loads', async () => {
    const open = await serve(['--dev', '--oauth-optional']);
    expect(open.app).toMatchObject({ guests: true, rules: [] });
    expect(open.notes.join()).toContain('guests may enter');
    const forms = [['/a,/b/'], ['/a', '/b/'], ['/a', '--oauth-guest-endpoints', '/b/']];
    for (const form of forms) {
      const { app } = await serve(['--dev', '--oauth-guest-endpoints', ...form]);
      expect(app?.guests).toBeUndefined();
      expect(app?.rules).toEqual(
        ['/a', '/a/ws', '/b', '/b/ws', '/static/**', '/components/**'].map((path) => ({
          path,
          access: { public: true },
        })),
      );
    }
  });

  it('--oauth-expiry-days takes decimals, --cookie-secret is the secret', async () => {
    const { settings } = await serve(['--dev', '--oauth-expiry-days=0.5', '--cookie-secret', SECRET]);
    expect(settings.session.absolute).toBe(43_200_000);
    expect(settings.secrets).toEqual([SECRET]);
  });

  it('understands what is not needed, says why, and shows no value', async () => {
    const idle = ['--oauth-encryption-key', 'canary-key', '--cookie-path', '/x'];
    const { notes } = await serve(['--dev', ...idle, '--login-endpoint=/in', '--logout-endpoint=/out']);
    for (const name of ['--oauth-encryption-key', '--cookie-path', '--login-endpoint', '--logout-endpoint'])
      expect(notes).toContainEqual(expect.stringMatching(new RegExp(`^${name} is not needed: `)));
    expect(notes.join()).not.toContain('canary');
  });

  it('templates are those of the branding', async () => {
    const files = { 'in.html': '{{form}} in', 'out.html': 'out', 'no.html': 'no', 'err.html': '{{title}}' };
    const argv = ['--basic-login-template=in.html', '--logout-template=out.html', '--auth-template=no.html'];
    const { settings } = await serve(['--dev', ...argv, '--oauth-error-template=err.html'], {}, files);
    expect(settings.branding?.templates).toEqual({
      password: '{{form}} in',
      'signed-out': 'out',
      denied: 'no',
      error: '{{title}}',
    });
  });

  it('portico oauth-secret is portico secret', () => {
    expect(parseCommandLine(['oauth-secret'], {})).toEqual({ command: 'secret' });
  });
});

describe('the variables of Panel', () => {
  const PANEL = {
    PANEL_OAUTH_PROVIDER: 'azure',
    PANEL_OAUTH_KEY: 'panel-key',
    PANEL_OAUTH_SECRET: 'canary-panel-secret',
    PANEL_OAUTH_EXTRA_PARAMS: "{'ui_locales': 'de'}",
    PANEL_OAUTH_SCOPE: 'openid,email',
    PANEL_OAUTH_JWT_USER: 'oid',
    PANEL_OAUTH_REFRESH_TOKENS: 'True',
    PANEL_OAUTH_REDIRECT_URI: 'http://localhost:8000/',
    PANEL_OAUTH_OPTIONAL: '1',
    PANEL_OAUTH_GUEST_ENDPOINTS: "['/a']",
    PANEL_OAUTH_EXPIRY: '1.5',
    PANEL_COOKIE_SECRET: SECRET,
    AAD_TENANT_ID: TENANT,
  };

  it('are all understood, and named in the summary without their values', async () => {
    const { provider, app, settings, notes, withheld } = await serve([], PANEL);
    expect(provider).toMatchObject({
      type: 'entra',
      clientId: 'panel-key',
      clientSecret: 'canary-panel-secret',
      tenant: TENANT,
      extraParams: { ui_locales: 'de' },
      userClaim: 'oid',
      refreshTokens: true,
      redirectUri: 'http://localhost:8000/',
    });
    expect(app).toMatchObject({ guests: true });
    expect(app?.rules[0]).toEqual({ path: '/a', access: { public: true } });
    expect(settings.session.absolute).toBe(129_600_000);
    expect(settings.secrets).toEqual([SECRET]);
    const taken = notes.find((note) => note.startsWith('Taken from')) ?? '';
    for (const name of Object.keys(PANEL)) expect(taken).toContain(name);
    expect(withheld).toEqual(expect.arrayContaining(Object.keys(PANEL)));
    expect(notes.join()).not.toMatch(/canary|panel-key/);
  });

  it('of a provider without a type of its own', async () => {
    const { provider } = await serve([], {
      PANEL_OAUTH_PROVIDER: 'generic',
      PANEL_OAUTH_KEY: 'k',
      PANEL_OAUTH_TOKEN_URL: 'https://a.org/t',
      PANEL_OAUTH_AUTHORIZE_URL: 'https://a.org/a',
      PANEL_OAUTH_USER_URL: 'https://a.org/u',
      PANEL_OAUTH_LOGOUT_URL: 'https://a.org/l',
      PANEL_USER_KEY: 'mail',
    });
    expect(provider).toMatchObject({
      type: 'oauth2',
      tokenUrl: 'https://a.org/t',
      logoutUrl: 'https://a.org/l',
      userClaim: 'mail',
    });
  });

  it('come below flags and PORTICO_ variables', async () => {
    const env = { ...PANEL, PORTICO_OAUTH_SECRET: 'canary-portico-secret' };
    const { provider, notes } = await serve(['--oauth-key=flag-key'], env);
    expect(provider).toMatchObject({ clientId: 'flag-key', clientSecret: 'canary-portico-secret' });
    expect(notes.join()).not.toMatch(/PANEL_OAUTH_KEY|PANEL_OAUTH_SECRET/);
  });

  it('come below portico.yaml, whose providers they never complete', async () => {
    const { settings, notes, withheld } = await load({
      env: { ...PANEL, PANEL_BASIC_AUTH: 'canary-panel-password' },
      yaml: `
secret_file: s
session: { lifetime: 2d }
providers: { corp: { type: oidc, issuer: "https://id.org", client_id: x } }
apps: { one: { upstream: "http://127.0.0.1:1" }, two: { upstream: "http://127.0.0.1:2" } }
`,
      cwd: folder({ s: `${SECRET}-of-the-file` }),
    });
    expect(settings.providers).toEqual([expect.objectContaining({ name: 'corp', clientId: 'x' })]);
    expect(settings.providers[0]).not.toHaveProperty('clientSecret');
    expect(settings.secrets).toEqual([`${SECRET}-of-the-file`]);
    expect(settings.session.absolute).toBe(172_800_000);
    expect(settings.apps.some((app) => app.guests)).toBe(false);
    expect(notes.join('\n')).toMatch(/PANEL_OAUTH_OPTIONAL is not used/);
    expect(withheld).toEqual([]);
  });

  it('ask for nothing where no provider is asked for', async () => {
    const { settings } = await serve(['--dev'], {
      PANEL_OAUTH_KEY: 'k',
      PANEL_OAUTH_SCOPE: 'x',
      AAD_TENANT_ID: 'y',
    });
    expect(settings.providers).toEqual([]);
  });
});

describe('variables that the file takes', () => {
  it('are withheld from apps, and what every program needs is not', async () => {
    const { withheld } = await load({
      env: { CLIENT: 'canary-client', DB: 'canary-db', PATH: '/bin' },
      yaml: `
secret: ${SECRET}
dev: true
providers: { corp: { type: oidc, issuer: "https://id.org", client_id: x, client_secret: "\${CLIENT}" } }
apps: { one: { run: app, env: { DB: "\${DB}", PATH: "/x:\${PATH}" } } }
`,
    });
    expect(withheld).toEqual(['CLIENT', 'DB']);
  });
});
