import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatProblems } from '../../src/config/problems.ts';
import { folder, load, problemsOf, SECRET, SOUND } from './loading.ts';

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
    ['apis: [graph]', 'apis'],
    ['apis: { Graph: { url: "https://api.example.com", apps: [sales] } }', 'apis.Graph'],
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
