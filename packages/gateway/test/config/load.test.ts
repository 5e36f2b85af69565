import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblems } from '../../src/config/problems.ts';
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

describe('a refused configuration', () => {
  it('without a way to sign in says both ways out', async () => {
    const [problem] = await problemsOf({ argv: ['--upstream', 'http://127.0.0.1:1'] });
    expect(problem?.path).toBe('providers');
    expect(problem?.fix).toMatch(/--dev.*--oauth-issuer/);
  });

  it('leaves nothing behind', async () => {
    const cwd = folder();
    await problemsOf({ cwd, argv: ['--upstream', 'http://127.0.0.1:1'] });
    expect(existsSync(join(cwd, '.portico'))).toBe(false);
    await load({ cwd, argv: ['--dev', '--upstream', 'http://127.0.0.1:1'], request: { purpose: 'check' } });
    expect(existsSync(join(cwd, '.portico'))).toBe(false);
  });

  it('refuses --dev wherever others could reach it', async () => {
    for (const argv of [
      ['--address', '0.0.0.0', '--public-url', 'http://localhost:8000'],
      ['--address', '::', '--public-url', 'http://localhost:8000'],
      ['--public-url', 'https://apps.example.com'],
      ['--public-url', 'https://localhost.example.com'],
    ])
      expect(
        await problemsOf({ argv: ['--dev', '--upstream', 'http://127.0.0.1:1', ...argv] }),
      ).toMatchObject([{ path: '--dev', message: expect.stringContaining('without a password') }]);
  });

  it('names every problem at once, each where it is and with a fix', async () => {
    const problems = await problemsOf({
      yaml: `
publc_url: x
public_url: http://apps.example.com
port: 99999
store: redis://x
tls: { cert: nope.pem }
session: { lifetime: 1h, idle: 2h, idl: 3 }
providers:
  entra: { type: entr, tenant: x }
  corp: { type: oidc, issuer: "http://id.example.com", scope: email, extra_params: { state: x } }
apps:
  a: { upstream: "http://127.0.0.1:1", run: x, at: /x }
  b: { upstream: "https://127.0.0.1:1", at: /x/, titel: t, allow: [role: analyst, robin] }
  c: { at: /.AUTH/y, run: "a | b", rules: [{ path: admin, allow: [] }, { path: /a }] }
trusted_proxies: [10.0.0.0/99]
log: { level: inf }
drain: soon
dev: { personas: [{ name: X }] }
`,
    });
    expect(problems.map((each) => each.path).sort()).toEqual(
      [
        ...['publc_url', 'public_url', 'port', 'store', 'tls.cert', 'tls.key', 'session.idl', 'session.idle'],
        ...[
          'providers.entra.type',
          'providers.corp.issuer',
          'providers.corp.client_id',
          'providers.corp.scope',
        ],
        ...[
          'providers.corp.extra_params.state',
          'apps.a',
          'apps.b',
          'apps.b.upstream',
          'apps.b.titel',
          'apps.b.allow[0]',
        ],
        ...[
          'apps.b.allow[1]',
          'apps.c.at',
          'apps.c.run',
          'apps.c.rules[0].path',
          'apps.c.rules[1]',
          'trusted_proxies[0]',
        ],
        ...['log.level', 'drain', 'dev.personas[0].email'],
      ].sort(),
    );
    for (const { message, fix } of problems) {
      expect(message).not.toMatch(/invalid|expected|undefined|object Object/i);
      expect(fix.length).toBeGreaterThan(3);
    }
    const fixes = Object.fromEntries(problems.map((each) => [each.path, each.fix]));
    expect(fixes['publc_url']).toBe('Did you mean public_url?');
    expect(fixes['apps.b.titel']).toBe('Did you mean title?');
    expect(fixes['apps.b.allow[0]']).toContain('role:analyst');
    expect(formatProblems(problems)).toContain(`${problems.length} problems`);
  });

  it.each([
    ['public_url: https://a.example.com/x', 'public_url'],
    ['public_url: ftp://a.example.com', 'public_url'],
    ['address: "*"', 'address'],
    ['drain: 601', 'drain'],
    ['session: { lifetime: 1s }', 'session.lifetime'],
    ['session: { lifetime: 500d }', 'session.lifetime'],
    ['session: 12h', 'session'],
    ['store: mysql://x', 'store'],
    ['store: "sqlite:"', 'store'],
    ['log: { format: xml }', 'log.format'],
    ['providers: { dev: { type: oidc, issuer: "https://a.example.com", client_id: x } }', 'providers.dev'],
    ['providers: { c: { type: saml } }', 'providers.c.type'],
    ['providers: { c: 3 }', 'providers.c'],
    ['providers: [1]', 'providers'],
    [
      'providers: { c: { issuer: "https://a.example.com/.well-known/openid-configuration", client_id: x } }',
      'providers.c.issuer',
    ],
    ['apis: {}', 'apis'],
    ['trusted_proxies: 10.0.0.1', 'trusted_proxies'],
  ])('%s', async (line, path) => {
    const problems = await problemsOf({ yaml: `${SOUND}${line}\n` });
    expect(problems.map((each) => each.path)).toContain(path);
  });

  it.each([
    [
      'one path twice',
      'a: { at: /x, upstream: "http://h:1" }, b: { at: /x/, upstream: "http://h:2" }',
      'apps.b',
    ],
    [
      'one host twice',
      'a: { host: a.b, upstream: "http://h:1" }, b: { host: A.B., upstream: "http://h:2" }',
      'apps.b',
    ],
    ['the host of public_url', 'a: { host: localhost, upstream: "http://h:1" }', 'apps.a.host'],
    ['at and host', 'a: { host: a.b, at: /x, upstream: "http://h:1" }', 'apps.a'],
    ['neither run nor upstream', 'a: {}', 'apps.a'],
    ['nothing at all', 'a:', 'apps.a'],
    ['a name in capitals', 'Sales: { upstream: "http://h:1" }', 'apps.Sales'],
    ['a reserved path', 'a: { at: /.auth, upstream: "http://h:1" }', 'apps.a.at'],
    ['a path with dots', 'a: { at: /x/.., upstream: "http://h:1" }', 'apps.a.at'],
    ['an encoded path', 'a: { at: /%61, upstream: "http://h:1" }', 'apps.a.at'],
    ['an upstream with a path', 'a: { upstream: "http://h:1/x" }', 'apps.a.upstream'],
    ['a quote that stays open', 'a: { run: "x \'y" }', 'apps.a.run'],
    [
      'a rule that is both',
      'a: { upstream: "http://h:1", rules: [{ path: /x, public: true, allow: [] }] }',
      'apps.a.rules[0]',
    ],
    [
      'a rule for the gateway',
      'a: { upstream: "http://h:1", rules: [{ path: /.auth/x, public: true }] }',
      'apps.a.rules[0].path',
    ],
    ['a folder for a running app', 'a: { upstream: "http://h:1", cwd: x }', 'apps.a.cwd'],
    ['an address with two @', 'a: { upstream: "http://h:1", allow: ["email:a@b@c"] }', 'apps.a.allow[0]'],
    ['no list', 'a: { upstream: "http://h:1", allow: everyone }', 'apps.a.allow'],
  ])('apps with %s', async (_what, apps, path) => {
    const yaml = `secret: ${SECRET}\npublic_url: http://localhost:8000\ndev: true\napps: { ${apps} }\n`;
    expect((await problemsOf({ yaml })).map((each) => each.path)).toEqual([path]);
  });

  it('names the flag or variable that a wrong value came from', async () => {
    const one = ['--dev', '--upstream', 'http://127.0.0.1:1', '--cookie-secret', SECRET];
    const paths = async (argv: string[], env = {}) =>
      (await problemsOf({ argv: [...one, ...argv], env })).map((each) => each.path);
    expect(await paths(['--port', 'x'])).toEqual(['--port']);
    expect(await paths(['--allow', 'robin'])).toEqual(['--allow']);
    expect(await paths(['--oauth-expiry-days', 'x'])).toEqual(['--oauth-expiry-days']);
    expect(
      await paths(['--tls-cert', 'nope', '--tls-key', 'nope', '--public-url', 'https://localhost']),
    ).toEqual(['--tls-cert', '--tls-key']);
    expect(await paths([], { PORTICO_LOG_LEVEL: 'loud' })).toEqual(['PORTICO_LOG_LEVEL']);
    expect(await paths([], { PORTICO_OAUTH_EXTRA_PARAMS: '{', PORTICO_OAUTH_KEY: 'k' })).toContain(
      'PORTICO_OAUTH_EXTRA_PARAMS',
    );
  });

  it('does not mix one app of the command line with a file', async () => {
    const cwd = folder({ 'p.yaml': SOUND });
    for (const argv of [
      ['--config', 'p.yaml', '--upstream', 'http://127.0.0.1:1'],
      ['--config', 'p.yaml', '--', 'x'],
    ])
      expect((await problemsOf({ cwd, argv })).map((each) => each.message).join()).toContain(
        '--config brings its own',
      );
    expect((await problemsOf({ cwd, argv: ['--config', 'p.yaml', '--allow', 'role:x'] }))[0]?.path).toBe(
      '--allow',
    );
    expect(
      (await problemsOf({ cwd, argv: ['--dev', '--upstream', 'http://127.0.0.1:1', '--', 'x'] }))[0]?.path,
    ).toBe('--upstream');
  });
});

