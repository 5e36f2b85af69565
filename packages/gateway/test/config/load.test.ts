import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder, load, problemsOf, SECRET, SOUND } from './loading.ts';

describe('the configuration', () => {
  it('of one command needs nothing else, and admits everyone who is signed in', async () => {
    const cwd = folder();
    const recognise = (argv: readonly string[]) => (argv[0] === 'streamlit' ? 'streamlit' : 'command');
    const { settings, notes } = await load({
      argv: ['--dev', '--', 'streamlit', 'run', 'a.py'],
      cwd,
      request: { recognise },
    });
    expect(settings).toMatchObject({
      publicUrl: 'http://localhost:8000',
      address: '127.0.0.1',
      port: 8000,
      store: { kind: 'sqlite', path: join(cwd, '.portico', 'portico.db') },
      session: { absolute: 7 * 86_400_000, idle: 43_200_000, refresh: true },
      providers: [],
      trustedProxies: [],
      log: { level: 'info', format: 'json' },
      stateDir: join(cwd, '.portico'),
      drainSeconds: 10,
      apps: [{ name: 'app', at: '/', type: 'streamlit', run: ['streamlit', 'run', 'a.py'], cwd, rules: [] }],
    });
    expect(settings.apps[0]?.allow).toEqual([{ kind: 'everyone' }]);
    expect(settings.dev?.personas.map((each) => each.roles[0])).toEqual(['admin', 'analyst', 'viewer']);
    expect(notes.join('\n')).toContain('everyone who can sign in may enter');
  });

  it('of a file is read whole', async () => {
    const cwd = folder();
    const { settings } = await load({
      cwd,
      env: { CLIENT_SECRET: 'canary-client-secret', P: '8443' },
      yaml: `
public_url: https://Apps.Example.com:443/
address: 0.0.0.0
port: \${P}
secret: [${SECRET}, ${SECRET}old]
store: sqlite:data/p.db
session: { lifetime: 1.5d, idle: 30m }
providers:
  corp: { type: generic, issuer: "https://id.example.com/", client_id: portico, client_secret: "\${CLIENT_SECRET}", roles_claim: a.b }
apps:
  sales-eu:
    run: streamlit run 'my app.py' --x="a b"
    cwd: eu
    env: { REGION: "$\${x}" }
    allow: [role:analyst, "email:*@Example.com"]
    rules:
      - { path: /admin/**, allow: [role:admin] }
      - { path: /_stcore/health, public: true }
  hr: { host: HR.example.com, upstream: "http://[::1]:81", type: dash, title: People, description: d }
apis:
  orders: { url: "https://api.example.com/v1", scopes: [read], grant: exchange, resource: orders, apps: [hr, sales-eu, hr] }
trusted_proxies: [10.0.0.0/8, "::1"]
log: { level: debug, format: pretty }
drain: 0
`,
    });
    expect(settings).toEqual({
      publicUrl: 'https://apps.example.com',
      address: '0.0.0.0',
      port: 8443,
      secrets: [SECRET, `${SECRET}old`],
      store: { kind: 'sqlite', path: join(cwd, 'data/p.db') },
      session: { absolute: 129_600_000, idle: 1_800_000, refresh: true },
      providers: [
        {
          name: 'corp',
          type: 'oidc',
          title: 'Corp',
          place: 'https://id.example.com/',
          issuer: 'https://id.example.com/',
          clientId: 'portico',
          clientSecret: 'canary-client-secret',
          scope: 'openid profile email',
          extraParams: {},
          rolesClaim: 'a.b',
          groupsClaim: 'groups',
        },
      ],
      roles: [],
      apis: [
        {
          name: 'orders',
          url: 'https://api.example.com/v1',
          provider: 'corp',
          scopes: ['read'],
          resource: 'orders',
          grant: 'exchange',
          apps: ['hr', 'sales-eu'],
        },
      ],
      apps: [
        {
          name: 'sales-eu',
          title: 'Sales eu',
          at: '/sales-eu',
          type: 'command',
          allow: [
            { kind: 'role', value: 'analyst' },
            { kind: 'domain', value: 'example.com' },
          ],
          rules: [
            { path: '/admin/**', access: { public: false, allow: [{ kind: 'role', value: 'admin' }] } },
            { path: '/_stcore/health', access: { public: true } },
          ],
          run: ['streamlit', 'run', 'my app.py', '--x=a b'],
          cwd: join(cwd, 'eu'),
          env: { REGION: `\${x}` },
        },
        {
          name: 'hr',
          title: 'People',
          description: 'd',
          at: '/',
          host: 'hr.example.com',
          type: 'dash',
          allow: [{ kind: 'everyone' }],
          rules: [],
          upstream: { hostname: '::1', port: 81 },
        },
      ],
      trustedProxies: ['10.0.0.0/8', '::1'],
      log: { level: 'debug', format: 'pretty' },
      stateDir: join(cwd, '.portico'),
      drainSeconds: 0,
    });
  });

  it('takes a flag over the environment over the file over the default', async () => {
    const yaml = `${SOUND}port: 1001\n`;
    const port = async (argv: string[], env: Record<string, string>, text: string) =>
      (await load({ argv, env, yaml: text })).settings.port;
    expect(await port(['--port', '1003'], { PORTICO_PORT: '1002' }, yaml)).toBe(1003);
    expect(await port([], { PORTICO_PORT: '1002' }, yaml)).toBe(1002);
    expect(await port([], {}, yaml)).toBe(1001);
    expect(await port([], {}, SOUND)).toBe(8000);
  });

  it('takes a secret of a higher layer in place of a secret file of a lower one, and the other way round', async () => {
    const cwd = folder({ one: `${SECRET}1\n${SECRET}2\n` });
    const inline = await load({
      cwd,
      argv: ['--cookie-secret', `${SECRET}3`],
      yaml: SOUND.replace(/^secret:.*$/m, 'secret_file: one'),
    });
    expect(inline.settings.secrets).toEqual([`${SECRET}3`]);
    const file = await load({ cwd, env: { PORTICO_COOKIE_SECRET_FILE: 'one' }, yaml: SOUND });
    expect(file.settings.secrets).toEqual([`${SECRET}1`, `${SECRET}2`]);
  });

  it('of a provider may come from flags alone, or add to the only one of the file', async () => {
    const cwd = folder({ client: 'from-a-file\n' });
    const oauth = [
      '--oauth-issuer',
      'https://id.example.com',
      '--oauth-key',
      'k',
      '--oauth-secret-file',
      'client',
    ];
    const more = [
      '--oauth-extra-params',
      "{'prompt': 'login'}",
      '--oauth-expiry-days',
      '0.5',
      '--cookie-secret',
      SECRET,
    ];
    const flags = await load({ cwd, argv: [...oauth, ...more, '--upstream', 'http://127.0.0.1:1'] });
    expect(flags.settings.providers).toMatchObject([
      { name: 'oidc', clientId: 'k', clientSecret: 'from-a-file', extraParams: { prompt: 'login' } },
    ]);
    expect(flags.settings.session).toEqual({ absolute: 43_200_000, idle: 43_200_000, refresh: true });
    const yaml = `${SOUND}providers: { corp: { type: oidc, issuer: "https://id.example.com", client_id: a } }\n`;
    const both = await load({ yaml, env: { PORTICO_OAUTH_SECRET: 'x-from-the-environment' } });
    expect(both.settings.providers).toMatchObject([{ name: 'corp', clientSecret: 'x-from-the-environment' }]);
  });

  it('may be handed in as values, as the demo does', async () => {
    const document = {
      dev: true,
      apps: { sample: { at: '/', upstream: 'http://127.0.0.1:1', allow: ['everyone'] } },
    };
    const { settings } = await load({
      argv: ['--cookie-secret', SECRET, '--port', '9'],
      request: { document },
    });
    expect(settings).toMatchObject({ port: 9, apps: [{ name: 'sample' }] });
  });

  it('for listing sessions needs neither app nor provider, but an existing secret', async () => {
    const cwd = folder();
    const request = { purpose: 'sessions' } as const;
    expect(await problemsOf({ cwd, request })).toMatchObject([{ path: 'secret' }]);
    await load({ cwd, argv: ['--dev', '--upstream', 'http://127.0.0.1:1'] });
    expect((await load({ cwd, request })).settings.secrets).toHaveLength(1);
  });
});
