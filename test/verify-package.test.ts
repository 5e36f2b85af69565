import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../packages/gateway/test/login/browser.ts';
import { type GatewayProcess, startGateway } from './gateway-process.ts';
import { blocksOf, PAGES } from './support/docs-pages.ts';
import { environmentWith, findOldNode, ROOT } from './support/node.ts';

const VERIFY = join(ROOT, 'packages', 'verify');
const folder = mkdtempSync(join(tmpdir(), 'portico-verify-'));
const { devDependencies }: { devDependencies: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);
/** What the examples of the documentation import beside the package. */
const FRAMEWORKS = ['express', 'fastify', 'hono', '@types/express'];
let packed: readonly string[] = [];

function run(command: string, args: readonly string[], cwd = folder, node = process.execPath) {
  const shell = process.platform === 'win32';
  return spawnSync(command, args, {
    cwd,
    env: environmentWith(node),
    encoding: 'utf8',
    shell,
    timeout: 120_000,
  });
}

beforeAll(() => {
  const pack = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], VERIFY);
  const report: unknown = JSON.parse(pack.stdout);
  const [entry] = Object.values(report as Record<string, { filename: string; files: { path: string }[] }>);
  packed = entry?.files.map((file) => file.path) ?? [];
  const wanted = FRAMEWORKS.map((name) => `${name}@${devDependencies[name]}`);
  const options = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const install = run('npm', ['install', ...options, join(folder, entry?.filename ?? ''), ...wanted]);
  expect([install.stderr, install.status]).toEqual(['', 0]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('@portico/verify, packed and installed into an empty folder', () => {
  it('holds the program with its types, its licence, and nothing of the workshop', () => {
    const modules = ['index', 'express', 'fastify', 'hono', 'fetch'];
    const needed = modules.flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]);
    expect(packed).toEqual(expect.arrayContaining([...needed, 'package.json', 'README.md', 'LICENSE']));
    expect(packed.filter((path) => /^(src|test)\/|\.portico-build|tsconfig/.test(path))).toEqual([]);
    expect(readFileSync(join(VERIFY, 'LICENSE'), 'utf8')).toBe(readFileSync(join(ROOT, 'LICENSE'), 'utf8'));
  });

  it('brings jose and nothing else', () => {
    const { dependencies } = JSON.parse(readFileSync(join(VERIFY, 'package.json'), 'utf8'));
    expect(Object.keys(dependencies)).toEqual(['jose']);
  });

  const old = findOldNode();
  // A machine whose only Node is new enough cannot show the oldest one; the running one is always tried.
  it.each([process.execPath, ...(old ? [old] : [])])('can be loaded by %s', (node) => {
    const code = `const { bearerVerifier } = await import('@portico/verify');
      for (const name of ['express', 'fastify', 'hono', 'fetch']) await import('@portico/verify/' + name);
      await bearerVerifier({ issuer: 'https://x.example', audience: 'y', jwks: { keys: [] } }).verify('x')
        .catch((error) => console.log(error.code));`;
    const result = run(node, ['--input-type=module', '-e', code], folder, node);
    expect([result.stderr, result.stdout]).toEqual(['', 'invalid_token\n']);
  });

  it('has types under which every example of the documentation is right', () => {
    const documented = PAGES.filter(
      ({ name }) => name === 'docs/verify.md' || name === 'packages/verify/README.md',
    );
    const blocks = documented.flatMap((page) => blocksOf(page, 'ts'));
    expect(blocks.length).toBeGreaterThan(5);
    mkdirSync(join(folder, 'typed'));
    blocks.forEach(({ text }, index) => {
      writeFileSync(join(folder, 'typed', `${index}.ts`), text);
    });
    cpSync(join(ROOT, 'examples/express/server.ts'), join(folder, 'typed', 'server.ts'));
    const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'));
    const { paths: _, ...strict } = compilerOptions;
    const types = join(ROOT, 'node_modules', '@types');
    const tsconfig = { compilerOptions: { ...strict, typeRoots: [types] }, include: ['*.ts'] };
    writeFileSync(join(folder, 'typed', 'tsconfig.json'), JSON.stringify(tsconfig));
    writeFileSync(join(folder, 'typed', 'package.json'), '{"type":"module"}');
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    expect(run(process.execPath, [compiler, '-p', join(folder, 'typed')]).stdout).toBe('');
  });
});

describe('examples/express behind the gateway', () => {
  let gateway: GatewayProcess | undefined;
  let straight: string;

  beforeAll(async () => {
    cpSync(join(ROOT, 'examples/express/server.ts'), join(folder, 'server.ts'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const { PATH = '' } = environmentWith(process.execPath);
    const args = ['serve', '--dev', '--', 'node', 'server.ts'];
    gateway = await startGateway({ args, directory: folder, env: { PATH } });
    const line = await gateway.line(/The API listens on/);
    straight = /http:\/\/[\d.]+:\d+/.exec(line)?.[0] ?? '';
  });
  afterAll(() => gateway?.stop());

  const signedIn = async (who: string) => {
    const browser = new Browser();
    const url = gateway?.url ?? expect.fail('The gateway did not start');
    return { browser, url, page: await browser.signIn(url, who) };
  };

  it('greets who is signed in by the verified name, and shows figures to analysts only', async () => {
    const { browser, url, page } = await signedIn('ada');
    expect(JSON.parse(page.body)).toMatchObject({ hello: 'Ada Admin' });
    expect((await browser.fetch(`${url}/figures`)).status).toBe(200);
    const other = await signedIn('vera');
    const refused = await other.browser.fetch(`${url}/figures`);
    expect([refused.status, JSON.parse(refused.body)['error']]).toEqual([403, 'insufficient_scope']);
  });

  it('believes nobody who reaches it directly, whatever headers they write', async () => {
    const headers = {
      'X-Forwarded-User': 'ada',
      'X-Forwarded-Email': 'ada@example.com',
      'X-MS-CLIENT-PRINCIPAL-NAME': 'ada@example.com',
    };
    const forged = 'eyJhbGciOiJub25lIiwidHlwIjoicG9ydGljbytqd3QifQ.eyJzdWIiOiJhZGEifQ.';
    expect((await fetch(straight, { headers })).status).toBe(401);
    expect((await fetch(straight, { headers: { ...headers, 'Portico-Assertion': forged } })).status).toBe(
      401,
    );
  });
});