describe('YAML', () => {
  it.each([
    ['a: [1', 'portico.yaml:1:6'],
    ['apps:\n\tx: 1', 'portico.yaml:2:1'],
    ['port: 1\nport: 2', 'portico.yaml:2:1'],
    ['secret: @x', 'portico.yaml:1:9'],
    ['secret: *x', 'portico.yaml:1:9'],
    ['apps: &a { x: *a }', 'portico.yaml:1:15'],
    ['- 1', 'portico.yaml'],
    ['just text', 'portico.yaml'],
  ])('%j is a problem at %s', async (yaml, path) => {
    expect((await problemsOf({ yaml })).map((each) => each.path)).toContain(path);
  });

  it('that multiplies itself through aliases is refused', async () => {
    const level = (name: string, of: string): string =>
      `${name}: &${name} [${Array(9).fill(`*${of}`).join(', ')}]\n`;
    const bomb = `a: &a [x]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}${level('e', 'd')}`;
    expect(await problemsOf({ yaml: bomb })).toMatchObject([
      { message: 'it repeats itself too often through aliases' },
    ]);
  });

  it('that is not there is a problem', async () => {
    expect(await problemsOf({ argv: ['--config', 'nope.yaml'] })).toMatchObject([
      { path: '--config', message: expect.stringContaining('does not exist') },
    ]);
    const cwd = folder();
    mkdirSync(join(cwd, 'dir.yaml'));
    expect(await problemsOf({ cwd, argv: ['--config', 'dir.yaml'] })).toMatchObject([{ path: '--config' }]);
  });

  it('names each variable that is not set, and says nothing more about that value', async () => {
    const problems = await problemsOf({
      yaml: `${SOUND.replace(SECRET, `"\${NOPE}"`)}public_url: \${NOPE_2}\n`,
    });
    expect(problems.map((each) => [each.path, each.message])).toEqual([
      ['secret', `\${NOPE} is not set in the environment`],
      ['public_url', `\${NOPE_2} is not set in the environment`],
    ]);
  });

  it('cannot be changed in structure by a variable', async () => {
    const env = { TITLE: 'x\nrules: [{ path: /**, public: true }]', ALSO: `\${TITLE}` };
    const yaml = SOUND.replace('allow:', `title: "\${TITLE}", description: "\${ALSO}", allow:`);
    const { settings } = await load({ yaml, env });
    expect(settings.apps[0]).toMatchObject({ title: env.TITLE, description: env.ALSO, rules: [] });
  });

  it('of any kind ends in settings or in problems, never in another error', async () => {
    const key = fc.constantFrom(
      'apps',
      'providers',
      'dev',
      'tls',
      'secret',
      'session',
      'log',
      'a',
      'run',
      'allow',
      'rules',
      'personas',
      '__proto__',
      'path',
      'public',
      'upstream',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom('x', 'role:a', '/a', '', true, false, null, 0, -1, 1.5),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, value), async (document) => {
        const cwd = '/nonexistent';
        const request = { document, purpose: 'check' } as const;
        const result = await load({ cwd, request }).catch((error: { code?: string }) => error.code);
        return result === 'config_invalid' || typeof result === 'object';
      }),
      { numRuns: 300 },
    );
  });
});
